"""Two questions that routing answers: why this choice, was the draw fair.

HTTP reads only, through `door`. A day's secret is shown once the day is over, never before.
"""

import base64
import hashlib
from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from relais_chassis.postgres import Database
from relais_chassis.problems import Problem
from relais_contracts.identifiers import UUID_PATTERN
from relais_routing import decisions, draws
from relais_routing.door import Door, concerns, wants_text
from relais_routing.matching import explain

DecisionId = Annotated[str, Path(pattern=UUID_PATTERN)]


class Questions:
    """Answers from the tables of decisions and draws."""

    def __init__(self, database: Database, door: Door) -> None:
        self._database, self._door = database, door

    def router(self) -> APIRouter:
        """The two routes."""
        router = APIRouter(prefix="/v1")
        router.add_api_route("/decisions/{id}", self.decision)
        router.add_api_route("/draws/{day}", self.draw)
        return router

    async def decision(self, id: DecisionId, request: Request) -> Response:
        """Why this partner, or why nobody: the record as it was sealed, or in French with `Accept: text/plain`."""
        caller = self._door.caller(request, "operator", "coordinator")
        async with self._database.connection() as conn:
            found = await decisions.read(conn, id)
        if found is None or not concerns(caller, found.operator, found.commune):
            raise Problem(404, "not-found", "there is no such decision among yours")
        if wants_text(request):
            lines = explain.explain(orjson.loads(found.record))
            return PlainTextResponse("\n".join(lines) + "\n", headers={"Vary": "Accept"})
        seal = base64.b64encode(hashlib.sha256(found.record).digest()).decode()
        headers = {"Vary": "Accept", "Repr-Digest": f"sha-256=:{seal}:"}  # RFC 9530; in hexadecimal in the event
        return Response(found.record, media_type="application/json", headers=headers)

    async def draw(self, day: date) -> Response:
        """A day's commitment, and its secret once the day is over; anybody may check."""
        async with self._database.connection() as conn:
            published: Any = await draws.published(conn, day)
        if published is None:
            raise Problem(404, "not-found", f"no draw is committed for {day}")
        return JSONResponse(published)
