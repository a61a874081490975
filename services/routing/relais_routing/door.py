"""Routing's door for questions: who asks, how often, and the application that the routes stand in.

HTTP reads only: nothing is told to routing by this door. What is answered stands with each question, beside this file.
"""

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI, Request
from starlette.middleware.cors import CORSMiddleware

from relais_chassis import problems
from relais_chassis.access import Access, Caller, only
from relais_chassis.health import Health
from relais_chassis.limits import BodyLimit, Rate
from relais_territories import FRANCE

ASKING = ("Authorization", "Content-Type")


class Door:
    """Lets callers in by their role and no oftener than the rate allows."""

    def __init__(self, access: Access, rate: Rate) -> None:
        self._access, self._rate = access, rate

    def caller(self, request: Request, *roles: str) -> Caller:
        """Who asks; a `Problem` where nobody known does, with another role, or too often."""
        caller = only(self._access.caller(request), *roles)
        self._rate.take(caller.sub)
        return caller

    def take(self, caller: Caller, count: int) -> None:
        """Counts so many questions more that came in one request; a `Problem` where they are too many."""
        self._rate.take(caller.sub, count)


def concerns(caller: Caller, operator: str, commune: str) -> bool:
    """Whether a caller may read of a case: its operator, or the coordinators of where the person lives."""
    if caller.role == "operator":
        return caller.org == operator
    known = FRANCE.commune(commune)
    within = FRANCE.territories_of(known) if known else frozenset((f"commune:{commune}",))
    return not within.isdisjoint(caller.territories)


def wants_text(request: Request) -> bool:
    """Whether the caller would rather read French than data."""
    accepted = request.headers.get("accept", "")
    return "text/plain" in accepted and "application/json" not in accepted


def app(routers: Iterable[APIRouter], health: Health, origins: tuple[str, ...] = ()) -> FastAPI:
    """The HTTP application."""
    api = FastAPI(title="Relais routing", version="1", description="What routing may be asked.", docs_url=None)
    for router in routers:
        api.include_router(router)
    api.router.routes.extend(health.routes())
    problems.install(api)
    api.add_middleware(BodyLimit)
    if origins:
        api.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_credentials=True,
            allow_headers=ASKING,
        )
    return api
