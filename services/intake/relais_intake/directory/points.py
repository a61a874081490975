"""Whether a point can be in the commune it is said to be in: not in the sea, not the wrong way round, not elsewhere.

Used by the checks. It knows the middles of communes, no borders, so it refuses only what is certainly wrong.
"""

from functools import cache
from typing import Final

from relais_contracts.directory import At
from relais_territories import FRANCE, Commune
from relais_territories.distances import metres

FURTHEST_METRES: Final = 60_000
"""From a commune's middle to a point in it; the largest communes of the mainland are some 40 km across."""
FURTHEST_IN_GUYANE: Final = 200_000
"""Maripasoula's town is 80 km from the middle of its 18,360 km²."""
NOBODY_METRES: Final = 20_000
"""Outside Guyane no point on land is further from every commune's middle: 17.5 km at most, in the Camargue."""
NEAR_METRES: Final = 3_000
"""So near to the middle it is in no sea."""
GUYANE: Final = "973"
_CELL: Final = 25_000
"""Hundred-thousandths of a degree: a quarter of a degree, 28 km north and 17 km east at least in France."""

Point = tuple[int, int]


def wrong_with(at: At, commune: Commune) -> str | None:
    """What cannot be about a point said to lie in a commune; none where it may."""
    point = _point(at.latitude, at.longitude)
    if point == (0, 0):
        return "0, 0 is a point in the Gulf of Guinea; leave the point out where it is not known"
    if commune.latitude is None or commune.longitude is None:
        nearest = nearest_to(point)
        if nearest is not None and nearest.departement != commune.departement:
            return f"this point is in {nearest.name} ({nearest.departement}), not in {commune.name}"
        return None
    away = metres(commune.latitude, commune.longitude, *point)
    if away <= NEAR_METRES:
        return None
    furthest = FURTHEST_IN_GUYANE if commune.departement == GUYANE else FURTHEST_METRES
    if away > furthest:
        if metres(commune.latitude, commune.longitude, point[1], point[0]) <= furthest:
            return "latitude and longitude are the wrong way round"
        return f"this point is {away // 1000} km away from {commune.name}"
    if commune.departement != GUYANE and nearest_to(point) is None:
        return f"this point is in the sea or abroad, {away // 1000} km away from {commune.name}"
    return None


def nearest_to(point: Point) -> Commune | None:
    """The commune whose middle is nearest, if one is within `NOBODY_METRES`."""
    best: tuple[int, str] | None = None
    row, column = point[0] // _CELL, point[1] // _CELL
    for cell in ((row + north, column + east) for north in (-1, 0, 1) for east in (-2, -1, 0, 1, 2)):
        for latitude, longitude, code in _cells().get(cell, ()):
            away = metres(latitude, longitude, *point)
            if away <= NOBODY_METRES and (best is None or (away, code) < best):
                best = away, code
    return FRANCE.commune(best[1]) if best else None


def _point(latitude: float, longitude: float) -> Point:
    return round(latitude * 100_000), round(longitude * 100_000)


@cache
def _cells() -> dict[Point, list[tuple[int, int, str]]]:
    cells: dict[Point, list[tuple[int, int, str]]] = {}
    for commune in FRANCE.communes():
        if commune.latitude is not None and commune.longitude is not None:
            cell = commune.latitude // _CELL, commune.longitude // _CELL
            cells.setdefault(cell, []).append((commune.latitude, commune.longitude, commune.code))
    return cells
