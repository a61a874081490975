"""Reads the worklists: how much waits in each, and who must act next, what, by when, page after page.

Every query enters an index by the view's narrowest column (département, operator or partner), list by list, so that
a page costs the same whatever the table holds. Counts stop at a thousand. It writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from relais_chassis.postgres import Connection
from relais_notifications.board.places import COUNTRY
from relais_notifications.board.rows import NEVER, OPEN_LISTS
from relais_notifications.board.views import Drive, View

MOST: Final = 1000
"""Counts stop here: nobody works through more."""
PAGE: Final = 30
BEGINNING: Final = datetime(1, 1, 1, tzinfo=UTC)
END: Final = datetime(9999, 12, 31, 23, tzinfo=UTC)

_IN_VIEW: Final = """
        AND ($2::text[] IS NULL OR territories && $2)
        AND ($3::text IS NULL OR territories @> ARRAY[$3])
        AND ($4::text IS NULL OR operator = $4)
        AND ($5::text IS NULL OR partner = $5)
        AND ($6::text IS NULL OR actor = $6)
"""

_COUNT: Final = """
SELECT list, (
    SELECT count(*) FROM (
        SELECT 1 FROM unnest($1::text[]) AS codes(code) CROSS JOIN LATERAL (
            SELECT 1 FROM board_item
            WHERE {drive} = code AND board_item.list = lists.list {in_view}
            LIMIT $8
        ) AS found LIMIT $8
    ) AS enough
) AS number
FROM unnest($7::text[]) AS lists(list)
UNION ALL
SELECT 'overdue', (
    SELECT count(*) FROM (
        SELECT 1 FROM unnest($1::text[]) AS codes(code) CROSS JOIN unnest($7::text[]) AS lists(list)
        CROSS JOIN LATERAL (
            SELECT 1 FROM board_item
            WHERE {drive} = code AND board_item.list = lists.list AND sort < $9 {in_view}
            LIMIT $8
        ) AS found LIMIT $8
    ) AS enough
)
"""

_KEYS: Final = """
SELECT found.sort, found.id
FROM unnest($1::text[]) AS codes(code) CROSS JOIN unnest($7::text[]) AS lists(list) CROSS JOIN LATERAL (
    SELECT sort, id FROM board_item
    WHERE {drive} = code AND board_item.list = lists.list
        AND (sort, id) > ($10, $11) AND sort < $9 {in_view}
    ORDER BY sort, id LIMIT $8
) AS found
ORDER BY found.sort, found.id LIMIT $8
"""

_ENDED: Final = """
SELECT id FROM board_item WHERE partner = $1 AND ended IS NOT NULL ORDER BY ended DESC LIMIT $2
"""

ROWS: Final = """
SELECT item.id, item.kind, item.case_id AS "case", item.step, item.attempt, item.operator, item.partner, item.offer,
    item.actor, item.need, item.commune, item.decision, item.parent, item.state, item.owner, item.next, item.due,
    item.escalated, item.list, item.opened, item.changed, item.ended, item.reason, item.caused_by, item.outcome,
    item.appointment, item.request, item.sort, item.in_time, item.answered,
    by_operator.name AS operator_name, by_partner.name AS partner_name, offer.name AS offer_name
FROM board_item AS item
LEFT JOIN organisation AS by_operator ON by_operator.id = item.operator
LEFT JOIN organisation AS by_partner ON by_partner.id = item.partner
LEFT JOIN board_offer AS offer ON offer.id = item.offer
WHERE item.id = ANY($1)
ORDER BY item.sort, item.id
"""

_DRIVES: Final[dict[Drive, str]] = {
    "everywhere": f"'{COUNTRY}'",
    "departement": "board_item.departement",
    "operator": "board_item.operator",
    "partner": "board_item.partner",
}
_COUNTS_BY: Final = {name: _COUNT.format(drive=column, in_view=_IN_VIEW) for name, column in _DRIVES.items()}
_KEYS_BY: Final = {name: _KEYS.format(drive=column, in_view=_IN_VIEW) for name, column in _DRIVES.items()}


@dataclass(frozen=True, slots=True)
class Page:
    """Some items in their order, and where the next page begins."""

    items: list[dict[str, Any]]
    after: str | None


def lists_of(name: str) -> tuple[str, ...]:
    """The lists whose items a worklist shows."""
    return OPEN_LISTS if name in ("overdue", "open") else (name,)


def _conditions(view: View) -> list[Any]:
    """The first six parameters of every query: where to enter, and what is left to check."""
    rights = view.rights_to_check
    return [
        list(view.codes),
        None if rights is None else list(rights),
        view.within_to_check,
        view.operator if view.drive != "operator" else None,
        view.partner if view.drive != "partner" else None,
        view.actor,
    ]


async def counts(conn: Connection, view: View, now: datetime) -> dict[str, int]:
    """How many items wait in each worklist; a thousand means a thousand or more."""
    rows = await conn.fetch(_COUNTS_BY[view.drive], *_conditions(view), list(OPEN_LISTS), MOST, now)
    return {row["list"]: row["number"] for row in rows}


async def page(
    conn: Connection, view: View, name: str, now: datetime, after: str | None = None, limit: int = PAGE
) -> Page:
    """A page of a worklist (`open`: all of them), the most pressing first."""
    start = _read_cursor(after)
    before = now if name == "overdue" else END
    keys = await conn.fetch(_KEYS_BY[view.drive], *_conditions(view), list(lists_of(name)), limit + 1, before, *start)
    chosen = keys[:limit]
    items = await rows(conn, [key["id"] for key in chosen])
    more = len(keys) > limit
    return Page(items, _cursor(chosen[-1]["sort"], chosen[-1]["id"]) if more else None)


async def ended(conn: Connection, view: View) -> list[dict[str, Any]]:
    """A partner's hand-offs that ended last, the newest first; nothing for other views."""
    if view.partner is None or view.impossible:
        return []
    keys = await conn.fetch(_ENDED, view.partner, PAGE)
    found = [row for row in await rows(conn, [key["id"] for key in keys]) if view.sees(row)]
    return sorted(found, key=lambda row: row["ended"], reverse=True)


async def rows(conn: Connection, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Items by id with the names of their organisations, in the order of the lists."""
    return [dict(row) for row in await conn.fetch(ROWS, list(ids))] if ids else []


def _cursor(sort: datetime, identifier: str) -> str:
    return f"{sort.isoformat()}~{identifier}"


def _read_cursor(text: str | None) -> tuple[datetime, str]:
    """Where a page begins; raises ValueError for what was never a cursor."""
    if not text:
        return BEGINNING, ""
    sort, _, identifier = text.partition("~")
    start = datetime.fromisoformat(sort)
    if start.tzinfo is None or not BEGINNING <= start <= NEVER or "\0" in identifier:
        raise ValueError("not a cursor of this list")
    return start, identifier
