"""The sheet of unmet steps: what nobody could be found for, and what may change that.

A change of the directory, or a place given back, only makes rows of its need and territory due; the sweep asks the
chain to look again. It never matches.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from relais_chassis import clock
from relais_chassis.commands import Command
from relais_chassis.postgres import Connection
from relais_contracts.directory import (
    ClosureDeclared,
    ClosureWithdrawn,
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

_LOCK: Final = """
select case when alone then pg_advisory_xact_lock(key) else pg_advisory_xact_lock_shared(key) end
from (select key, bool_or(alone) as alone from (
          select hashtextextended('unmet/' || actor || '/' || need, hashtextextended(current_schema(), 0)) as key, alone
          from unnest($1::text[], $2::text[], $3::bool[]) as kind(actor, need, alone)) as keys
      group by key order by key) as ordered
"""
_VERSION: Final = "select version from directory_version"
_FREE: Final = "select place from place where place = any($1::text[]) and number > taken"
_SAVE: Final = """
insert into unmet (case_id, step, actor, need, commune, since, checked)
select case_id, step, actor, need, commune, at, at
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
    as new(case_id, step, actor, need, commune, at)
on conflict (case_id, step) do update set actor = excluded.actor, need = excluded.need, commune = excluded.commune
"""
_DELETE: Final = """
delete from unmet u using unnest($1::text[], $2::text[]) as d(case_id, step)
where u.case_id = d.case_id and u.step = d.step
"""
_CHECKED: Final = "update unmet set checked = $2, due = null where case_id = any($1::text[])"
_AGAIN: Final = """
update unmet u set due = $3 from unnest($1::text[], $2::text[]) as d(case_id, step)
where u.case_id = d.case_id and u.step = d.step
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
select case_id from (
    (select case_id, since from unmet where due is not null order by since limit $2)
    union all (select case_id, since from unmet where checked < $1 order by checked limit $2)
) as found group by case_id order by min(since) limit $2
"""

Step = tuple[str, str]
"""Case and step."""
Help = tuple[str, Iterable[str], frozenset[str]]
"""What an offer may help with: actor, needs, territories."""


class Row(NamedTuple):
    """What is known of an unmet step."""

    actor: str
    need: str
    commune: str
    at: datetime


@dataclass(slots=True)
class Unmet:
    """What one batch does to the sheet."""

    added: dict[Step, Row] = field(default_factory=dict)
    gone: dict[Step, Row] = field(default_factory=dict)
    checked: set[str] = field(default_factory=set)
    """Cases asked to look again."""
    looked: dict[Step, tuple[str, ...]] = field(default_factory=dict)
    """Steps that nobody was found for, and the full places that were seen then."""

    def add(self, case: str, commune: str, before: Chain, after: Chain, at: datetime) -> None:
        """Take in what one command did to a chain."""
        for step in after.steps.values():
            key, was = (case, step.step), before.steps.get(step.step)
            row = Row(step.actor, step.need, commune, at)
            if step.phase == "unmet":
                self.gone.pop(key, None)
                self.added[key] = row
            elif (was is not None and was.phase == "unmet") or key in self.added:
                self.added.pop(key, None)
                self.gone[key] = row

    async def write(self, conn: Connection, seen: int, now: datetime, helping: Sequence[Help]) -> None:
        """Write it, and make due what `helping` may help. `seen`: the directory's version that was looked at.

        What opens and who finds nothing wait for each other, by actor and need: each sees the other, or comes after it.
        """
        zones = _zones(helping)
        kinds = {(row.actor, row.need): False for row in (*self.added.values(), *self.gone.values())}
        kinds.update(dict.fromkeys(zones, True))
        if kinds:
            actors, needs = zip(*kinds, strict=True)
            await conn.fetch(_LOCK, actors, needs, list(kinds.values()))
        await self._save(conn, now)
        if not kinds:
            return
        version: int = await conn.fetchval(_VERSION)
        again = await self._overtaken(conn, version > seen)
        if again:
            await conn.execute(_AGAIN, *zip(*again, strict=True), version)
        if zones:
            await _make_due(conn, zones, version)

    async def _save(self, conn: Connection, now: datetime) -> None:
        if self.added:
            await conn.execute(_SAVE, *zip(*self.added, strict=True), *zip(*self.added.values(), strict=True))
        if self.gone:
            await conn.execute(_DELETE, *zip(*self.gone, strict=True))
        if self.checked:
            await conn.execute(_CHECKED, list(self.checked), now)

    async def _overtaken(self, conn: Connection, by_directory: bool) -> list[Step]:
        """Steps that found nothing by what is not true any more: the directory has moved on, or a place is free."""
        looked = {key: full for key, full in self.looked.items() if key in self.added}
        if by_directory or not looked:
            return list(looked)
        places = {place for full in looked.values() for place in full}
        free = {place for (place,) in await conn.fetch(_FREE, list(places))} if places else set()
        return [key for key, full in looked.items() if not free.isdisjoint(full)]


def helps(change: Payload, index: Index) -> list[Help]:
    """What a change of the directory may help with."""
    match change:
        case OfferDeclared():
            home = change.at.commune if change.at else ""
            return [(change.actor, change.needs, FRANCE.zone(change.zone.kind, change.zone.codes, home))]
        case PlacesDeclared(offer=offer):
            return helped_by(offer, index)
        case PartnerDeclared(partner=partner):
            declared = index.declared_by(partner)
            return [(each.actor, each.needs, FRANCE.zone(*each.zone, each.home)) for each in declared]
        case ClosureDeclared(partner=partner, offer=offer) | ClosureWithdrawn(partner=partner, offer=offer):
            touched = [each.offer for each in index.offers_of(partner)] if offer is None else [offer]
            return [help for each in touched for help in helped_by(each, index)]
        case _:
            return []


def helped_by(offer: str, index: Index) -> list[Help]:
    """What an offer that is known already may help with."""
    known = index.offer(offer)
    return [(known.actor, known.needs, known.zone)] if known else []


def _zones(helping: Iterable[Help]) -> dict[tuple[str, str], set[str]]:
    """The territories of these offers, by actor and need."""
    zones: dict[tuple[str, str], set[str]] = {}
    for actor, needs, zone in helping:
        for need in needs:
            zones.setdefault((actor, need), set()).update(zone)
    return zones


async def _make_due(conn: Connection, zones: Mapping[tuple[str, str], set[str]], version: int) -> None:
    """Rows of these needs and territories are looked at again, at this directory version or later."""
    hit = [
        (actor, need, commune)
        for actor, need, commune in await conn.fetch(_WAITING, *zip(*zones, strict=True))
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
