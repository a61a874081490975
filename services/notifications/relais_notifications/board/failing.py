"""Which webhook endpoints do not answer: the worklist `delivery-failing`.

Reads the delivery tables beside the board's. Shows whose system it is and since when, never its address.
"""

from datetime import datetime
from typing import Any, Final

from relais_chassis.postgres import Connection
from relais_notifications.board import worklists
from relais_notifications.board.views import View

_FAILING: Final = """
SELECT endpoint.id::text AS id, endpoint.org, endpoint.role, organisation.name AS org_name, health.failing_since,
    health.failures, (
        SELECT count(*) FROM (
            SELECT 1 FROM delivery WHERE delivery.endpoint = endpoint.id AND state = 'pending' LIMIT 1000
        ) AS enough
    ) AS owed
FROM endpoint
JOIN endpoint_health AS health ON health.endpoint = endpoint.id
LEFT JOIN organisation ON organisation.id = endpoint.org
WHERE endpoint.state = 'enabled' AND health.failures > 0
    AND ($1::text IS NULL OR endpoint.org = $1)
    AND ($2::text IS NULL OR endpoint.role = $2)
    AND ($3::text[] IS NULL OR EXISTS (
        SELECT 1 FROM board_item
        WHERE list IS NOT NULL AND partner = endpoint.org AND territories && $3
        UNION ALL
        SELECT 1 FROM board_item
        WHERE list IS NOT NULL AND operator = endpoint.org AND territories && $3
    ))
ORDER BY health.failing_since NULLS LAST, endpoint.id
LIMIT $4
"""


async def failing(conn: Connection, view: View, limit: int = 200) -> list[dict[str, Any]]:
    """The endpoints that fail: one's own, or those of organisations with something open in one's territories."""
    if view.impossible:
        return []
    own = view.role in ("partner", "operator")
    org = view.partner if view.role == "partner" else view.operator if view.role == "operator" else None
    territories = list(view.territories) if view.territories is not None else None
    if view.within is not None and territories is None:
        territories = [view.within]
    rows = await conn.fetch(
        _FAILING, org or view.partner or view.operator, view.role if own else None, territories, limit
    )
    return [{**dict(row), "kind": "endpoint", "list": "delivery-failing"} for row in rows]


async def counts(conn: Connection, view: View, now: datetime) -> dict[str, int]:
    """How much waits in every worklist, this one included."""
    return {**await worklists.counts(conn, view, now), "delivery-failing": len(await failing(conn, view))}
