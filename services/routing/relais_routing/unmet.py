"""The sheet of unmet steps: what nobody could be found for, and what may change that.

A change of the directory, or a place given back, only makes rows of its need and territory due; the sweep asks the
chain to look again. It never matches.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from relais_chassis import clock
from relais_chassis.commands import Command
from relais_chassis.postgres import Connection
from relais_contracts.directory import (
    ClosureDeclared,
    OfferDeclared,
    PartnerDeclared,
    PlacesDeclared,
)
from relais_contracts.envelope import Payload
from relais_routing.chain.commands import Rematch
from relais_routing.chain.state import Chain
from relais_routing.matching.index import Index
from relais_territories import FRANCE

AGAIN: Final = timedelta(days=1)
"""Dates open and close without any event: every unmet step is looked at once a day."""

_SAVE: Final = """
insert into unmet (case_id, step, actor, need, commune, checked)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
on conflict (case_id, step) do update set actor = excluded.actor, need = excluded.need, commune = excluded.commune
"""
_DELETE: Final = """
delete from unmet u using unnest($1::text[], $2::text[]) as d(case_id, step)
where u.case_id = d.case_id and u.step = d.step
"""
_CHECKED: Final = """
update unmet set checked = $2, due = case when due > $3 then due end where case_id = any($1::text[])
"""
_WAITING: Final = """
select distinct u.actor, u.need, u.commune from unmet u
join (select distinct * from unnest($1::text[], $2::text[]) as o(actor, need)) as o using (actor, need)
"""
_MAKE_DUE: Final = """
update unmet u set due = $4 from unnest($1::text[], $2::text[], $3::text[]) as m(actor, need, commune)
where u.actor = m.actor and u.need = m.need and u.commune = m.commune
"""
_DUE: Final = """
(select case_id from unmet where due is not null order by checked limit $2)
union (select case_id from unmet where checked < $1 order by checked limit $2) limit $2
"""


@dataclass(slots=True)
class Unmet:
    """What one batch does to the sheet."""

    added: dict[tuple[str, str], tuple[str, str, str, datetime]] = field(default_factory=dict)
    gone: set[tuple[str, str]] = field(default_factory=set)
    checked: list[str] = field(default_factory=list)

    def add(self, case: str, commune: str, before: Chain, after: Chain, at: datetime) -> None:
        """Take in what one command did to a chain."""
        for step in after.steps.values():
            key, was = (case, step.step), before.steps.get(step.step)
            if step.phase == "unmet":
                self.gone.discard(key)
                self.added[key] = (step.actor, step.need, commune, at)
            elif (was is not None and was.phase == "unmet") or key in self.added:
                self.added.pop(key, None)
                self.gone.add(key)

    async def write(self, conn: Connection, version: int, now: datetime) -> None:
        """Write it; `version` is the directory's that was looked at."""
        if self.added:
            cases, steps = zip(*self.added, strict=True)
            actors, needs, communes, times = zip(*self.added.values(), strict=True)
            await conn.execute(_SAVE, cases, steps, actors, needs, communes, times)
        if self.gone:
            cases, steps = zip(*self.gone, strict=True)
            await conn.execute(_DELETE, cases, steps)
        if self.checked:
            await conn.execute(_CHECKED, self.checked, now, version)


Help = tuple[str, Iterable[str], frozenset[str]]
"""What an offer may help with: actor, needs, territories."""


def helps(change: Payload, index: Index) -> list[Help]:
    """What a change of the directory may help with."""
    match change:
        case OfferDeclared():
            home = change.at.commune if change.at else ""
            return [(change.actor, change.needs, FRANCE.zone(change.zone.kind, change.zone.codes, home))]
        case PlacesDeclared(offer=offer):
            return helped_by(offer, index)
        case PartnerDeclared(partner=partner):
            return [help for offer in index.declared_by(partner) for help in helps(offer, index)]
        case ClosureDeclared(partner=partner):
            return [help for offer in index.offers_of(partner) for help in helped_by(offer.offer, index)]
        case _:
            return []


def helped_by(offer: str, index: Index) -> list[Help]:
    """What an offer that is known already may help with."""
    known = index.offer(offer)
    return [(known.actor, known.needs, known.zone)] if known else []


async def make_due(conn: Connection, help: Sequence[Help], version: int) -> None:
    """Rows that these offers may help are looked at again, at this directory version or later."""
    zones: dict[tuple[str, str], set[str]] = {}
    for actor, needs, zone in help:
        for need in needs:
            zones.setdefault((actor, need), set()).update(zone)
    if not zones:
        return
    actors, needs = zip(*zones, strict=True)
    hit = [
        (actor, need, commune)
        for actor, need, commune in await conn.fetch(_WAITING, actors, needs)
        if not zones[actor, need].isdisjoint(_territories(commune))
    ]
    if hit:
        await conn.execute(_MAKE_DUE, *zip(*hit, strict=True), version)


def _territories(commune: str) -> frozenset[str]:
    known = FRANCE.commune(commune)
    return FRANCE.territories_of(known) if known else frozenset((f"commune:{commune}",))


async def find(conn: Connection, now: datetime, limit: int) -> list[Command]:
    """The sweep: chains with unmet steps that something may have changed for."""
    at = clock.now()
    return [Command(f"chain/{id}", Rematch(), None, at) for (id,) in await conn.fetch(_DUE, now - AGAIN, limit)]
