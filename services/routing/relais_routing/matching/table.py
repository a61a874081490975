"""The table of all offers, and the blocks that are cut out of it: some offers with their columns, at one moment.

The index keeps the table, each match cuts a block and `sweep` reads it. A block never changes, whatever becomes of the
table.
"""

from collections.abc import Sequence
from typing import Final, cast
from weakref import WeakSet

import numpy as np

from relais_routing.matching.columns import (
    COLUMNS,
    COMMUNE,
    DENSITY,
    EPCI,
    FLAGS,
    LATITUDE,
    LONGITUDE,
    PLACE,
    UNCOUNTED,
    UNPLACED,
    Bits,
    Objects,
    Place,
    place_of,
)
from relais_routing.matching.draw import Labels, labels
from relais_routing.matching.offers import Offer
from relais_routing.matching.reach import Numbers, Places
from relais_routing.matching.room import FULL


class Block:
    """Offers and their columns; flags that `some` and that `all` have.

    `slots` are their numbers in the table, `several` the lines of those with several places, in order. The offers
    themselves lie all over the memory: they are fetched when somebody asks, and all of them before the table changes.
    """

    __slots__ = ("__weakref__", "_found", "_table", "all", "columns", "several", "slots", "some")

    def __init__(self, table: "Table", slots: Numbers, columns: Numbers, several: Numbers) -> None:
        self.slots, self.columns, self.several = slots, columns, several
        self.some = int(np.bitwise_or.reduce(columns[FLAGS]))
        self.all = int(np.bitwise_and.reduce(columns[FLAGS]))
        self._table = table
        self._found: tuple[Objects, Labels] | None = None

    def __len__(self) -> int:
        return len(self.slots)

    @property
    def offers(self) -> Sequence[Offer]:
        """The offers, in order."""
        return cast("Sequence[Offer]", self.settle()[0])

    def offer(self, number: int) -> Offer:
        """One of them."""
        if self._found is None:
            return self._table.offer(int(self.slots[number]))
        return cast("Offer", self._found[0][number])

    def labels(self, numbers: Numbers) -> Labels:
        """What some of them put into a draw."""
        return self._table.labels(self.slots[numbers]) if self._found is None else self._found[1][numbers]

    def settle(self) -> tuple[Objects, Labels]:
        """Fetches all there is to fetch; whatever becomes of the table, the block stays as it is."""
        if self._found is None:
            self._found = self._table.fetch(self.slots)
        return self._found

    @property
    def places(self) -> Places:
        """Where the offers are."""
        columns = self.columns
        unplaced = columns[FLAGS] & UNPLACED != 0 if self.some & UNPLACED else None
        latitude, longitude = columns[LATITUDE : LONGITUDE + 1].astype(np.int64)
        return Places(latitude, longitude, columns[COMMUNE], columns[EPCI], columns[DENSITY], unplaced)

    def flagged(self, flag: int) -> Bits:
        """Who has a flag."""
        found: Bits = self.columns[FLAGS] & flag != 0
        return found

    def having(self, flag: int) -> Numbers:
        """The numbers of the offers with one of these flags."""
        return (self.columns[FLAGS] & flag).nonzero()[0] if self.some & flag else NONE


NONE: Final = np.empty(0, np.int64)


NEVER: Final[Place] = (0, FULL, UNCOUNTED, 0)
"""Fills the line of an offer with fewer places than others: a session long over."""


class Several:
    """The places of offers that declare several, a line each: all as wide as the widest needs."""

    def __init__(self) -> None:
        self._lines: Numbers = np.empty((16, 2, len(NEVER)), np.int32)
        self._free = list(range(16))

    def put(self, places: Sequence[Place]) -> int:
        """Adds a line."""
        height, width, _ = self._lines.shape
        if not self._free:
            self._lines = np.concatenate([self._lines, np.empty_like(self._lines)])
            self._free = list(range(height, 2 * height))
        if len(places) > width:
            wider = np.full((len(self._lines), len(places) - width, len(NEVER)), NEVER, np.int32)
            self._lines = np.concatenate([self._lines, wider], axis=1)
        line = self._free.pop()
        self._lines[line] = NEVER
        self._lines[line, : len(places)] = places
        return line

    def drop(self, line: int) -> None:
        """Takes a line out."""
        self._free.append(line)

    def lines(self, numbers: Numbers) -> Numbers:
        """Some lines, as they stand."""
        return self._lines.take(numbers, 0)


class Table:
    """All offers, each in a slot; slots given back are used again."""

    def __init__(self) -> None:
        self._offers: Objects = np.empty(64, np.object_)
        self._rows: Numbers = np.zeros((64, COLUMNS), np.int32)
        self._labels: Labels = np.zeros((64, 2), np.uint64)
        self._several = Several()
        self._free: list[int] = []
        self._used = 0
        self._given: WeakSet[Block] = WeakSet()
        """Blocks that still fetch their offers here."""

    def put(self, offer: Offer, row: Sequence[int], slot: int | None = None) -> int:
        """Adds an offer, or another view of the one in a slot; its slot."""
        self._settle()
        if slot is None:
            slot = self._free.pop() if self._free else self._used
            self._used = max(self._used, slot + 1)
        else:
            self._drop_places(slot)
        if slot == len(self._offers):
            self._offers = np.concatenate([self._offers, np.empty_like(self._offers)])
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
            self._labels = np.concatenate([self._labels, np.zeros_like(self._labels)])
        self._offers[slot] = offer
        self._rows[slot] = row
        self._labels[slot] = labels((offer.offer,))[0]
        if len(offer.places) > 1:
            self._rows[slot, PLACE] = ~self._several.put([place_of(each) for each in offer.places])
        return slot

    def drop(self, slot: int) -> None:
        """Takes an offer out."""
        self._settle()
        self._drop_places(slot)
        self._offers[slot] = None
        self._free.append(slot)

    def offer(self, slot: int) -> Offer:
        """The offer in a slot."""
        found: Offer = self._offers[slot]
        return found

    def labels(self, slots: Numbers) -> Labels:
        """What the offers in some slots put into a draw."""
        return self._labels.take(slots, 0)

    def fetch(self, slots: Numbers) -> tuple[Objects, Labels]:
        """The offers in some slots, and their labels."""
        return self._offers.take(slots), self.labels(slots)

    def block(self, slots: Numbers) -> Block:
        """The block of some slots, as they stand."""
        columns: Numbers = self._rows.take(slots, 0).T.copy()
        block = Block(self, slots, columns, self._lines(columns))
        self._given.add(block)
        return block

    def _lines(self, columns: Numbers) -> Numbers:
        places = columns[PLACE]
        return self._several.lines(~places[places < 0])

    def _settle(self) -> None:
        for block in self._given:
            block.settle()
        self._given.clear()

    def _drop_places(self, slot: int) -> None:
        place = int(self._rows[slot, PLACE])
        if place < 0:
            self._several.drop(~place)
