"""Changed offers, taken into the index in one go and in the portions that a running worker uses.

Half of them change in words alone, the others in whom they serve and whether they have room.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from relais_contracts.catalogue import dump, parse_data
from relais_contracts.directory import DirectoryPayload, OfferDeclared, PlacesDeclared, Zone
from relais_contracts.envelope import Payload
from relais_routing.directory import PORTION
from relais_routing.matching.index import Index

LATER: Final = datetime(2026, 3, 2, 18, tzinfo=UTC)
Stored = tuple[str, bytes]


def changes(declared: Sequence[OfferDeclared], mark: str) -> list[Stored]:
    """The changes as they lie in the database."""
    made = [change for number, offer in enumerate(declared) for change in _changed(number, offer, mark)]
    return [(change.TYPE, dump(change)) for change in made]


def _changed(number: int, offer: OfferDeclared, mark: str) -> Iterator[DirectoryPayload]:
    match number % 4:
        case 0 | 1:
            yield offer.model_copy(update={"name": f"{offer.name} ({mark})"})
        case 2:
            yield offer.model_copy(update={"name": mark, "zone": Zone(kind="country", codes=("FR",)), "audiences": ()})
        case _:
            yield PlacesDeclared(offer=offer.offer, state="waiting-list", at=LATER)


def in_one_go(index: Index, stored: Sequence[Stored]) -> float:
    """Milliseconds of CPU to take them all in."""
    begun = time.thread_time_ns()
    index.apply(_parsed(stored), index.version + len(stored))
    return (time.thread_time_ns() - begun) / 1e6


def longest_pause(index: Index, stored: Sequence[Stored]) -> float:
    """Milliseconds of CPU of the longest portion: nothing is matched meanwhile."""
    rest, pauses = iter(stored), []
    while part := list(islice(rest, PORTION)):
        pauses.append(in_one_go(index, part))
    return max(pauses)


def _parsed(stored: Sequence[Stored]) -> Iterator[Payload]:
    return (parse_data(name, data) for name, data in stored)
