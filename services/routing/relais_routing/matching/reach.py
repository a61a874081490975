"""How long the way is: estimated minutes by the person's means, from the crow's distance, by integers alone.

An estimate to rank by, not a timetable: whole road and street networks are folded into a speed, a circuity and the
minutes lost before and after. Matching asks one function, `minutes`; a travel-time service would take its place.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from relais_routing.matching.offers import Spot
from relais_territories.distances import COSINES, METRE
from relais_territories.distances import metres as metres_of

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Speed:
    """Kilometres per hour on the way, circuity in per cent (130: 30 % longer than the crow), minutes lost around it."""

    kmh: int
    circuity: int
    lost: int


WALK: Final = Speed(kmh=5, circuity=125, lost=0)
BICYCLE: Final = Speed(kmh=15, circuity=125, lost=2)
COACH: Final = Speed(kmh=40, circuity=130, lost=35)
TRAIN: Final = Speed(kmh=70, circuity=120, lost=40)
ROAD: Final = Speed(kmh=70, circuity=130, lost=12)

SPEEDS: Final[tuple[dict[str, tuple[Speed, ...]], ...]] = (
    {  # countryside: a car is fast; coaches and regional trains are rare, and far from the door
        "walk": (WALK,),
        "bicycle": (BICYCLE,),
        "public-transport": (COACH,),
        "car": (Speed(kmh=55, circuity=130, lost=3), ROAD),
    },
    {  # towns (communautés d'agglomération, or between two cities): a bus every half hour, a station
        "walk": (WALK,),
        "bicycle": (BICYCLE,),
        "public-transport": (Speed(kmh=18, circuity=140, lost=15), COACH, TRAIN),
        "car": (Speed(kmh=40, circuity=130, lost=5), ROAD),
    },
    {  # cities (métropoles, communautés urbaines): metro, tram and frequent buses; cars crawl and look for a place
        "walk": (WALK,),
        "bicycle": (BICYCLE,),
        "public-transport": (Speed(kmh=24, circuity=125, lost=8), COACH, TRAIN),
        "car": (Speed(kmh=28, circuity=135, lost=8), ROAD),
    },
)
"""Speeds by setting and means. Orders of magnitude of door-to-door travel in France; circuity of road networks is
commonly found between 1.2 and 1.4. Changing a number changes decisions: raise `rules.VERSION` with it."""

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
    lost, up, down = _paces(means)
    if home.density:
        setting = np.where(places.epci == home.epci, home.density, np.minimum(places.density, 1))
        taken = lost[:, setting] - crow * up[:, setting] // down[:, setting]
    else:
        taken = lost[:, :1] - crow * up[:, :1] // down[:, :1]
    fastest: Numbers = taken.min(axis=0)
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


@cache
def _paces(means: tuple[str, ...]) -> tuple[Numbers, Numbers, Numbers]:
    """Each speed of some means in a line, settings in columns: minutes lost, and (negative) minutes over metres."""
    lines = [[speed for name in means for speed in speeds[name]] for speeds in SPEEDS]
    longest = max(len(speeds) for speeds in lines)
    filled = [[*speeds, *speeds[:1] * (longest - len(speeds))] for speeds in lines]
    lost = [[speed.lost for speed in speeds] for speeds in filled]
    up = [[-speed.circuity * 60 for speed in speeds] for speeds in filled]
    down = [[speed.kmh * 100_000 for speed in speeds] for speeds in filled]
    return np.array(lost).T.copy(), np.array(up).T.copy(), np.array(down).T.copy()


def estimate(home: Spot, there: Spot, means: tuple[str, ...]) -> int | None:
    """The same for one place, in plain words of one syllable: what `minutes` is held to, and a plain loop would use."""
    if home.latitude is None or home.longitude is None or there.latitude is None or there.longitude is None:
        return 0 if home.commune == there.commune else None
    crow = metres_of(home.latitude, home.longitude, there.latitude, there.longitude)
    speeds = [speed for name in means for speed in SPEEDS[setting(home, there)][name]]
    return min([speed.lost - crow * -speed.circuity * 60 // (speed.kmh * 100_000) for speed in speeds])


def setting(home: Spot, there: Spot) -> int:
    """0 countryside, 1 town, 2 city: the network that both ends share."""
    if home.epci == there.epci:
        return home.density
    return min(home.density, there.density, 1)


BANDS: Final = ("0-15", "15-30", "30-60", "remote", "60+")
"""Reach bands in the usual order; for a person who prefers a distance, `remote` comes first."""

REMOTE: Final = 3


BAND_ENDS: Final = (15, 30, 60)
"""The last minute of each band on site but the last."""


def band(minutes: int) -> int:
    """The band of a way on site: the number in `BANDS`."""
    return (0, 1, 2, 4)[bisect_left(BAND_ENDS, minutes)]
