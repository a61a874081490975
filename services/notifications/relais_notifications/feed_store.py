"""The feed in PostgreSQL: what goes out is written in the batch's transaction, and read by cursor below the oldest
open one, so that nothing is skipped and nothing comes twice. Whose events they are stands in every query.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from relais_chassis.postgres import Connection
from relais_contracts.codec import to_json
from relais_notifications.telling import Notice
from relais_territories import commune, territories_of

_WRITE: Final = """
insert into feed (event_id, type, case_id, partner, operator, territories, event)
select event_id, type, case_id, partner, operator, string_to_array(territories, ' '), event
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[]) with ordinality
    as given(event_id, type, case_id, partner, operator, territories, event, place)
order by place
returning position
"""
_READ: Final = """
select txid::text, position, event from feed
where {column} = $1 and (txid, position) > ($2::text::xid8, $3) and txid < pg_snapshot_xmin(pg_current_snapshot())
order by feed.txid, feed.position limit $4  -- the columns: as text 1000 sorts before 999
"""
_OF: Final = {"partner": _READ.format(column="partner"), "operator": _READ.format(column="operator")}

_LOOKED_AT: Final = 2000
"""How many events one question of a coordinator looks through; the cursor moves past those that are not theirs."""

_READ_TERRITORIES: Final = """
with seen as materialized (
    select txid, position, territories, event from feed
    where territories is not null and (txid, position) > ($2::text::xid8, $3)
      and txid < pg_snapshot_xmin(pg_current_snapshot())
    order by txid, position limit $5
), theirs as (
    select txid, position, event from seen where territories && $1::text[] order by txid, position limit $4
), last as (
    select txid, position, null::bytea from seen where (select count(*) from theirs) < $4
    order by txid desc, position desc limit 1
)
select txid::text, position, event from (select * from theirs union all select * from last) as found
order by found.txid, found.position, event is null
"""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the feed: everything up to it was given."""

    txid: int = 0
    position: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Events after a cursor, as JSON, and the cursor after them."""

    events: tuple[bytes, ...]
    cursor: Cursor


async def write(conn: Connection, notices: Sequence[Notice]) -> list[int]:
    """Add what is told, in order; returns the position of each."""
    bodies: dict[str, bytes] = {}
    columns: tuple[list[object], ...] = tuple([] for _ in range(7))
    for notice in notices:
        event = notice.event
        body = bodies.get(event.id)
        if body is None:
            body = bodies[event.id] = to_json(event)
        row = (event.id, event.type, notice.case, notice.partner, notice.operator, _territories(notice), body)
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    return sorted(position for (position,) in await conn.fetch(_WRITE, *columns))


def _territories(notice: Notice) -> str | None:
    if notice.commune is None:
        return None
    known = commune(notice.commune)
    return " ".join(sorted(territories_of(known))) if known else f"commune:{notice.commune}"


async def read(conn: Connection, role: str, org: str, territories: Sequence[str], after: Cursor, limit: int) -> Page:
    """One's own events after a cursor: a partner's or operator's by organisation, a coordinator's by territory."""
    place = (str(after.txid), after.position)
    if role == "coordinator":
        rows = await conn.fetch(_READ_TERRITORIES, list(territories), *place, limit, _LOOKED_AT)
    else:
        rows = await conn.fetch(_OF[role], org, *place, limit)
    cursor = Cursor(int(rows[-1][0]), rows[-1][1]) if rows else after
    return Page(tuple(event for _, _, event in rows if event is not None), cursor)
