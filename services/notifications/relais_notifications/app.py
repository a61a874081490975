"""Notifications as a process: the stream, the sender of webhooks, the live board, and the doors out.

Puts the parts together and starts nothing twice. What each part does stands in its own file.
"""

from typing import Any, Final

from fastapi import Depends, FastAPI, Request
from fastapi.security import HTTPBearer

from relais_chassis import clock
from relais_chassis.access import Access, Caller
from relais_chassis.consumer import Reader
from relais_chassis.event_log import EventLog
from relais_chassis.health import Health
from relais_chassis.limits import BodyLimit, Rate
from relais_chassis.outbox import LetterOutbox
from relais_chassis.postgres import Database
from relais_chassis.problems import MEDIA_TYPE, install
from relais_chassis.records import RecordHandler
from relais_chassis.relay import Relay
from relais_chassis.resuming import Resuming
from relais_chassis.run import Process
from relais_chassis.transact import Transactor
from relais_notifications import delivery_log, endpoints, feed, login
from relais_notifications.board import api as board
from relais_notifications.board.live import Live
from relais_notifications.board.pages import routes as pages
from relais_notifications.deliveries.sender import Sender
from relais_notifications.settings import Settings
from relais_notifications.stream import GROUP, TOPICS, News, asks
from relais_notifications.wakes import Wakes

DESCRIPTION: Final = """The only door out: one's own events by feed and by webhook, and the board.

Problems are RFC 9457 documents. Somebody else's case, endpoint or delivery is 404 everywhere."""

_PROBLEM: Final = {"content": {MEDIA_TYPE: {"schema": {"type": "object", "required": ["type", "title", "status"]}}}}
PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    400: {"description": "It cannot be read", **_PROBLEM},
    401: {"description": "Who asks is not known", **_PROBLEM},
    403: {"description": "Not for this role", **_PROBLEM},
    404: {"description": "There is none, or it is somebody else's", **_PROBLEM},
    409: {"description": "Not possible now", **_PROBLEM},
    413: {"description": "Larger than 1 MB", **_PROBLEM},
    422: {"description": "Not as expected; `errors[]` with JSON pointers", **_PROBLEM},
    429: {"description": "Too many requests; see Retry-After", **_PROBLEM},
    503: {"description": "Not possible at the moment; see Retry-After", **_PROBLEM},
}


async def build(process: Process, settings: Settings) -> None:
    """Add every part of notifications to the process; the live board last, so that open boards close first."""
    database = await process.stack.enter_async_context(
        Database(settings.postgres, "notifications", min_size=settings.pool_min, max_size=settings.pool_max)
    )
    wakes = Wakes()
    transactor = Transactor(database, EventLog(endpoints.SOURCE), News(wakes))
    letters = Relay(database, LetterOutbox("notifications"), settings.broker)
    sender = Sender(database, settings.sealing, settings.sending)
    transactor.on_commit += [wakes.commit, sender.wake, letters.wake]
    handler = RecordHandler(transactor, asks, prefix=settings.topic_prefix)
    live = Live(database, clock.now)

    process.health.add("database", database.check)
    process.add("dead letters", letters)
    process.add("sender", sender)
    process.add("resuming", Resuming(database, handler))
    process.add("stream", Reader(settings.subscription(TOPICS, GROUP, settings.max_batch), handler))
    made = app(process, settings, database, wakes, sender, live)
    process.serve(made, settings.host, settings.port)
    process.add("board", live)


def app(process: Process, settings: Settings, database: Database, wakes: Wakes, sender: Sender, live: Live) -> FastAPI:
    """The HTTP application."""
    access, rate = Access(settings.jwks), Rate(settings.rate, settings.rate * 10)

    def caller(request: Request) -> Caller:
        found = access.caller(request)
        rate.take(found.org)
        return found

    made = FastAPI(title="Relais notifications", version="1", description=DESCRIPTION, docs_url=None, redoc_url=None)
    allow_private = settings.webhooks_allow_private
    for router in (
        feed.routes(database, wakes, caller, process.stopping),
        endpoints.routes(database, settings.sealing, caller, sender.wake, allow_private=allow_private),
        delivery_log.routes(database, caller, sender.wake),
        board.routes(database, live, caller, clock.now),
    ):
        bearer = HTTPBearer(bearerFormat="JWT", description="Or the pages' session cookie.", auto_error=False)
        made.include_router(router, responses=PROBLEMS, dependencies=[Depends(bearer)])
    made.include_router(login.routes(database, access, settings.signing_key, settings.intake_url))
    made.include_router(pages.routes(caller, settings.intake_url, settings.routing_url))
    _finish(made, process.health)
    return made


def _finish(made: FastAPI, health: Health) -> None:
    made.router.routes.extend(health.routes())
    install(made)
    made.add_middleware(BodyLimit)
