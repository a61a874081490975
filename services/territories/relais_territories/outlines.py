"""What is kept of the outlines of communes: how far each reaches from its middle, in sixteen directions.

Intake asks it whether a point can lie in a commune, or on land at all. A bay within one commune is land to it.
"""

import gzip
import math
from array import array
from functools import cache
from importlib.resources import files
from typing import Final

from relais_territories.commune import Commune
from relais_territories.distances import COSINES, METRE, metres
from relais_territories.france import France

DIRECTIONS: Final = 16
STEP: Final = 250
"""Metres in which a reach is kept, rounded up."""
OUTSIDE: Final = 1_000
"""Metres outside its outline in which a commune can still be found."""
_CELL: Final = 10_000
"""Hundred-thousandths of a degree."""

Point = tuple[int, int]
"""Latitude and longitude in hundred-thousandths of a degree."""


def towards(middle: Point, point: Point) -> int:
    """The direction in which a point lies: 0 begins at north, 4 at east."""
    east = (point[1] - middle[1]) * COSINES[abs(middle[0] + point[0]) // 20_000] / 1_000_000
    return math.floor(math.atan2(east, point[0] - middle[0]) / math.tau * DIRECTIONS) % DIRECTIONS


def beyond(commune: Commune, point: Point) -> int | None:
    """Metres from the commune's outline to a point outside it, seen from its middle; negative inside.

    None where no outline is kept: in the Pacific, Saint-Pierre-et-Miquelon, Saint-Barthélemy and Saint-Martin, and for
    four communes of Cantal that left a merger since.
    """
    reaches = outlines().get(commune.code)
    if reaches is None or commune.latitude is None or commune.longitude is None:
        return None
    middle = commune.latitude, commune.longitude
    return metres(*middle, *point) - reaches[towards(middle, point)] * STEP


def commune_at(france: France, point: Point) -> Commune | None:
    """The commune in whose outline, or within `OUTSIDE` of it, a point lies; of several the one of the nearest middle.

    None at sea, abroad, and where no outlines are kept.
    """
    near = (france.commune(code) for code in _cells(france).get((point[0] // _CELL, point[1] // _CELL), ()))
    found = [
        (metres(one.latitude, one.longitude, *point), one.code)
        for one in near
        if one and one.latitude is not None and one.longitude is not None and (beyond(one, point) or 0) <= OUTSIDE
    ]
    return france.commune(min(found)[1]) if found else None


@cache
def outlines() -> "dict[str, array[int]]":
    """Steps by direction and commune; read once."""
    packed = files("relais_territories").joinpath("data/outlines.tsv.gz").read_bytes()
    rows = (row.partition("\t") for row in gzip.decompress(packed).decode().splitlines())
    return {code: array("H", map(int, steps.split())) for code, _, steps in rows}


@cache
def _cells(france: France) -> dict[Point, list[str]]:
    """Which communes may reach into a cell."""
    cells: dict[Point, list[str]] = {}
    for code, reaches in outlines().items():
        commune = france.commune(code)
        if commune is None or commune.latitude is None or commune.longitude is None:
            continue
        north = (max(reaches) * STEP + OUTSIDE) * 1_000 // METRE
        east = north * 1_000_000 // COSINES[min(abs(commune.latitude) + north, 8_900_000) // 10_000]
        for row in range((commune.latitude - north) // _CELL, (commune.latitude + north) // _CELL + 1):
            for column in range((commune.longitude - east) // _CELL, (commune.longitude + east) // _CELL + 1):
                cells.setdefault((row, column), []).append(code)
    return cells
