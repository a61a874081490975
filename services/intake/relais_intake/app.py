"""Intake put together: the doors, the deciders' transactor, the relay, and the reader of routing's news.

Parts are made here and nowhere else. It holds no rule.
"""

from dataclasses import replace
from typing import Final

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.routing import Route

from relais_chassis.access import Access
from relais_chassis.consumer import Reader
from relais_chassis.event_log import EventLog
from relais_chassis.gather import Gather
from relais_chassis.health import Health
from relais_chassis.limits import BodyLimit, Rate
from relais_chassis.outbox import LetterOutbox, LogOutbox
from relais_chassis.postgres import Database
from relais_chassis.problems import install
from relais_chassis.records import RecordHandler
from relais_chassis.relay import Relay
from relais_chassis.resuming import Resuming
from relais_chassis.run import Process
from relais_chassis.transact import Transactor
from relais_contracts.topics import HANDOFFS
from relais_intake.api import cases, declared, directory, handoffs, traces
from relais_intake.api.desk import Desk
from relais_intake.api.document import document
from relais_intake.api.events import Events
from relais_intake.contacts.resealing import Resealing
from relais_intake.contacts.sealing import Seal
from relais_intake.settings import Settings
from relais_intake.store.model import IntakeModel, State, asks

DESCRIPTION: Final = """The only door in for facts: cases, actions on hand-offs, the directory.

Problems are RFC 9457 documents. Somebody else's case or hand-off is 404 everywhere."""


SOURCE: Final = "/relais/intake"
GROUP: Final = "relais-intake"
TOPICS: Final = (HANDOFFS.name,)
BURST_SECONDS: Final = 10


async def build(process: Process, settings: Settings) -> None:
    """Add every part of intake to the process, the doors last."""
    seal = Seal.of_setting(settings.contact_keys.get_secret_value())
    database = await process.stack.enter_async_context(
        Database(settings.postgres, "intake", min_size=settings.pool_min, max_size=settings.pool_max)
    )
    log = EventLog(SOURCE)
    transactor: Transactor[State] = Transactor(database, log, IntakeModel(seal))
    relay = Relay(database, LogOutbox(log, settings.topic_prefix), settings.broker)
    letters = Relay(database, LetterOutbox("intake"), settings.broker)
    transactor.on_commit += [relay.wake, letters.wake]
    handler = RecordHandler(transactor, asks, prefix=settings.topic_prefix)
    listening = replace(settings.subscription(TOPICS, GROUP), stop_within=settings.stop_within / 2)
    reader = Reader(listening, handler)
    gather = Gather(transactor)
    process.health.add("database", database.check)

    process.add("relay", relay)
    process.add("dead letters", letters)
    process.add("resealing", Resealing(database, seal))
    process.add("resuming", Resuming(database, handler))
    process.add("reader", reader)
    process.add("gather", gather)
    access = Access(settings.jwks, origins=settings.allowed_origins)
    rate = Rate(settings.rate, settings.rate * BURST_SECONDS)
    desk = Desk(access, rate, gather, transactor, database, seal, reader.horizon)
    process.serve(app(desk, process.health, settings.allowed_origins), settings.host, settings.port)


def app(desk: Desk, health: Health, origins: tuple[str, ...] = ()) -> FastAPI:
    """The HTTP application."""
    made = FastAPI(title="Relais intake", version="1", description=DESCRIPTION, docs_url=None, redoc_url=None)
    made.router.routes.append(Route("/v1/events", Events(desk).post, methods=["POST"], name="say"))
    made.router.routes.extend(directory.routes(desk))
    for routes in (traces.routes, handoffs.routes, cases.routes, declared.routes):
        made.include_router(routes(desk))
    made.router.routes.extend(health.routes())
    install(made)
    made.add_middleware(BodyLimit)
    if origins:
        made.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_credentials=True,
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type"],
            max_age=600,
        )
    made.openapi = lambda: made.openapi_schema or _remembered(made)  # type: ignore[method-assign]
    return made


def _remembered(made: FastAPI) -> dict[str, object]:
    made.openapi_schema = document(made)
    return made.openapi_schema
