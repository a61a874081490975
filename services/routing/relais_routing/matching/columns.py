"""Offers as columns of integers, so that the rules can be asked of all the offers of a zone at once.

The index keeps a table of all and cuts a block out of it for each match; `sweep` reads it. A block never changes.
Codes are numbers given to names in order of arrival: they are compared for equality alone and leave no trace in a
choice.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Final, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from relais_contracts.vocabularies import Audience
from relais_routing.matching.offers import Offer, Spot
from relais_routing.matching.reach import Home, Numbers, Places
from relais_routing.matching.room import room_of

Bits = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]

COLUMNS: Final = 15
LATITUDE, LONGITUDE, COMMUNE, LAND, EPCI, DENSITY, AUDIENCES, PARTNER, GROUP, *_AFTER = range(COLUMNS)
OPENS, ENDS, STARTS, ROOM, WEIGHT, FLAGS = _AFTER
"""The columns. `ROOM` and `WEIGHT` are the room and its tickets while nothing is taken, `STARTS` the day until which
that holds where it is of one session."""

IN_PERSON, REMOTE, ROME, FORMACODE, COUNTED, SESSION, SEVERAL, SHUT, UNPLACED, UNREFERRED, CHOOSY, ALIKE = (
    1 << bit for bit in range(12)
)
"""Flags: ways, specialities; places that are counted, of one session, or declared several times; closures or
suspensions; no place on the map; not to be referred to; for some publics only; like another source's."""

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
        """The columns of an offer."""
        spot = offer.spot
        room = room_of(offer, date.min, {})
        starts = offer.places[0].starts if len(offer.places) == 1 else None
        flags = (
            IN_PERSON * offer.in_person
            | REMOTE * offer.remote
            | ROME * bool(offer.rome)
            | FORMACODE * bool(offer.formacode)
            | COUNTED * any(places.counted is not None for places in offer.places)
            | SESSION * (starts is not None)
            | SEVERAL * (len(offer.places) > 1)
            | SHUT * bool(offer.closures or offer.suspensions)
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
            (starts or date.max).toordinal(),
            room.state,
            room.weight,
            flags,
        )


class Block(NamedTuple):
    """Offers and their columns; `flags` that any has, the last day one opens and the first day one ends.

    `slots` are their numbers in the table.
    """

    slots: Numbers
    offers: Objects
    columns: Numbers
    flags: int
    opens: int
    ends: int

    @property
    def places(self) -> Places:
        """Where the offers are."""
        columns = self.columns
        unplaced = columns[FLAGS] & UNPLACED != 0 if self.flags & UNPLACED else None
        return Places(
            columns[LATITUDE], columns[LONGITUDE], columns[COMMUNE], columns[EPCI], columns[DENSITY], unplaced
        )

    def having(self, flag: int) -> list[int]:
        """The numbers of the offers with one of these flags."""
        if not self.flags & flag:
            return []
        found: list[int] = np.flatnonzero(self.columns[FLAGS] & flag).tolist()
        return found


NOBODY: Final = Block(
    np.empty(0, np.int64), np.empty(0, np.object_), np.empty((COLUMNS, 0), np.int64), 0, 0, date.max.toordinal()
)


class Table:
    """All offers, each in a slot; slots given back are used again."""

    def __init__(self) -> None:
        self._offers: Objects = np.empty(64, np.object_)
        self._rows: Numbers = np.zeros((64, COLUMNS), np.int64)
        self._free: list[int] = []
        self._used = 0

    def put(self, offer: Offer, row: Sequence[int], slot: int | None = None) -> int:
        """Adds an offer, or another view of the one in a slot; its slot."""
        if slot is None:
            slot = self._free.pop() if self._free else self._used
            self._used = max(self._used, slot + 1)
        if slot == len(self._offers):
            self._offers = np.concatenate([self._offers, np.empty_like(self._offers)])
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        self._offers[slot] = offer
        self._rows[slot] = row
        return slot

    def drop(self, slot: int) -> None:
        """Takes an offer out."""
        self._offers[slot] = None
        self._free.append(slot)

    def offer(self, slot: int) -> Offer:
        """The offer in a slot."""
        found: Offer = self._offers[slot]
        return found

    def block(self, slots: Collection[int]) -> Block:
        """The block of some slots, as they stand."""
        if not slots:
            return NOBODY
        numbers: Numbers = np.fromiter(slots, np.int64, len(slots))
        columns: Numbers = self._rows[numbers].T.copy()
        flags = int(np.bitwise_or.reduce(columns[FLAGS]))
        return Block(
            numbers, self._offers[numbers], columns, flags, int(columns[OPENS].max()), int(columns[ENDS].min())
        )
