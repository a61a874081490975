"""Counts in PostgreSQL: decisions followed in the order of their commits, sums kept by cell, and what is asked of them.

Below the oldest open transaction, as the relay reads its log: a smaller position may commit later. It judges nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson

from relais_chassis.postgres import Connection
from relais_contracts.catalogue import parse_data
from relais_contracts.directory import PartnerDeclared
from relais_contracts.impartiality import ImpartialityAlarmRaised
from relais_routing.impartiality.counts import KINDS, Count, Counts, Kind, Period, month_of, month_text
from relais_routing.impartiality.report import About

_CURSOR: Final = "select txid::text::bigint, position from impartiality_cursor"
_READ: Final = """
select txid::text::bigint, position, id, at, record from decision
where (txid, position) > ($1::text::xid8, $2) and txid < pg_snapshot_xmin(pg_current_snapshot())
order by decision.txid, decision.position limit $3  -- the columns, not the output: that is the index's order
"""
_MOVE: Final = """
update impartiality_cursor set txid = $3::text::xid8, position = $4 where txid = $1::text::xid8 and position = $2
"""
_ADD: Final = """
insert into impartiality_count as known select * from unnest(
    $1::date[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
    $9::timestamptz[])
on conflict (month, kind, territory, name) do update set
    decisions = known.decisions + excluded.decisions, received = known.received + excluded.received,
    expected = known.expected + excluded.expected, variance = known.variance + excluded.variance,
    first = least(known.first, excluded.first)
"""
_MEASURED: Final = "select decision, share from impartiality_own where decision = any($1::text[])"
_MEASURE: Final = """
insert into impartiality_own select * from unnest($1::text[], $2::bigint[]) on conflict (decision) do nothing
"""
_GROUPS: Final = """
select a.partner, a.version, (
    select e.data from directory_entry e
    where e.stream = 'partner/' || a.partner and e.version <= a.version and e.type = $3
    order by e.version desc limit 1
) from unnest($1::text[], $2::bigint[]) as a(partner, version)
"""
_ABOUT: Final = """
select distinct on (stream) data from directory_entry
where stream = any($1::text[]) and type = $2 order by stream, version desc
"""
_SUMS: Final = """
select kind, name, territory, sum(decisions)::bigint, sum(received)::bigint, sum(expected)::bigint,
       sum(variance)::bigint, min(first)
from impartiality_count
where month between $1 and $2 and kind = any($3) and ($4::text[] is null or territory = any($4))
  and ($5::text is null or name = $5)
group by kind, name, territory
"""
_RAISED: Final = """
select distinct on (stream) version, time, data from log where stream = any($1::text[]) order by stream, version desc
"""
_NOTHING: Final = """
delete from impartiality_count; update impartiality_cursor set txid = '0', position = 0
"""


class Place(NamedTuple):
    """A place in the order of decisions."""

    txid: int
    position: int


class Stored(NamedTuple):
    """A decision to be counted."""

    place: Place
    id: str
    at: datetime
    record: dict[str, Any]


async def place(conn: Connection) -> Place:
    """How far the count is."""
    return Place(*await conn.fetchrow(_CURSOR))


async def read(conn: Connection, after: Place, limit: int) -> list[Stored]:
    """The next decisions that every later reader will see in the same order."""
    rows = await conn.fetch(_READ, str(after.txid), after.position, limit)
    return [Stored(Place(row[0], row[1]), row[2], row[3], orjson.loads(row[4])) for row in rows]


async def save(conn: Connection, before: Place, after: Place, counts: Counts, measured: Mapping[str, int]) -> bool:
    """Add what was counted between two places, in one transaction; false where somebody else has counted it."""
    async with conn.transaction():
        moved = await conn.execute(_MOVE, str(before.txid), before.position, str(after.txid), after.position)
        if moved == "UPDATE 0":
            return False
        if counts.cells:
            rows = [(*cell, *count) for cell, count in sorted(counts.cells.items())]
            await conn.execute(_ADD, *(list(column) for column in zip(*rows, strict=True)))
        if measured:
            await conn.execute(_MEASURE, list(measured), list(measured.values()))
    return True


async def forget(conn: Connection) -> None:
    """Count everything again, from the first decision on; what was measured at the time is kept."""
    await conn.execute(_NOTHING)


async def measured(conn: Connection, ids: Sequence[str]) -> dict[str, int]:
    """What share an operator's own group would have held, of decisions counted before."""
    return dict(await conn.fetch(_MEASURED, ids))


async def groups_at(conn: Connection, partners: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str | None]:
    """The group of each partner at a version of the directory."""
    asked = sorted(partners)
    names, versions = [name for name, _ in asked], [version for _, version in asked]
    rows = await conn.fetch(_GROUPS, names, versions, PartnerDeclared.TYPE) if asked else []
    return {(name, version): _partner(data).group if data else None for name, version, data in rows}


async def about(conn: Connection, organisations: Iterable[str]) -> dict[str, About]:
    """What the directory says of organisations, or said last of those withdrawn."""
    streams = [f"partner/{name}" for name in sorted(set(organisations))]
    declared = [_partner(data) for (data,) in await conn.fetch(_ABOUT, streams, PartnerDeclared.TYPE)]
    return {each.partner: About(each.name, each.group, each.commune) for each in declared}


async def sums(
    conn: Connection,
    period: Period,
    kinds: Sequence[Kind] = KINDS,
    territories: Sequence[str] | None = None,
    name: str | None = None,
) -> dict[tuple[Kind, str, str], Count]:
    """The counts of a period by kind, name and territory; of some kinds, of some territories, under one name."""
    rows = await conn.fetch(_SUMS, *period, kinds, territories, name)
    return {(kind, name, territory): Count(*count) for kind, name, territory, *count in rows}


async def raised(conn: Connection, operators: Iterable[str]) -> dict[str, tuple[int, str]]:
    """How many alarms were raised about each operator, and the month that the last was raised for."""
    rows = await conn.fetch(_RAISED, [f"impartiality/{operator}" for operator in operators])
    last = [(number, time, parse_data(ImpartialityAlarmRaised.TYPE, data)) for number, time, data in rows]
    return {
        alarm.operator: (number, alarm.month or month_text(month_of(time)))
        for number, time, alarm in last
        if isinstance(alarm, ImpartialityAlarmRaised)
    }


def _partner(data: bytes) -> PartnerDeclared:
    declared = parse_data(PartnerDeclared.TYPE, data)
    assert isinstance(declared, PartnerDeclared)
    return declared
