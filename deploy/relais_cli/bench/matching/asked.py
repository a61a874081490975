"""What is asked of a directory while the clock runs: people, and the places that others have taken.

Drawn from seeds: each round and each way of answering meets the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random
from typing import Final

from relais_cli.bench.matching.plain import Declared, key_of
from relais_cli.bench.rehearsal import SECRET
from relais_cli.generator.people import People
from relais_routing.matching.draw import Draw
from relais_routing.matching.request import Request
from relais_routing.matching.taken import Taken

DAY: Final = date(2026, 3, 2)
NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
DRAW: Final = Draw(DAY, SECRET)
NAMEABLE: Final = 200
"""Offers that people who name somebody choose from."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Everybody, those of them who name nobody, and the places taken since they were declared."""

    everybody: Sequence[Request]
    anybody: Sequence[Request]
    taken: Taken


def asked_of(declared: Declared, people: int, region: str | None) -> Asked:
    """So many people, and a place or three taken at one in five of the offers and sessions that count theirs.

    A million cases a year propose some 20,000 places a week, one in nine of them at an offer that counts.
    """
    random = Random("asked")
    keys = [key_of(each) for places in declared.places.values() for each in places if each.number]
    taken = Taken((key, random.randint(1, 3)) for key in keys if random.random() < 0.2)
    known = declared.offers[:: max(1, len(declared.offers) // NAMEABLE)]
    everybody = list(People(NOON, known, region=region).requests(people))
    return Asked(everybody, [request for request in everybody if len(request.options) == 1], taken)
