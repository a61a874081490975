"""The options question: what exists here for each need of a road map, for the counsellor who builds it.

Answered from the directory in memory by the rules of the choice. It is shown without the day's secret, so that nobody
can try a case id until the draw suits; nothing is stored.
"""

import asyncio
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from relais_chassis import clock
from relais_chassis.postgres import Database
from relais_routing.door import Door, wants_text
from relais_routing.model import RoutingModel
from relais_routing.options import answers, listings
from relais_routing.options.french import said
from relais_routing.options.wishes import BODY, Wanted

DESCRIBED: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "For each wish who fits, in order; who is set aside, by rule; how many a longer way reaches.",
        "content": {"application/json": {"schema": answers.SCHEMA}, "text/plain": {"schema": {"type": "string"}}},
    }
}


class Options:
    """Answers from the directory in memory."""

    def __init__(self, database: Database, model: RoutingModel, door: Door) -> None:
        self._database, self._model, self._door = database, model, door

    def router(self) -> APIRouter:
        """The route."""
        router = APIRouter(prefix="/v1")
        router.add_api_route("/options", self.options, methods=["POST"], openapi_extra=BODY, responses=DESCRIBED)
        return router

    async def options(self, request: Request) -> Response:
        """What exists for these needs here, in the order of reach and room; equals in random order.

        As data, or in French for a counsellor with `Accept: text/plain`.
        """
        caller = self._door.caller(request, "operator", "coordinator", "admin")
        wanted = Wanted.model_validate_json(await request.body())
        self._door.take(caller, len(wanted.wishes) - 1)
        async with self._database.connection() as conn:
            await self._model.live.refresh(conn)
            await self._model.taken.refresh(conn)
        index, found = self._model.live.index, []
        for asked in wanted.requests(caller.org, clock.now(), clock.new_id):
            found.append(answers.answer(index, asked, self._model.taken.known))
            await asyncio.sleep(0)  # the stream goes on between two wishes
        async with self._database.connection() as conn:
            await listings.complete(conn, index, found)
        headers = {"Vary": "Accept"}
        if wants_text(request):
            return PlainTextResponse("\n".join(said(wanted, found)) + "\n", headers=headers)
        return JSONResponse({"wishes": found}, headers=headers)
