"""The geometry by which the table was built: shapes are read, centred and asked."""

import importlib.util
import struct
from pathlib import Path

spec = importlib.util.spec_from_file_location(
    "geometry", Path(__file__).resolve().parents[2] / "deploy/territories/geometry.py"
)
assert spec
assert spec.loader
geometry = importlib.util.module_from_spec(spec)
spec.loader.exec_module(geometry)

SQUARE = [(0.0, 0.0), (4.0, 0.0), (4.0, 2.0), (0.0, 2.0), (0.0, 0.0)]
HOLE = [(1.0, 1.0), (2.0, 1.0), (1.0, 1.5), (1.0, 1.0)]


def polygon(*rings: list[tuple[float, float]]) -> bytes:
    body = b"".join(struct.pack("<I", len(r)) + b"".join(struct.pack("<2d", *p) for p in r) for r in rings)
    return struct.pack("<BII", 1, 3, len(rings)) + body


def test_polygons_and_multipolygons_give_their_outer_rings() -> None:
    assert geometry.rings(polygon(SQUARE, HOLE).hex()) == [SQUARE]
    several = struct.pack("<BII", 1, 6, 2) + polygon(SQUARE, HOLE) + polygon(HOLE)
    assert geometry.rings(several.hex()) == [SQUARE, HOLE]


def test_a_shape_has_a_centre_and_an_inside() -> None:
    assert geometry.centroid([SQUARE]) == (2.0, 1.0)
    assert geometry.contains([SQUARE], (1.0, 1.0))
    assert not geometry.contains([SQUARE], (5.0, 1.0))
    assert geometry.point(struct.pack("<BI2d", 1, 1, 5.22, 46.63).hex()) == (5.22, 46.63)
