"""`GET /v1/feed`: one's own events by cursor, waiting for news where there are none.

The door for those who would rather ask than be called; everything can be read again from any cursor. It reads only.
"""

import asyncio
import base64
from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from relais_chassis.access import Caller
from relais_chassis.decider import Refused
from relais_chassis.postgres import Database
from relais_notifications import feed_store
from relais_notifications.feed_store import Cursor, Page
from relais_notifications.wakes import COORDINATORS, Key, Wakes

ROLES: Final = frozenset({"partner", "operator", "coordinator"})
LONGEST_WAIT: Final = 60.0
LOOK_EVERY: Final = 1.0
"""Seconds between looks while nobody wakes: news of other workers are never later than this."""
SETTLE: Final = 0.02
"""Seconds until a commit just announced can be seen; older transactions may still be open."""

_SCHEMA: Final = {
    "type": "object",
    "required": ["events", "cursor"],
    "properties": {
        "events": {"type": "array", "items": {"type": "object", "description": "A CloudEvent, structured JSON."}},
        "cursor": {"type": "string", "description": "Give it as `after` next time."},
    },
}
_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Events in order, and the cursor after them.",
        "content": {"application/json": {"schema": _SCHEMA}},
    }
}


def routes(database: Database, wakes: Wakes, caller: Callable[[Request], Caller], stopping: asyncio.Event) -> APIRouter:
    """The route; a wait ends early when the process is about to stop."""
    router = APIRouter(prefix="/v1", tags=["feed"])

    @router.get("/feed", summary="One's own events", response_class=Response, responses=_ANSWER)
    async def feed(
        request: Request,
        after: Annotated[str | None, Query(max_length=64, description="The cursor of the answer before.")] = None,
        wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait for news.")] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> Response:
        """What the caller is told, as CloudEvents: a partner's and an operator's own, a coordinator's by territory.

        Nothing is skipped and nothing comes twice. Without `after` it begins with the first event; an answer without
        events still gives a cursor.
        """
        who = caller(request)
        if who.role not in ROLES:
            raise Refused("wrong-role", f"role {who.role} has no feed", status=403, allowed=sorted(ROLES))
        page = await _news(database, wakes, who, _cursor(after), wait, limit, stopping)
        body = b'{"events":[' + b",".join(page.events) + b'],"cursor":"' + _text(page.cursor).encode() + b'"}'
        return Response(body, media_type="application/json", headers={"cache-control": "no-store"})

    return router


async def _news(
    database: Database, wakes: Wakes, who: Caller, after: Cursor, wait: float, limit: int, stopping: asyncio.Event
) -> Page:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait
    key: Key = COORDINATORS if who.role == "coordinator" else (who.role, who.org)
    while True:
        async with database.connection() as conn:
            page = await feed_store.read(conn, who.role, who.org, who.territories, after, limit)
        left = deadline - loop.time()
        if page.events or left <= 0 or stopping.is_set():
            return page
        if page.cursor == after and await wakes.wait(key, min(left, LOOK_EVERY)):
            await asyncio.sleep(SETTLE)
        after = page.cursor


def _text(cursor: Cursor) -> str:
    """The cursor as callers see it: they give it back and need not understand it."""
    return base64.urlsafe_b64encode(f"{cursor.txid}.{cursor.position}".encode()).decode().rstrip("=")


def _cursor(text: str | None) -> Cursor:
    if not text:
        return Cursor()
    try:
        txid, position = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").split(".")
        cursor = Cursor(int(txid), int(position))
    except ValueError:
        cursor = Cursor(-1)
    if not (0 <= cursor.txid < 2**64 and 0 <= cursor.position < 2**63):
        raise Refused("not-a-cursor", "`after` is expected to come from the answer before", status=422)
    return cursor
