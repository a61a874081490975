"""Offers as columns of integers, so that the rules can be asked of all the offers of a zone at once.

The index keeps a table of all and cuts a block out of it for each match; `sweep` reads it. A block never changes.
Codes are numbers given to names in order of arrival: they are compared for equality alone and leave no trace in a
choice.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, cast, get_args
from weakref import WeakSet

import numpy as np
import numpy.typing as npt

from relais_contracts.vocabularies import Audience
from relais_routing.matching.draw import Labels, labels
from relais_routing.matching.listed import Places as Declared
from relais_routing.matching.offers import Offer, Spot
from relais_routing.matching.reach import Home, Numbers, Places
from relais_routing.matching.room import FULL, STATES
from relais_routing.matching.taken import number_of

Bits = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]

COLUMNS: Final = 18
LATITUDE, LONGITUDE, COMMUNE, LAND, EPCI, DENSITY, AUDIENCES, PARTNER, GROUP, *_AFTER = range(COLUMNS)
OPENS, ENDS, SHUTS, REOPENS, STARTS, ROOM, COUNT, PLACE, FLAGS = _AFTER
"""The columns. Between `SHUTS` and `REOPENS` lie all closures and suspensions.

Of the one place that an offer declares: the day its session starts (far away: none), the state of its room, how many
are free (`UNCOUNTED`: nobody counts), the number of its key. Where there are several, `PLACE` is the
complement (below nought) of their line among the `several`.
"""
UNCOUNTED: Final = -1

IN_PERSON, REMOTE, ROME, FORMACODE, COUNTED, SESSION, SEVERAL, SHUT, DATED, UNPLACED, UNREFERRED, CHOOSY, ALIKE = (
    1 << bit for bit in range(13)
)
"""Flags: ways, specialities; a place that is counted, of one session, or several places; closures or suspensions;
first or last day; no place on the map; not to be referred to; for some publics only; like another source's."""

EVERYBODY: Final = 1
PUBLICS: Final[dict[str, int]] = {name: 2 << number for number, name in enumerate(get_args(Audience))}


def publics(audiences: Iterable[str]) -> int:
    """A set of audiences in bits; what one welcomes and what one is share a bit where they meet."""
    bits = 0
    for audience in audiences:
        bits |= PUBLICS[audience]
    return bits


class Codes:
    """Numbers for names, the same name the same number."""

    def __init__(self) -> None:
        self._known: dict[str | None, int] = {}

    def of(self, name: str | None) -> int:
        """The number of a name, a new one if need be."""
        return self._known.setdefault(name, len(self._known))

    def known(self, name: str | None) -> int:
        """The number of a name; -1, which nobody has, where it was never given."""
        return self._known.get(name, -1)

    def home(self, spot: Spot) -> Home:
        """Where somebody sets out from."""
        place = None if spot.latitude is None or spot.longitude is None else (spot.latitude, spot.longitude)
        return Home(place, self.known(spot.commune), self.known(spot.epci), spot.density)

    def row(self, offer: Offer) -> tuple[int, ...]:
        """The columns of an offer, but for the line of several places."""
        spot = offer.spot
        one = offer.places[0] if len(offer.places) == 1 else None
        counted, shut = one.counted if one else None, (*offer.closures, *offer.suspensions)
        flags = (
            IN_PERSON * offer.in_person
            | REMOTE * offer.remote
            | ROME * bool(offer.rome)
            | FORMACODE * bool(offer.formacode)
            | COUNTED * (counted is not None)
            | SESSION * (one is not None and one.starts is not None)
            | SEVERAL * (len(offer.places) > 1)
            | SHUT * bool(shut)
            | DATED * ((offer.open_from, offer.open_until) != (date.min, date.max))
            | UNPLACED * (spot.latitude is None)
            | UNREFERRED * (not offer.referred)
            | CHOOSY * bool(offer.audiences)
            | ALIKE * bool(offer.alike)
        )
        return (
            spot.latitude or 0,
            spot.longitude or 0,
            self.of(spot.commune),
            self.of(spot.land),
            self.of(spot.epci),
            spot.density,
            publics(offer.audiences) if offer.audiences else EVERYBODY,
            self.of(offer.partner),
            -2 if offer.group is None else self.of(offer.group),
            offer.open_from.toordinal(),
            offer.open_until.toordinal(),
            min([first.toordinal() for first, _ in shut], default=0),
            max([last.toordinal() for _, last in shut], default=0),
            *(place_of(one) if one else NO_PLACE),
            flags,
        )


Place = tuple[int, int, int, int]
NO_PLACE: Final[Place] = (date.max.toordinal(), STATES["open"], UNCOUNTED, 0)
NEVER: Final[Place] = (0, FULL, UNCOUNTED, 0)
"""Fills the line of an offer with fewer places than others: a session long over."""


def place_of(declared: Declared) -> Place:
    """The day a place's session starts, its state, how many are free, the number of its key."""
    starts, counted = declared.starts or date.max, declared.counted
    return (
        starts.toordinal(),
        STATES[declared.state],
        UNCOUNTED if counted is None else counted,
        number_of(declared.key),
    )


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
