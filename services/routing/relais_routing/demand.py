"""Demand for full offers: who would fit but for a place, and the one request to the partner to open some.

A small decider on `demand/<offer>` streams, the table of who looks, and the sweep that asks. It names nobody: persons
are counted by a digest. It opens no place and matches nobody.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple, cast

from relais_chassis import clock
from relais_chassis.commands import Command
from relais_chassis.postgres import Connection
from relais_contracts.demand import DemandPlacesRequested
from relais_contracts.envelope import Payload
from relais_contracts.vocabularies import Actor, Need
from relais_routing.matching.offers import Offer

# What may be asked


@dataclass(frozen=True, slots=True)
class AskForPlaces:
    """Tell the partner of a full offer how many people look for what there, since when."""

    offer: str
    needs: tuple[str, ...]
    people: int
    since: datetime


# What is known, what follows, what may happen next


class DemandState(NamedTuple):
    """Since when people had looked for a place when the partner was last asked; none: never asked."""

    since: datetime | None = None

    def knows(self, since: datetime) -> bool:
        """Whether the partner was asked on behalf of whoever looks since then."""
        return self.since is not None and since <= self.since


def evolve(state: DemandState, event: Payload) -> DemandState:
    """What is known after an event."""
    return DemandState(event.since) if isinstance(event, DemandPlacesRequested) else state


def decide(state: DemandState, ask: AskForPlaces, full: Offer | None) -> list[Payload]:
    """A partner is asked once; once more for those who look since it opened places. `full`: the offer, if it still is.

    Opening places forgets who looked before, so that whoever comes after it counts from a later moment.
    """
    if full is None or state.knows(ask.since):
        return []
    return [
        DemandPlacesRequested(
            offer=ask.offer,
            partner=full.partner,
            actor=cast("Actor", full.actor),
            needs=cast("tuple[Need, ...]", ask.needs),
            commune=full.spot.commune,
            people=ask.people,
            since=ask.since,
        )
    ]


# The table and the sweep

_LOOK: Final = """
insert into demand (offer, since) select offer, min(since)
from unnest($1::text[], $2::timestamptz[]) as new(offer, since) group by offer order by offer on conflict do nothing
"""
_LOOKER: Final = """
insert into looker select * from unnest($1::text[], $2::text[], $3::bigint[]) on conflict do nothing
"""
_ASKED: Final = "update demand set asked = true where offer = any($1::text[])"
_FORGET: Final = "delete from demand where offer = any($1::text[])"
_TO_ASK: Final = """
select offer, array_agg(distinct need order by need) as needs, count(distinct person) as people, since
from (select offer, since from demand where not asked limit $1) as full_offers join looker using (offer)
group by offer, since
"""


@dataclass(slots=True)
class Demand:
    """What one batch does to the table."""

    looked: dict[tuple[str, str, int], datetime] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    over: list[str] = field(default_factory=list)

    def look(self, case: str, need: str, full: Iterable[Offer], at: datetime) -> None:
        """Somebody would fit these offers, but for a place."""
        for offer in full:
            self.looked.setdefault((offer.offer, need, person(offer.offer, case)), at)

    def settle(self, ask: AskForPlaces, after: DemandState) -> None:
        """A request was decided: made, or the offer is not full any more, or gone."""
        (self.asked if after.knows(ask.since) else self.over).append(ask.offer)

    async def write(self, conn: Connection, opened: Iterable[str]) -> None:
        """Write it; `opened`: offers that have declared room, where nobody looks in vain any more."""
        over = [*self.over, *opened]
        if over:
            await conn.execute(_FORGET, over)
        if self.asked:
            await conn.execute(_ASKED, self.asked)
        if self.looked:
            offers, needs, persons = zip(*sorted(self.looked), strict=True)
            await conn.execute(_LOOK, offers, [self.looked[key] for key in sorted(self.looked)])
            await conn.execute(_LOOKER, offers, needs, persons)


def person(offer: str, case: str) -> int:
    """What tells the people who look at an offer apart: 64 bits of a digest."""
    return int.from_bytes(hashlib.sha256(f"{offer}\n{case}".encode()).digest()[:8], "big", signed=True)


async def find(conn: Connection, now: datetime, limit: int) -> list[Command]:
    """The sweep: full offers that people look at, whose partner was not asked since they opened places last."""
    at = clock.now()
    rows: Sequence[tuple[str, list[str], int, datetime]] = await conn.fetch(_TO_ASK, limit)
    return [
        Command(f"demand/{offer}", AskForPlaces(offer, tuple(needs), people, since), None, at)
        for offer, needs, people, since in rows
    ]
