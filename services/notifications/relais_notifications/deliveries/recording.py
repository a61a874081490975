"""What came of attempts, written in one transaction: the attempt, the delivery, its lane, the endpoint's health.

The sender hands over batches; what follows each was decided before. It sends nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from relais_chassis.postgres import Connection
from relais_notifications.deliveries.decider import Abandoned, Again, Attempted, Delivered, EndpointGone, Follows
from relais_notifications.deliveries.queue import Claimed

_ATTEMPTS: Final = """
insert into delivery_attempt (delivery, at, milliseconds, status, error)
select * from unnest($1::uuid[], $2::timestamptz[], $3::integer[], $4::integer[], $5::text[])
"""
# What was delivered stays so, whatever a worker that lost its lease says later.
_DELIVERIES: Final = """
update delivery d set state = given.state, reason = given.reason, attempts = given.attempts,
       last_status = given.status, last_error = given.error, done = given.done
from unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::integer[], $6::text[], $7::timestamptz[])
    as given(id, state, reason, attempts, status, error, done)
where d.id = given.id and (d.state = 'pending' or (given.state = 'delivered' and d.state <> 'delivered'))
"""
_LOCK: Final = """
select from lane l join unnest($1::uuid[], $2::text[]) as given(endpoint, case_id) using (endpoint, case_id)
order by l.endpoint, l.case_id for update of l
"""
_LANES: Final = """
update lane l set owed = l.owed - given.done::integer, claim = null, due = given.due
from unnest($1::uuid[], $2::text[], $3::uuid[], $4::boolean[], $5::timestamptz[])
    as given(endpoint, case_id, claim, done, due)
where l.endpoint = given.endpoint and l.case_id = given.case_id and l.claim = given.claim
"""
_EMPTY: Final = """
delete from lane l using unnest($1::uuid[], $2::text[]) as given(endpoint, case_id)
where l.endpoint = given.endpoint and l.case_id = given.case_id and l.owed <= 0
"""
_HEALTH: Final = """
insert into endpoint_health as h
    (endpoint, failures, failing_since, paused_until, last_success, last_failure, last_error, milliseconds)
select * from unnest($1::uuid[], $2::integer[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[],
                     $6::timestamptz[], $7::text[], $8::integer[])
on conflict (endpoint) do update set
    failures = excluded.failures + case when excluded.last_success is null then h.failures else 0 end,
    failing_since = case when excluded.failures = 0 then null
                         when excluded.last_success is null then coalesce(h.failing_since, excluded.failing_since)
                         else excluded.failing_since end,
    paused_until = greatest(h.paused_until, excluded.paused_until),
    last_success = coalesce(excluded.last_success, h.last_success),
    last_failure = coalesce(excluded.last_failure, h.last_failure),
    last_error = coalesce(excluded.last_error, h.last_error),
    milliseconds = excluded.milliseconds
"""


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt, and what follows it."""

    claimed: Claimed
    attempted: Attempted
    milliseconds: int
    follows: Follows


@dataclass(slots=True)
class Health:
    """An endpoint over the attempts of one batch, in order."""

    failures: int = 0
    failing_since: datetime | None = None
    paused_until: datetime | None = None
    last_success: datetime | None = None
    last_failure: datetime | None = None
    last_error: str | None = None
    milliseconds: int = 0
    """The longest of them."""

    def take(self, tried: Tried) -> None:
        """Count one attempt in."""
        at = tried.attempted.at
        self.milliseconds = max(self.milliseconds, tried.milliseconds)
        if isinstance(tried.follows, Delivered):
            self.failures, self.failing_since, self.last_success = 0, None, at
            return
        self.failures += 1
        self.failing_since = self.failing_since or at
        self.last_failure, self.last_error = at, said(tried.attempted)
        if isinstance(tried.follows, Again) and tried.follows.paused_until is not None:
            self.paused_until = max(self.paused_until or at, tried.follows.paused_until)


def said(attempted: Attempted) -> str | None:
    """The fault, or the answer where it was not a good one."""
    return attempted.fault or (None if attempted.status and attempted.status < 300 else f"HTTP {attempted.status}")


async def record(conn: Connection, batch: Sequence[Tried]) -> None:
    """Write what came of a batch of attempts."""
    batch = sorted(batch, key=lambda tried: (tried.claimed.endpoint, tried.claimed.case))
    endpoints, cases = [tried.claimed.endpoint for tried in batch], [tried.claimed.case for tried in batch]
    await conn.fetch(_LOCK, endpoints, cases)
    await conn.execute(_ATTEMPTS, *_columns([_attempt(tried) for tried in batch]))
    await conn.execute(_DELIVERIES, *_columns([_delivery(tried) for tried in batch]))
    await conn.execute(_LANES, *_columns([_lane(tried) for tried in batch]))
    if any(not isinstance(tried.follows, Again) for tried in batch):
        await conn.execute(_EMPTY, endpoints, cases)
    health: dict[UUID, Health] = {}
    for tried in sorted(batch, key=lambda tried: tried.attempted.at):
        health.setdefault(tried.claimed.endpoint, Health()).take(tried)
    await conn.execute(_HEALTH, *_columns([_health(id, health[id]) for id in sorted(health)]))


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _attempt(tried: Tried) -> tuple[object, ...]:
    attempted = tried.attempted
    return tried.claimed.delivery, attempted.at, tried.milliseconds, attempted.status, attempted.fault


def _delivery(tried: Tried) -> tuple[object, ...]:
    match tried.follows:
        case Delivered():
            state, reason = "delivered", None
        case Again():
            state, reason = "pending", None
        case Abandoned(reason=why):
            state, reason = "abandoned", why
        case EndpointGone():
            state, reason = "abandoned", "the endpoint is gone (410)"
    done = None if state == "pending" else tried.attempted.at
    attempted, claimed = tried.attempted, tried.claimed
    return claimed.delivery, state, reason, claimed.attempts + 1, attempted.status, said(attempted), done


def _lane(tried: Tried) -> tuple[object, ...]:
    claimed, follows = tried.claimed, tried.follows
    due = follows.due if isinstance(follows, Again) else tried.attempted.at
    return claimed.endpoint, claimed.case, claimed.claim, not isinstance(follows, Again), due


def _health(endpoint: UUID, health: Health) -> tuple[object, ...]:
    return (
        endpoint,
        health.failures,
        health.failing_since,
        health.paused_until,
        health.last_success,
        health.last_failure,
        health.last_error,
        health.milliseconds,
    )
