"""The queue of webhooks in PostgreSQL: claim what is due, record what came of it.

One claim per endpoint and case at a time keeps their order; a lease that runs out gives a claim back, so a killed
worker loses nothing. Any number of workers share it. It sends nothing and decides nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from relais_chassis.postgres import Connection

FAILURES: Final = 3
"""After so many in a row an endpoint is tried with one message at a time."""
AHEAD: Final = 4
"""Claims at an endpoint per message in flight there, while it answers quickly: the next ones are at hand at once."""
QUICK: Final = 500
"""Milliseconds within which the latest answers of an endpoint came where it counts as quick."""

# An endpoint's room is shared out from what its owner has left, so that no number of slow endpoints takes every claim.
_CLAIM: Final = f"""
with held as materialized (
    select endpoint, count(*) as number from lane where claim is not null and due > $1 group by endpoint
), owned as materialized (
    select e.role, e.org, sum(held.number) as number
    from held join endpoint e on e.id = held.endpoint group by e.role, e.org
), waiting as materialized (
    select e.id, e.role, e.org, coalesce(owned.number, 0)::bigint as owned,
        case when h.failures >= {FAILURES} then 1
             when h.milliseconds <= {QUICK} then e.max_in_flight * {AHEAD}
             else e.max_in_flight end - coalesce(held.number, 0) as room
    from endpoint e left join endpoint_health h on h.endpoint = e.id
    left join held on held.endpoint = e.id left join owned on owned.role = e.role and owned.org = e.org
    where e.state = 'enabled' and (h.paused_until is null or h.paused_until <= $1)
      and exists (select from lane l where l.endpoint = e.id and l.due <= $1)
), shared as (
    select id, room, greatest($5 - owned, 0) as spare, count(*) over owner as among,
        row_number() over (owner order by random()) as turn
    from waiting where room > 0 window owner as (partition by role, org)
), free as materialized (
    select id, least(room, (spare + among - turn) / among) as room from shared order by random()
), found as materialized (
    select l.endpoint, l.case_id from free cross join lateral (
        select endpoint, case_id from lane where endpoint = free.id and due <= $1
        order by due limit free.room for update skip locked
    ) l limit $4
), taken as (
    update lane set claim = $2, due = $3 from found
    where lane.endpoint = found.endpoint and lane.case_id = found.case_id
    returning lane.endpoint, lane.case_id
)
select t.endpoint, t.case_id, d.id, d.owed, d.attempts, f.event,
       e.url, e.max_in_flight, e.secret, case when e.before_until > $1 then e.secret_before end as secret_before
from taken t join endpoint e on e.id = t.endpoint
left join lateral (
    select id, position, owed, attempts from delivery d
    where d.endpoint = t.endpoint and d.case_id = t.case_id and d.state = 'pending' order by position limit 1
) d on true
left join feed f on f.position = d.position
"""
_CLEAR: Final = """
delete from lane l using unnest($1::uuid[], $2::text[]) as empty(endpoint, case_id)
where l.endpoint = empty.endpoint and l.case_id = empty.case_id
  and not exists (select from delivery d
                  where d.endpoint = l.endpoint and d.case_id = l.case_id and d.state = 'pending')
"""
_RELEASE: Final = """
update lane l set claim = null, due = $4
from unnest($1::uuid[], $2::text[], $3::uuid[]) as given(endpoint, case_id, claim)
where l.endpoint = given.endpoint and l.case_id = given.case_id and l.claim = given.claim
"""


@dataclass(frozen=True, slots=True, repr=False)
class Claimed:
    """The oldest delivery owed to an endpoint about a case, ours until the lease ends."""

    endpoint: UUID
    case: str
    delivery: UUID
    claim: UUID
    until: datetime
    owed: datetime
    attempts: int
    event: bytes
    url: str
    max_in_flight: int
    secret: bytes
    secret_before: bytes | None


async def claim(conn: Connection, now: datetime, until: datetime, token: UUID, limit: int, share: int) -> list[Claimed]:
    """Take up to `limit` deliveries that are due, of no owner more than `share` at a time; inside a transaction."""
    claimed: list[Claimed] = []
    empty: list[tuple[UUID, str]] = []
    found = await conn.fetch(_CLAIM, now, token, until, limit, share)
    for endpoint, case, delivery, owed, attempts, event, *address in found:
        if delivery is None:
            empty.append((endpoint, case))
        else:
            claimed.append(Claimed(endpoint, case, delivery, token, until, owed, attempts, event, *address))
    if empty:
        await conn.execute(_CLEAR, *map(list, zip(*empty, strict=True)))
    return claimed


async def release(conn: Connection, claimed: Sequence[Claimed], now: datetime) -> None:
    """Give claims back that were not tried."""
    await conn.execute(
        _RELEASE, [c.endpoint for c in claimed], [c.case for c in claimed], [c.claim for c in claimed], now
    )
