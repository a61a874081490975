"""Reads polygons of communes (hex WKB) and places a commune on the map.

Used once, when the territory table is built; pure. It never simplifies or stores a shape.
"""

import struct
from binascii import unhexlify
from itertools import pairwise

Point = tuple[float, float]
Ring = list[Point]


def rings(hex_wkb: str) -> list[Ring]:
    """The outer rings of a little-endian WKB Polygon or MultiPolygon, as (longitude, latitude)."""
    data = unhexlify(hex_wkb)
    kind, count = struct.unpack_from("<II", data, 1)
    if kind == 3:
        return [_polygon(data, 0)[0]]
    found, offset = [], 9
    for _ in range(count):
        ring, offset = _polygon(data, offset)
        found.append(ring)
    return found


def _polygon(data: bytes, offset: int) -> tuple[Ring, int]:
    (ring_count,) = struct.unpack_from("<I", data, offset + 5)
    offset += 9
    outer: Ring = []
    for number in range(ring_count):
        (size,) = struct.unpack_from("<I", data, offset)
        offset += 4
        if number == 0:
            values = struct.unpack_from(f"<{2 * size}d", data, offset)
            outer = list(zip(values[::2], values[1::2], strict=True))
        offset += 16 * size
    return outer, offset


def centroid(polygons: list[Ring]) -> Point:
    """The centre of mass of the rings, as (longitude, latitude)."""
    total = x = y = 0.0
    for ring in polygons:
        for (x1, y1), (x2, y2) in pairwise(ring):
            cross = x1 * y2 - x2 * y1
            total += cross
            x += (x1 + x2) * cross
            y += (y1 + y2) * cross
    return x / (3 * total), y / (3 * total)


def contains(polygons: list[Ring], point: Point) -> bool:
    """Whether a point lies inside one of the rings."""
    return any(_inside(ring, point) for ring in polygons)


def _inside(ring: Ring, point: Point) -> bool:
    px, py = point
    inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > py) != (y2 > py) and px < (x2 - x1) * (py - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def point(hex_wkb: str) -> Point:
    """A WKB Point, as (longitude, latitude)."""
    x, y = struct.unpack_from("<2d", unhexlify(hex_wkb), 5)
    return x, y
