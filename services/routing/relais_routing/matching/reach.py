"""How long the way is: estimated minutes by the person's means, from the crow's distance, by integers alone.

An estimate to rank by, not a timetable: whole road and street networks are folded into a speed, a circuity and the
minutes lost before and after. Matching asks one function, `minutes`; a travel-time service would take its place.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import lcm
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from relais_routing.matching.offers import Spot
from relais_territories.distances import COSINES, METRE
from relais_territories.distances import metres as metres_of

Numbers = npt.NDArray[np.signedinteger[Any]]


@dataclass(frozen=True, slots=True)
class Speed:
    """Kilometres per hour on the way, circuity in per cent (130: 30 % longer than the crow), minutes lost around it."""

    kmh: int
    circuity: int
    lost: int


WALK: Final = Speed(kmh=5, circuity=125, lost=0)
BICYCLE: Final = Speed(kmh=15, circuity=125, lost=2)
ROAD: Final = Speed(kmh=70, circuity=130, lost=12)
MOTORWAY: Final = Speed(kmh=100, circuity=125, lost=18)
COACH: Final = Speed(kmh=40, circuity=130, lost=35)
TRAIN: Final = Speed(kmh=90, circuity=120, lost=30)

SPEEDS: Final[tuple[dict[str, tuple[Speed, ...]], ...]] = (
    {  # countryside: a car is fast; coaches and regional trains are rare, and far from the door
        "walk": (WALK,),
        "bicycle": (BICYCLE,),
        "public-transport": (COACH,),
        "car": (Speed(kmh=55, circuity=130, lost=3), ROAD),
    },
    {  # towns (communautés d'agglomération, or between two cities): a bus every half hour, a station, a motorway
        "walk": (WALK,),
        "bicycle": (BICYCLE,),
        "public-transport": (Speed(kmh=18, circuity=140, lost=15), TRAIN),
        "car": (Speed(kmh=40, circuity=130, lost=5), ROAD, MOTORWAY),
    },
    {  # cities (métropoles, communautés urbaines): metro, tram and frequent buses; cars crawl and look for a place
        "walk": (WALK,),
        "bicycle": (BICYCLE,),
        "public-transport": (Speed(kmh=24, circuity=125, lost=10), TRAIN),
        "car": (Speed(kmh=28, circuity=135, lost=8), ROAD),
    },
    {  # mountain islands, outside one's own town: roads wind, main roads run around or over a pass; no motorway
        "walk": (WALK,),
        "bicycle": (BICYCLE,),
        "public-transport": (Speed(kmh=40, circuity=150, lost=35),),
        "car": (Speed(kmh=50, circuity=155, lost=3), Speed(kmh=80, circuity=125, lost=55)),
    },
)
"""Speeds by setting and means. Orders of magnitude of door-to-door travel in France, held to come within a third of
the real time of well-known trips (tests/routing/test_known_answers.py names them). Changing a number changes
decisions: raise `rules.VERSION` with it."""

MOUNTAINS: Final = 3
"""The setting of mountain islands."""


class Box(NamedTuple):
    """A piece of the map, in hundred-thousandths of a degree, its edges inside."""

    south: int
    north: int
    west: int
    east: int

    def has(self, latitude: int, longitude: int) -> bool:
        """Whether a place lies in it."""
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east


MOUNTAIN_ISLANDS: Final = (
    Box(4_130_000, 4_310_000, 850_000, 970_000),  # Corse
    Box(1_580_000, 1_660_000, -6_190_000, -6_100_000),  # Guadeloupe
    Box(1_430_000, 1_500_000, -6_130_000, -6_070_000),  # Martinique
)
"""Where main roads wind too: told by the map, since it is about the ground. No other land of France lies in these
boxes. La Réunion is not among them: a dual carriageway runs around it."""

UNKNOWN: Final = -1
"""Minutes where nobody can tell."""


class Home(NamedTuple):
    """Where somebody sets out from: latitude and longitude in hundred-thousandths of a degree, codes, density."""

    place: tuple[int, int] | None
    commune: int
    epci: int
    density: int


class Places(NamedTuple):
    """Where offers are, in columns: as `Home`; `unplaced` tells which are not on the map (none: all are)."""

    latitude: Numbers
    longitude: Numbers
    commune: Numbers
    epci: Numbers
    density: Numbers
    unplaced: npt.NDArray[np.bool_] | None


Travel = Callable[[Home, Places, tuple[str, ...]], Numbers]
"""From a home to many places by some means: whole minutes one way, or `UNKNOWN`. Whether a road leads there at all is
`is_reachable`'s."""


def minutes(home: Home, places: Places, means: tuple[str, ...]) -> Numbers:
    """Whole minutes one way, rounded up, by the fastest of the person's means.

    In one's own commune an unknown place counts as nought.
    """
    if home.place is None:
        return np.where(places.commune == home.commune, 0, UNKNOWN)
    crow = _crow(home.place, places)
    lost, paces = _lines(means)
    mountains = MOUNTAINS if is_mountainous(*home.place) else 0
    if home.density:
        settings = np.where(places.epci == home.epci, home.density, mountains or np.minimum(places.density, 1))
        parts = lost.take(settings, axis=1) + crow * paces.take(settings, axis=1)
    else:
        parts = lost[:, mountains, None] + crow * paces[:, mountains, None]
    fastest: Numbers = -(parts.min(axis=0) // -PARTS)
    if places.unplaced is not None:
        own = np.where(places.commune == home.commune, 0, UNKNOWN)
        fastest = np.where(places.unplaced, own, fastest)
    return fastest


_COSINE: Final = np.array(COSINES, np.int64)


def _crow(place: tuple[int, int], places: Places) -> Numbers:
    """The crow's metres, as `relais_territories.metres` reckons them. Squares stay below 2^53: the root is exact."""
    north = (places.latitude - place[0]) * METRE // 1000
    middle = np.abs(places.latitude + place[0]) // 20_000
    east = (places.longitude - place[1]) * METRE * _COSINE[middle] // 1_000_000_000
    metres: Numbers = np.sqrt((north * north + east * east).astype(np.float64)).astype(np.int64)
    return metres


PARTS: Final = 100_000 * lcm(*(speed.kmh for speeds in SPEEDS for several in speeds.values() for speed in several))
"""Parts of a minute in which every speed is whole, so that the fastest is found before anything is divided."""


@cache
def _lines(means: tuple[str, ...]) -> tuple[Numbers, Numbers]:
    """Each speed of some means in a line, settings in columns: parts of a minute lost, and parts for each metre."""
    lines = [[speed for name in means for speed in speeds[name]] for speeds in SPEEDS]
    longest = max(len(speeds) for speeds in lines)
    filled = [[*speeds, *speeds[:1] * (longest - len(speeds))] for speeds in lines]
    lost = [[speed.lost * PARTS for speed in speeds] for speeds in filled]
    paces = [[speed.circuity * 60 * PARTS // (speed.kmh * 100_000) for speed in speeds] for speeds in filled]
    return np.array(lost).T.copy(), np.array(paces).T.copy()


def estimate(home: Spot, there: Spot, means: tuple[str, ...]) -> int | None:
    """The same for one place, in plain words of one syllable: what `minutes` is held to, and a plain loop would use."""
    if home.latitude is None or home.longitude is None or there.latitude is None or there.longitude is None:
        return 0 if home.commune == there.commune else None
    crow = metres_of(home.latitude, home.longitude, there.latitude, there.longitude)
    speeds = [speed for name in means for speed in SPEEDS[setting(home, there)][name]]
    return min([speed.lost - crow * -speed.circuity * 60 // (speed.kmh * 100_000) for speed in speeds])


def setting(home: Spot, there: Spot) -> int:
    """0 countryside, 1 town, 2 city: the network that both ends share; 3 across a mountain island."""
    if home.epci == there.epci and home.density:
        return home.density
    if home.latitude is not None and home.longitude is not None and is_mountainous(home.latitude, home.longitude):
        return MOUNTAINS
    return min(home.density, there.density, 1)


def is_mountainous(latitude: int, longitude: int) -> bool:
    """Whether a place lies on a mountain island."""
    return any(island.has(latitude, longitude) for island in MOUNTAIN_ISLANDS)


BANDS: Final = ("0-15", "15-30", "30-60", "remote", "60+")
"""Reach bands in the usual order; for a person who prefers a distance, `remote` comes first."""

REMOTE: Final = 3


BAND_ENDS: Final = (15, 30, 60)
"""The last minute of each band on site but the last."""


def band(minutes: int) -> int:
    """The band of a way on site: the number in `BANDS`."""
    return (0, 1, 2, 4)[bisect_left(BAND_ENDS, minutes)]
