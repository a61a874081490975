"""Offers as columns of integers, so that the rules can be asked of all the offers of a zone at once.

The index keeps a block for each zone; `sweep` reads them. A block never changes: what changes is made anew. Codes are
numbers given to names in order of arrival: they are compared for equality alone and leave no trace in a choice.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from relais_contracts.vocabularies import Audience
from relais_routing.matching.offers import Offer
from relais_routing.matching.room import room_of

Numbers = npt.NDArray[np.int64]
Bits = npt.NDArray[np.bool_]
Row = tuple[int, ...]

LATITUDE, LONGITUDE, LAND, EPCI, DENSITY, AUDIENCES, PARTNER, GROUP, OPENS, ENDS, ROOM, FLAGS = range(12)
"""The columns. `ROOM` is the room while nothing is taken, of offers without sessions."""

IN_PERSON, REMOTE, ROME, FORMACODE, PLACES, ODD, MANY = (1 << bit for bit in range(7))
"""Flags. `ODD`: its place, closures or sessions are beyond columns; `MANY`: its zone has several territories."""

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

    def row(self, offer: Offer) -> Row:
        """The columns of an offer."""
        spot = offer.spot
        dated = any(places.session is not None for places in offer.places)
        unplaced = spot.latitude is None or spot.longitude is None
        flags = IN_PERSON * offer.in_person | REMOTE * offer.remote | ROME * bool(offer.rome)
        flags |= FORMACODE * bool(offer.formacode) | PLACES * bool(offer.places) | MANY * (len(offer.zone) > 1)
        flags |= ODD * (dated or unplaced or bool(offer.closures))
        return (
            spot.latitude or 0,
            spot.longitude or 0,
            self.of(spot.land),
            self.of(spot.epci),
            spot.density,
            publics(offer.audiences) if offer.audiences else EVERYBODY,
            self.of(offer.partner),
            -2 if offer.group is None else self.of(offer.group),
            offer.open_from.toordinal(),
            offer.open_until.toordinal(),
            0 if dated else room_of(offer, date.min, {}).state,
            flags,
        )


class Block(NamedTuple):
    """Offers and their columns; `flags` that any has, the last day one opens and the first day one ends."""

    offers: tuple[Offer, ...]
    columns: Numbers
    flags: int
    opens: int
    ends: int

    @classmethod
    def of(cls, offers: Iterable[Offer], rows: Sequence[Row]) -> "Block":
        """The block of some offers and their rows."""
        columns: Any = np.array(rows, np.int64).T.copy()
        flags = int(np.bitwise_or.reduce(columns[FLAGS]))
        return cls(tuple(offers), columns, flags, int(columns[OPENS].max()), int(columns[ENDS].min()))


NOBODY: Final = Block((), np.empty((12, 0), np.int64), 0, 0, date.max.toordinal())


def joined(blocks: Sequence[Block]) -> Block:
    """Blocks as one; an offer that stands in several stands in it once."""
    if len(blocks) < 2:
        return blocks[0] if blocks else NOBODY
    offers = tuple([offer for block in blocks for offer in block.offers])
    columns = np.concatenate([block.columns for block in blocks], axis=1)
    flags = 0
    for block in blocks:
        flags |= block.flags
    if flags & MANY:
        once = {offer.offer: number for number, offer in enumerate(offers)}
        if len(once) < len(offers):
            offers = tuple([offers[number] for number in once.values()])
            columns = columns[:, list(once.values())]
    return Block(offers, columns, flags, max(b.opens for b in blocks), min(b.ends for b in blocks))
