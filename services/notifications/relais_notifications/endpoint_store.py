"""Webhook endpoints in PostgreSQL; whose they are stands in every query, so somebody else's is never found.

Behind the owners' door. Secrets come in sealed and are never read here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from relais_chassis.postgres import Connection

MOST: Final = 10
"""Endpoints one organisation may have in one role."""

_COLUMNS: Final = """
e.id, e.url, e.description, e.types, e.max_in_flight, e.state, e.created, e.changed,
case when e.before_until > $3 then e.before_until end as old_secret_until,
coalesce(h.failures, 0) as failures, h.failing_since, h.paused_until, h.last_success, h.last_failure, h.last_error,
(select count(*) from (select from delivery d where d.endpoint = e.id and d.state = 'pending' limit 10000) p) as pending
"""
_MINE: Final = "e.role = $1 and e.org = $2 and e.state <> 'deleted'"
_LIST: Final = f"""
select {_COLUMNS} from endpoint e left join endpoint_health h on h.endpoint = e.id
where {_MINE} order by e.created, e.id
"""
_GET: Final = f"""
select {_COLUMNS} from endpoint e left join endpoint_health h on h.endpoint = e.id where {_MINE} and e.id = $4
"""
# One at a time per organisation, so that the limit holds.
_ALONE: Final = "select pg_advisory_xact_lock(hashtextextended('endpoints ' || $1 || ' ' || $2, 0))"
_CREATE: Final = f"""
insert into endpoint (id, org, role, url, description, types, max_in_flight, secret, created, changed)
select $3, $2, $1, $4, $5, $6, $7, $8, $9, $9
where (select count(*) from endpoint e where {_MINE}) < {MOST}
returning id
"""
_ROTATE: Final = f"""
update endpoint e set secret_before = secret, before_until = $4, secret = $5, changed = $6
where {_MINE} and e.id = $3 returning e.id
"""
_ENABLE: Final = f"update endpoint e set state = 'enabled', changed = $4 where {_MINE} and e.id = $3 returning e.id"
# Shared lock: it is not put out of use while something is being owed to it.
_STATE: Final = f"select e.state from endpoint e where {_MINE} and e.id = $3 for share of e"
_FORGET: Final = (
    "update endpoint_health set failures = 0, failing_since = null, paused_until = null where endpoint = $1"
)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose endpoints and deliveries: an organisation in one of its roles."""

    role: str
    org: str


@dataclass(frozen=True, slots=True, repr=False)
class NewEndpoint:
    """What a new endpoint is made of; the secret sealed."""

    id: UUID
    url: str
    description: str
    types: Sequence[str] | None
    max_in_flight: int
    secret: bytes


async def listed(conn: Connection, owner: Owner, now: datetime) -> list[dict[str, Any]]:
    """All of the owner's."""
    return [dict(row) for row in await conn.fetch(_LIST, owner.role, owner.org, now)]


async def get(conn: Connection, owner: Owner, id: UUID, now: datetime) -> dict[str, Any] | None:
    """One of the owner's."""
    row = await conn.fetchrow(_GET, owner.role, owner.org, now, id)
    return dict(row) if row else None


async def state(conn: Connection, owner: Owner, id: UUID) -> str | None:
    """The state of one of the owner's, which stays so for this transaction."""
    found: str | None = await conn.fetchval(_STATE, owner.role, owner.org, id)
    return found


async def create(conn: Connection, owner: Owner, new: NewEndpoint, now: datetime) -> bool:
    """Add one; False where the owner has as many as allowed. Inside a transaction."""
    await conn.execute(_ALONE, owner.role, owner.org)
    created = await conn.fetchval(
        _CREATE,
        owner.role,
        owner.org,
        new.id,
        new.url,
        new.description,
        list(new.types) if new.types is not None else None,
        new.max_in_flight,
        new.secret,
        now,
    )
    return created is not None


async def rotate(conn: Connection, owner: Owner, id: UUID, secret: bytes, old_until: datetime, now: datetime) -> bool:
    """Put a new secret in place; the old one signs too until then."""
    return await conn.fetchval(_ROTATE, owner.role, owner.org, id, old_until, secret, now) is not None


async def enable(conn: Connection, owner: Owner, id: UUID, now: datetime) -> bool:
    """Owe to it again from now on, with a clean slate."""
    if await conn.fetchval(_ENABLE, owner.role, owner.org, id, now) is None:
        return False
    await conn.execute(_FORGET, id)
    return True
