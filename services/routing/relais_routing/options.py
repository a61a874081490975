"""The options question: what exists for a need here, for the counsellor who builds the road map.

Answered from the directory in memory by the rules of the choice. It is shown without the day's secret, so that nobody
can try a case id until the draw suits; nothing is stored.
"""

import secrets

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from relais_chassis import clock
from relais_chassis.postgres import Database
from relais_contracts.cases import AnyOption, Mobility, Option
from relais_contracts.identifiers import CommuneCode, Formacode, Rome
from relais_contracts.vocabularies import Actor, Audience, Need
from relais_routing.door import Door
from relais_routing.matching import request as asked
from relais_routing.matching.draw import Draw
from relais_routing.matching.match import match
from relais_routing.matching.record import record
from relais_routing.model import RoutingModel

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


class Options:
    """Answers from the directory in memory."""

    def __init__(self, database: Database, model: RoutingModel, door: Door) -> None:
        self._database, self._model, self._door = database, model, door

    def router(self) -> APIRouter:
        """The route."""
        router = APIRouter(prefix="/v1")
        body = {
            "requestBody": {"required": True, "content": {"application/json": {"schema": Wanted.model_json_schema()}}}
        }
        router.add_api_route("/options", self.options, methods=["POST"], openapi_extra=body)
        return router

    async def options(self, request: Request) -> Response:
        """What exists for a need here, in the order of reach and room; equals in random order."""
        caller = self._door.caller(request, "operator", "coordinator", "admin")
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
