"""Whether a point can be in the commune it is said to be in: not in the sea, not the wrong way round, not elsewhere.

Used by the checks, and by adapters to say what looks odd. It knows the communes' outlines roughly, by how far they
reach in sixteen directions, so it refuses only what is certainly wrong.
"""

from typing import Final

from relais_contracts.directory import At
from relais_territories import FRANCE, Commune
from relais_territories.distances import metres
from relais_territories.outlines import OUTSIDE, Point, beyond, commune_at

FURTHEST_OUTSIDE: Final = 5_000
"""Metres outside the outline of its commune where a point is taken. In the real files no point is outside at all but
those 360 km away and more; the next town's post code may be meant."""
FURTHEST_UNKNOWN: Final = 40_000
"""Metres from the middle where no outline is known; Miquelon-Langlade is 40 km long."""


def wrong_with(at: At, commune: Commune) -> str | None:
    """What cannot be about a point said to lie in a commune; none where it may."""
    point = _point(at)
    if point == (0, 0):
        return "0, 0 is a point in the Gulf of Guinea; leave the point out where it is not known"
    outside = _outside(commune, point)
    if outside is None:
        land = commune_at(FRANCE, point)
        if land is not None and land.departement != commune.departement:
            return f"this point is in {land.name} ({land.departement}), not in {commune.name}"
        return None
    if outside <= OUTSIDE:
        return None
    turned = _outside(commune, (point[1], point[0]))
    if turned is not None and turned <= FURTHEST_OUTSIDE:
        return "latitude and longitude are the wrong way round"
    if commune_at(FRANCE, point) is None:
        return f"this point is in the sea or abroad, {_away(commune, point)} km away from {commune.name}"
    if outside > FURTHEST_OUTSIDE:
        return f"this point is {_away(commune, point)} km away from {commune.name}"
    return None


def odd_about(at: At, commune: Commune) -> str | None:
    """In which other commune a point lies, where that is not even one of the same EPCI; none where it may be right."""
    outside = beyond(commune, _point(at))
    if outside is None or outside <= 0:
        return None
    land = commune_at(FRANCE, _point(at))
    if land is None or land.epci == commune.epci:
        return None
    return f"this point is in {land.name} ({land.code}), not in {commune.name}"


def _outside(commune: Commune, point: Point) -> int | None:
    """Metres outside the outline, or outside the circle that stands for one; none where not even a middle is known."""
    outside = beyond(commune, point)
    if outside is None and commune.latitude is not None and commune.longitude is not None:
        return metres(commune.latitude, commune.longitude, *point) - FURTHEST_UNKNOWN
    return outside


def _away(commune: Commune, point: Point) -> int:
    assert commune.latitude is not None
    assert commune.longitude is not None
    return metres(commune.latitude, commune.longitude, *point) // 1000


def _point(at: At) -> Point:
    return round(at.latitude * 100_000), round(at.longitude * 100_000)
