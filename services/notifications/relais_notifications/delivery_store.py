"""The log of deliveries in PostgreSQL, and sending again what is in it; whose it is stands in every query.

Behind the owners' door. It sends nothing: what is to be sent again is owed again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from relais_chassis.postgres import Connection
from relais_notifications.deliveries.owing import delivery_id, enqueue
from relais_notifications.endpoint_store import Owner

_COLUMNS: Final = """
d.id, d.endpoint, d.event_id, d.type, d.case_id as case, d.state, d.reason, d.owed, d.attempts, d.done,
d.last_status, d.last_error, case when d.state = 'pending' then l.due end as next_attempt, d.position
"""
_LANE: Final = "left join lane l on l.endpoint = d.endpoint and l.case_id = d.case_id"
_LIST: Final = f"""
select d.* from endpoint e cross join lateral (
    select {_COLUMNS} from delivery d {_LANE}
    where d.endpoint = e.id and {{state}} and ($4::text is null or d.case_id = $4)
      and ($5::text is null or d.type = $5) and ($6::bigint is null or (d.position, d.id) < ($6, $7::uuid))
    order by d.position desc, d.id desc limit $8
) d
where e.role = $1 and e.org = $2 and ($3::uuid is null or e.id = $3)
order by d.position desc, d.id desc limit $8
"""
# The state stands in the text: what is not delivered has an index of its own, however long the log.
_LISTS: Final = {
    None: _LIST.format(state="true"),
    "pending": _LIST.format(state="d.state = 'pending'"),
    "delivered": _LIST.format(state="d.state = 'delivered'"),
    "abandoned": _LIST.format(state="d.state = 'abandoned'"),
}
_GET: Final = f"""
select {_COLUMNS}, f.event from delivery d join endpoint e on e.id = d.endpoint join feed f on f.position = d.position
{_LANE} where e.role = $1 and e.org = $2 and d.id = $3
"""
_ATTEMPTS: Final = "select at, milliseconds, status, error from delivery_attempt where delivery = $1 order by at"
# Locks the endpoint first, as owing does, so that it is not put out of use meanwhile.
_USABLE: Final = """
select e.state = 'enabled' from delivery d join endpoint e on e.id = d.endpoint
where e.role = $1 and e.org = $2 and d.id = $3 for share of e
"""
_AGAIN: Final = """
update delivery set state = 'pending', reason = null, owed = $2, attempts = 0, done = null
where id = any($1::uuid[]) and state <> 'pending' returning endpoint, case_id
"""
_ABANDONED: Final = """
select d.id from delivery d join endpoint e on e.id = d.endpoint
where e.role = $1 and e.org = $2 and e.id = $3 and d.state = 'abandoned' and d.owed >= $4
order by d.position limit $5
"""
_OWE_TEST: Final = """
with said as (
    insert into feed (event_id, type, case_id, event) values ($1, $2, $3, $4) returning position
)
insert into delivery (id, endpoint, position, case_id, event_id, type, owed)
select $5, $6, position, $3, $1, $2, $7 from said
"""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which deliveries; none: all. `before`: only those before this one."""

    endpoint: UUID | None = None
    state: str | None = None
    case: str | None = None
    type: str | None = None
    before: tuple[int, UUID] | None = None
    limit: int = 50


async def listed(conn: Connection, owner: Owner, filters: Filters) -> list[dict[str, Any]]:
    """The owner's deliveries, the newest first."""
    before = filters.before or (None, None)
    which = (filters.endpoint, filters.case, filters.type, *before, filters.limit)
    return [dict(row) for row in await conn.fetch(_LISTS[filters.state], owner.role, owner.org, *which)]


async def get(conn: Connection, owner: Owner, id: UUID) -> dict[str, Any] | None:
    """One of the owner's, with the event and every attempt."""
    row = await conn.fetchrow(_GET, owner.role, owner.org, id)
    if row is None:
        return None
    return {**dict(row), "attempts_made": [dict(attempt) for attempt in await conn.fetch(_ATTEMPTS, id)]}


async def is_usable(conn: Connection, owner: Owner, id: UUID) -> bool | None:
    """Whether the endpoint of one of the owner's deliveries is enabled, and stays so for this transaction."""
    usable: bool | None = await conn.fetchval(_USABLE, owner.role, owner.org, id)
    return usable


async def owe_again(conn: Connection, ids: Sequence[UUID], now: datetime) -> int:
    """Owe these anew, under the ids they had; those still pending stay as they are. Inside a transaction."""
    again = [(endpoint, case) for endpoint, case in await conn.fetch(_AGAIN, ids, now)]
    if again:
        await enqueue(conn, again, now)
    return len(again)


async def abandoned(conn: Connection, owner: Owner, endpoint: UUID, since: datetime, limit: int) -> list[UUID]:
    """What was given up at one of the owner's endpoints, the oldest first."""
    return [id for (id,) in await conn.fetch(_ABANDONED, owner.role, owner.org, endpoint, since, limit)]


async def owe_event(conn: Connection, endpoint: UUID, id: str, type: str, event: bytes, now: datetime) -> UUID:
    """Owe an endpoint an event made for it alone; in no feed. Inside a transaction."""
    delivery, about = delivery_id(endpoint, id), str(endpoint)
    await conn.execute(_OWE_TEST, id, type, about, event, delivery, endpoint, now)
    await enqueue(conn, [(endpoint, about)], now)
    return delivery
