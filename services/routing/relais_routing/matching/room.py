"""Whether an offer has room today, and how many places are free.

From what partners declare, less what is proposed or accepted since. It reserves nothing: the routing transaction does.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple

from relais_routing.matching.listed import Places
from relais_routing.matching.offers import Offer

ROOMS: Final = ("open", "assessment", "waiting-list", "full")
"""In order of preference: who can start comes before who is assessed first, and that before who waits."""

FULL: Final = 3
STATES: Final = {name: number for number, name in enumerate(ROOMS)}


class Room(NamedTuple):
    """The room of an offer: its state's number in `ROOMS`, free places (none: not counted), what to reserve on."""

    state: int
    free: int | None
    place: str | None


MOST: Final = 20
"""Tickets of one offer at most: how many places are free is the partner's own word."""


def tickets(free: int | None) -> int:
    """Tickets in the draw: the free places up to `MOST`, or one where they are not counted."""
    return min(free or 1, MOST)


UNCOUNTED: Final = Room(0, None, None)


def room_of(offer: Offer, today: date, taken: Mapping[str, int]) -> Room:
    """The best room of an offer: of its sessions to come and its undated places.

    `taken` counts, by place key, what is still proposed or was accepted after the number was declared.
    Free places of the best state add up; the earliest of them is the one to reserve on.
    """
    if not offer.places:
        return UNCOUNTED
    rooms = [_one(each, taken) for each in offer.places if each.starts is None or each.starts >= today]
    if len(rooms) == 1:
        return rooms[0]
    if not rooms:
        return Room(FULL, 0, None)
    state = min(room.state for room in rooms)
    best = [room for room in rooms if room.state == state]
    counted = [room.free for room in best if room.free is not None]
    return Room(state, sum(counted) if len(counted) == len(best) else None, best[0].place)


def _one(places: Places, taken: Mapping[str, int]) -> Room:
    key, state = places.key, STATES[places.state]
    if places.counted is None:
        return Room(state, None, key)
    free = max(0, places.counted - taken.get(key, 0))
    return Room(state if free else FULL, free, key)
