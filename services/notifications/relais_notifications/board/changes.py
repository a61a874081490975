"""Reads what changed on the board since a position, and forgets what is long past.

The live board polls it; each answer is one snapshot, so that changes and rows agree. It sends nothing to anybody.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from relais_chassis.postgres import Connection, Database
from relais_notifications.board import worklists
from relais_notifications.board.positions import Position, position

TOO_MANY: Final = 2000
"""More changes than this are not told one by one."""

_SINCE: Final = """
SELECT kind, id, txid::text AS txid, left_operator FROM board_change
WHERE txid >= pg_snapshot_xmin($1::text::pg_snapshot) AND NOT pg_visible_in_snapshot(txid, $1::text::pg_snapshot)
ORDER BY position LIMIT $2
"""
_CASES: Final = "SELECT id, operator, commune FROM board_case WHERE id = ANY($1)"
_FORGET: Final = """
WITH old AS (DELETE FROM board_change WHERE at < $1 RETURNING txid)
UPDATE board_forgotten SET txid = greatest(board_forgotten.txid, newest.txid)
FROM (SELECT txid FROM old ORDER BY txid DESC LIMIT 1) AS newest
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A row as it is now, and the transactions that changed it; `left`: an operator that sees it no longer."""

    kind: str
    id: str
    row: dict[str, Any]
    txid: int
    left: str | None


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since a position, and the position that this brings a board to; too much to be told one by one:
    `changes` is None, and whoever wants to know reads again."""

    position: Position
    changes: list[Change] | None


@asynccontextmanager
async def snapshot(database: Database) -> AsyncIterator[tuple[Connection, Position]]:
    """A connection that sees one moment, and that moment's position."""
    async with database.connection() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        yield conn, position(await conn.fetchval("SELECT pg_current_snapshot()::text"))


async def since(database: Database, start: Position) -> Since | None:
    """What changed since a position; None where that is forgotten already."""
    async with snapshot(database) as (conn, here):
        if start.floor <= int(await conn.fetchval("SELECT txid::text FROM board_forgotten")):
            return None
        found = await conn.fetch(_SINCE, start.text, TOO_MANY + 1)
        if len(found) > TOO_MANY:
            return Since(here, None)
        return Since(here, await _with_rows(conn, found))


async def _with_rows(conn: Connection, found: list[Any]) -> list[Change]:
    latest = {(each["kind"], each["id"], each["left_operator"]): int(each["txid"]) for each in found}
    items = {row["id"]: row for row in await worklists.rows(conn, [id for kind, id, _ in latest if kind == "item"])}
    case_ids = [id for kind, id, _ in latest if kind == "case"]
    cases = {row["id"]: dict(row) for row in await conn.fetch(_CASES, case_ids)} if case_ids else {}
    known = {"item": items, "case": cases}
    return [
        Change(kind, id, known[kind][id], txid, left) for (kind, id, left), txid in latest.items() if id in known[kind]
    ]


async def forget(database: Database, before: datetime) -> None:
    """Drop changes from before a moment; boards that stand further back will get a fresh snapshot."""
    async with database.transaction() as conn:
        await conn.execute(_FORGET, before)
