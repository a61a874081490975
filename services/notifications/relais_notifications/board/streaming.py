"""One open board as a stream of server-sent events: a snapshot with its position, then every change after it.

Stands between the live board and a browser. A browser that comes back with a position gets what it missed instead of
a new snapshot; one that leaves is forgotten. Streams end by themselves now and then, so that rights are judged again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any, Final

from relais_chassis.postgres import Connection, Database
from relais_notifications.board import changes, worklists
from relais_notifications.board.failing import counts, failing
from relais_notifications.board.live import Live, Open, changes_message, concerns
from relais_notifications.board.positions import Position, position
from relais_notifications.board.present import Message, message, present
from relais_notifications.board.views import View

HEARTBEAT_SECONDS: Final = 15.0
LIFETIME_SECONDS: Final = 900.0
_HEARTBEAT: Final = b": still here\n\n"
_RETRY: Final = b"retry: 2000\n\n"


async def stream(
    live: Live, database: Database, now: Callable[[], datetime], view: View, name: str, last: str | None
) -> AsyncIterator[bytes]:
    """The bytes of one board's stream; `last` is the position a returning browser stands at."""
    board = await live.enter(view)
    try:
        yield _RETRY
        missed = await _missed(database, board, last) if last else None
        if missed is not None:
            yield missed.body
            yield (await _counts(live, database, view, now())).body
        else:
            yield (await _snapshot(live, database, now(), board, name)).body
        loop = asyncio.get_running_loop()
        end = loop.time() + LIFETIME_SECONDS
        while (left := end - loop.time()) > 0:
            try:
                told = await asyncio.wait_for(board.waiting.get(), min(HEARTBEAT_SECONDS, left))
            except TimeoutError:
                yield _HEARTBEAT
                continue
            if told is None:
                return
            yield told.body
    finally:
        live.leave(board)


async def _missed(database: Database, board: Open, last: str) -> Message | None:
    """What happened since a position; None where that cannot be told any more."""
    try:
        start: Position = position(last)
    except ValueError:
        return None
    found = await changes.since(database, start)
    if found is None or found.changes is None:
        return None
    board.shown(found.position)
    concerning = [change for change in found.changes if concerns(board.view, change)]
    return changes_message(board.view, concerning, found.position)


async def _counts(live: Live, database: Database, view: View, now: datetime) -> Message:
    async with database.connection() as conn:
        numbers = await counts(conn, view, now)
    live.count_of(view, numbers)
    return message("counts", {"counts": numbers})


async def _snapshot(live: Live, database: Database, now: datetime, board: Open, name: str) -> Message:
    async with changes.snapshot(database) as (conn, here):
        data = await read(conn, board.view, name, now)
    board.shown(here)
    live.count_of(board.view, data["counts"])
    return message("snapshot", {**data, "position": here.text}, here.text)


async def read(conn: Connection, view: View, name: str, now: datetime, after: str | None = None) -> dict[str, Any]:
    """A worklist's page and all counts, as both the API and the stream tell them."""
    numbers = await counts(conn, view, now)
    if name == "delivery-failing":
        return {"list": name, "counts": numbers, "items": await failing(conn, view), "after": None}
    if name == "ended":
        found = await worklists.ended(conn, view)
        return {"list": name, "counts": numbers, "items": [present(row, view.role) for row in found], "after": None}
    page = await worklists.page(conn, view, name, now, after)
    return {
        "list": name,
        "counts": numbers,
        "items": [present(row, view.role) for row in page.items],
        "after": page.after,
    }
