"""What the batch in hand owes to webhooks: one delivery per notice and endpoint of its recipients.

Between the feed and the sender, in the stream's transaction. It sends nothing.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from relais_chassis.postgres import Connection
from relais_notifications.telling import Notice

# Shared locks: an endpoint that is being disabled is waited for, one that owes now is disabled after it.
_ENDPOINTS: Final = """
select e.id, e.org, e.role, e.types
from endpoint e join unnest($1::text[], $2::text[]) as asked(role, org) on asked.role = e.role and asked.org = e.org
where e.state = 'enabled' order by e.id for share of e
"""
_OWE: Final = """
insert into delivery (id, endpoint, position, case_id, event_id, type, owed)
select *, $7 from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[])
on conflict (id) do nothing
"""
_LANES: Final = """
insert into lane (endpoint, case_id, owed, due)
select endpoint, case_id, owed, $4
from unnest($1::uuid[], $2::text[], $3::integer[]) as given(endpoint, case_id, owed) order by endpoint, case_id
on conflict (endpoint, case_id) do update set owed = lane.owed + excluded.owed
"""


def delivery_id(endpoint: UUID, event_id: str) -> UUID:
    """The webhook-id of an event at an endpoint: the same however often it is sent."""
    return uuid5(endpoint, event_id)


async def owe(conn: Connection, notices: Sequence[Notice], positions: Sequence[int], now: datetime) -> int:
    """Write what is owed; returns how many deliveries."""
    recipients = sorted({recipient for notice in notices for recipient in _recipients(notice)})
    if not recipients:
        return 0
    rows = await conn.fetch(_ENDPOINTS, [role for role, _ in recipients], [org for _, org in recipients])
    if not rows:
        return 0
    wanting: dict[tuple[str, str], list[tuple[UUID, frozenset[str] | None]]] = {}
    for id, org, role, types in rows:
        wanting.setdefault((role, org), []).append((id, frozenset(types) if types is not None else None))
    owed = [
        (delivery_id(id, notice.event.id), id, position, notice.case, notice.event.id, notice.event.type)
        for notice, position in zip(notices, positions, strict=True)
        for recipient in _recipients(notice)
        for id, types in wanting.get(recipient, ())
        if types is None or notice.event.type in types
    ]
    if owed:
        await conn.execute(_OWE, *map(list, zip(*owed, strict=True)), now)
        await enqueue(conn, [(endpoint, case) for _, endpoint, _, case, _, _ in owed], now)
    return len(owed)


async def enqueue(conn: Connection, owed: Sequence[tuple[UUID, str]], now: datetime) -> None:
    """Let the sender find what is newly owed, by endpoint and case."""
    lanes = Counter(owed)
    await conn.execute(_LANES, [e for e, _ in lanes], [case for _, case in lanes], list(lanes.values()), now)


def _recipients(notice: Notice) -> Iterator[tuple[str, str]]:
    if notice.partner is not None:
        yield "partner", notice.partner
    if notice.operator is not None:
        yield "operator", notice.operator
