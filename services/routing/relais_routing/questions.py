"""The questions that routing answers: what exists for a need here, why this choice, was the draw fair.

HTTP reads only: nothing is told to routing by this door. Options are shown without the day's secret, so that nobody
can try a case id until the draw suits.
"""

import secrets
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Path, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.middleware.cors import CORSMiddleware

from relais_chassis import clock, problems
from relais_chassis.access import Access, Caller, only
from relais_chassis.health import Health
from relais_chassis.limits import BodyLimit, Rate
from relais_chassis.postgres import Database
from relais_chassis.problems import Problem
from relais_contracts.cases import AnyOption, Mobility, Option
from relais_contracts.identifiers import UUID_PATTERN, CommuneCode, Formacode, Rome
from relais_contracts.vocabularies import Actor, Audience, Need
from relais_routing import decisions, draws
from relais_routing.matching import explain
from relais_routing.matching import request as asked
from relais_routing.matching.draw import Draw
from relais_routing.matching.match import match
from relais_routing.matching.record import record
from relais_routing.model import RoutingModel
from relais_territories import FRANCE

DecisionId = Annotated[str, Path(pattern=UUID_PATTERN)]
ASKING = ("Authorization", "Content-Type")
SHOWN = ("candidates", "aside", "aside_counts", "unmet", "directory", "territories", "rules")


class Wanted(BaseModel):
    """What is looked for: a need, near a commune, for somebody who can travel so far."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    actor: Actor
    need: Need
    commune: CommuneCode
    mobility: Mobility
    audiences: tuple[Audience, ...] = Field(default=(), max_length=14)
    rome: tuple[Rome, ...] = Field(default=(), max_length=20)
    formacode: tuple[Formacode, ...] = Field(default=(), max_length=20)
    options: tuple[Option, ...] = Field(default=(AnyOption(any=True),), min_length=1, max_length=20)


class Questions:
    """Answers from the directory in memory and from the tables of decisions and draws."""

    def __init__(self, database: Database, model: RoutingModel, access: Access, rate: Rate) -> None:
        self._database, self._model, self._access, self._rate = database, model, access, rate

    def router(self) -> APIRouter:
        """The three routes."""
        router = APIRouter(prefix="/v1")
        body = {
            "requestBody": {"required": True, "content": {"application/json": {"schema": Wanted.model_json_schema()}}}
        }
        router.add_api_route("/options", self.options, methods=["POST"], openapi_extra=body)
        router.add_api_route("/decisions/{id}", self.decision)
        router.add_api_route("/draws/{day}", self.draw)
        return router

    async def options(self, request: Request) -> Response:
        """What exists for a need here, in the order of reach and room; equals in random order."""
        caller = self._caller(request, "operator", "coordinator", "admin")
        wanted = Wanted.model_validate_json(await request.body())
        async with self._database.connection() as conn:
            await self._model.live.refresh(conn)
            await self._model.taken.refresh(conn)
        question = asked.Request(
            case=str(clock.new_id()),
            step="question",
            actor=wanted.actor,
            need=wanted.need,
            options=wanted.options,
            commune=wanted.commune,
            means=wanted.mobility.means,
            reach_minutes=wanted.mobility.reach_minutes,
            remote=wanted.mobility.remote,
            operator=caller.org,
            now=clock.now(),
            audiences=wanted.audiences,
            rome=wanted.rome,
            formacode=wanted.formacode,
        )
        by_chance = Draw(question.today, secrets.token_bytes(32))
        found = record(match(self._model.live.index, question, by_chance, self._model.taken.known))
        return JSONResponse({name: found[name] for name in SHOWN if name in found})

    async def decision(self, id: DecisionId, request: Request) -> Response:
        """Why this partner, or why nobody: the record, or in French with `Accept: text/plain`."""
        caller = self._caller(request, "operator", "coordinator")
        async with self._database.connection() as conn:
            found = await decisions.read(conn, id)
        if found is None or not _concerns(caller, *found[1:]):
            raise Problem(404, "not-found", "there is no such decision among yours")
        headers = {"Vary": "Accept"}
        if _wants_text(request):
            return PlainTextResponse("\n".join(explain.explain(found[0])) + "\n", headers=headers)
        return JSONResponse(found[0], headers=headers)

    async def draw(self, day: date) -> Response:
        """A day's commitment, and its secret once the day is over; anybody may check."""
        async with self._database.connection() as conn:
            published: Any = await draws.published(conn, day)
        if published is None:
            raise Problem(404, "not-found", f"no draw is committed for {day}")
        return JSONResponse(published)

    def _caller(self, request: Request, *roles: str) -> Caller:
        caller = only(self._access.caller(request), *roles)
        self._rate.take(caller.sub)
        return caller


def _concerns(caller: Caller, operator: str, commune: str) -> bool:
    if caller.role == "operator":
        return caller.org == operator
    known = FRANCE.commune(commune)
    within = FRANCE.territories_of(known) if known else frozenset((f"commune:{commune}",))
    return not within.isdisjoint(caller.territories)


def _wants_text(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "text/plain" in accepted and "application/json" not in accepted


def app(questions: Questions, health: Health, origins: tuple[str, ...] = ()) -> FastAPI:
    """The HTTP application."""
    api = FastAPI(title="Relais routing", version="1", description="What routing may be asked.", docs_url=None)
    api.include_router(questions.router())
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
