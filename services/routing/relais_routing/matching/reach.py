"""How long the way is: estimated minutes by the person's means, from the crow's distance, by integers alone.

An estimate to rank by, not a timetable: whole road and street networks are folded into a speed, a circuity and the
minutes lost before and after. `sweep` asks for its thresholds (`farthest`), everything else for `estimate`; a
travel-time service would take the place of both.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

from relais_routing.matching.offers import Spot
from relais_territories.distances import metres


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

Estimate = Callable[[Spot, Spot, tuple[str, ...]], int | None]


@cache
def paces(means: tuple[str, ...], number: int) -> tuple[tuple[int, int, int], ...]:
    """The speeds of some means in a setting, ready to reckon with: lost minutes, and minutes over metres."""
    speeds = SPEEDS[number]
    return tuple((s.lost, -s.circuity * 60, s.kmh * 100_000) for name in means for s in speeds[name])


@cache
def farthest(means: tuple[str, ...], number: int, minutes: int) -> int:
    """The square of the first metre beyond what some means reach in so many minutes; nought where they reach nothing.

    `estimate` turned round: it grows with the distance, so that comparing squares answers the same.
    """
    reached = [(minutes - lost) * down // -up for lost, up, down in paces(means, number) if lost <= minutes]
    return (max(reached, default=-1) + 1) ** 2


def setting(home: Spot, there: Spot) -> int:
    """0 countryside, 1 town, 2 city: the network that both ends share."""
    if home.epci == there.epci:
        return home.density
    return min(home.density, there.density, 1)


def estimate(home: Spot, there: Spot, means: tuple[str, ...]) -> int | None:
    """Whole minutes one way, rounded up, by the fastest of the person's means; none where a place is unknown.

    In one's own commune an unknown place counts as nought. Whether a road leads there at all is `is_reachable`'s.
    """
    if home.latitude is None or home.longitude is None or there.latitude is None or there.longitude is None:
        return 0 if home.commune == there.commune else None
    crow = metres(home.latitude, home.longitude, there.latitude, there.longitude)
    return min([lost - crow * up // down for lost, up, down in paces(means, setting(home, there))])


BANDS: Final = ("0-15", "15-30", "30-60", "remote", "60+")
"""Reach bands in the usual order; for a person who prefers a distance, `remote` comes first."""

REMOTE: Final = 3


def band(minutes: int) -> int:
    """The band of a way on site: the number in `BANDS`."""
    return 0 if minutes <= 15 else 1 if minutes <= 30 else 2 if minutes <= 60 else 4
