"""`room` asked of a whole block at once, by the same integers: who has room on a day, and how much.

Between the columns of the block and `sweep`. It keeps the counts it used, so that whoever looks again sees the same.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from relais_routing.matching.columns import COUNT, COUNTED, PLACE, ROOM, SESSION, SEVERAL, STARTS, UNCOUNTED
from relais_routing.matching.reach import Numbers
from relais_routing.matching.room import FULL
from relais_routing.matching.table import Block
from relais_routing.matching.taken import Taken, key_of


class Rooms(NamedTuple):
    """The state of each room, its free places (`UNCOUNTED`: nobody counts), and what was taken of places looked at."""

    states: Numbers
    free: Numbers
    taken: Mapping[str, int]


def rooms(block: Block, day: int, taken: Taken) -> Rooms:
    """The rooms of a block on a day (its ordinal)."""
    columns, touched = block.columns, dict[str, int]()
    states, free = columns[ROOM], columns[COUNT]
    if block.some & COUNTED:
        counted = block.having(COUNTED)
        places, counts = columns[PLACE][counted], free[counted]
        gone = taken.column[places]
        touched |= _touched(places, gone, counts)
        free, states = free.copy(), states.copy()
        free[counted] = left = np.maximum(counts - gone, 0)
        states[counted[left == 0]] = FULL
    if block.some & SESSION:
        states = np.where(columns[STARTS] < day, FULL, states)
    if block.some & SEVERAL:
        several = block.having(SEVERAL)
        states, free = states.copy(), free.copy()
        states[several], free[several], more = _of_several(block.several, day, taken)
        touched |= more
    return Rooms(states, free, touched)


def _touched(places: Numbers, gone: Numbers, counts: Numbers) -> dict[str, int]:
    """What was taken of places that are counted."""
    touched = ((gone > 0) & (counts >= 0)).nonzero()[0]
    numbers, counted = places[touched].tolist(), gone[touched].tolist()
    return {key_of(number): count for number, count in zip(numbers, counted, strict=True)}


def _of_several(lines: Numbers, day: int, taken: Taken) -> tuple[Numbers, Numbers, dict[str, int]]:
    """The best room of offers with several places: the free places of its best state add up."""
    starts, states, counts, places = lines.transpose(2, 1, 0).copy()
    gone = taken.column.take(places, mode="clip")
    free = np.maximum(counts - gone, np.minimum(counts, 0))
    states = np.where((free == 0) | (starts < day), FULL, states)
    best = np.minimum.reduce(states)
    among = (states == best) & (starts >= day)
    uncounted = np.logical_or.reduce(among & (free == UNCOUNTED))
    total = np.where(uncounted, UNCOUNTED, np.add.reduce(among * free))
    return best, total, _touched(places.ravel(), gone.ravel(), counts.ravel())
