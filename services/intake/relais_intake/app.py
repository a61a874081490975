"""Intake put together: the doors, the deciders' transactor, the relay, and the reader of routing's news.

Parts are made here and nowhere else. It holds no rule.
"""

from typing import Final

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.routing import Route

from relais_chassis.health import Health
from relais_chassis.limits import BodyLimit
from relais_chassis.problems import install
from relais_intake.api import cases, handoffs, traces
from relais_intake.api.desk import Desk
from relais_intake.api.document import document
from relais_intake.api.events import Events
from relais_intake.directory import api as directory

DESCRIPTION: Final = """The only door in for facts: cases, actions on hand-offs, the directory.

Problems are RFC 9457 documents. Somebody else's case or hand-off is 404 everywhere."""


def app(desk: Desk, health: Health, origins: tuple[str, ...] = ()) -> FastAPI:
    """The HTTP application."""
    made = FastAPI(title="Relais intake", version="1", description=DESCRIPTION, docs_url=None, redoc_url=None)
    made.router.routes.append(Route("/v1/events", Events(desk).post, methods=["POST"], name="say"))
    made.router.routes.extend(directory.routes(desk))
    for routes in (traces.routes, handoffs.routes, cases.routes):
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
