"""`GET /v1/events?source=&id=`: what became of a message: accepted, published, and what routing made of it.

Answers for the sender's own messages only, from inbox, log, the relay's cursor and the projection.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from relais_chassis.access import Caller
from relais_chassis.decider import Refused
from relais_intake.api.answers import json_response, parsed, plain
from relais_intake.api.bodies import EventTraced
from relais_intake.api.desk import Desk, roles

PRINTABLE: Final = r"^[^\x00-\x1f\x7f]+$"
_INBOX: Final = "select answer::text as answer, received from inbox where org = $1 and source = $2 and id = $3"
_PUBLISHED: Final = """
select coalesce(bool_and(coalesce((l.txid, l.position) <= (c.txid, c.position), false)), true)
from unnest($1::text[], $2::bigint[]) as written(stream, version)
     join log l using (stream, version) left join relay_cursor c on c.log = 'log'
"""
_ROUTING: Final = """
select cause, event, type, handoff, step, state, time
from consequence where cause = any($1::text[]) order by time, event
"""


def routes(desk: Desk) -> APIRouter:
    """The route."""
    router = APIRouter(prefix="/v1/events", tags=["events"])
    sender = desk.needs("operator", "partner", "coordinator")

    @router.get(
        "",
        summary="What became of an event",
        response_model=EventTraced,
        openapi_extra=roles("operator", "partner", "coordinator"),
    )
    async def trace(
        source: Annotated[
            str, Query(max_length=256, pattern=PRINTABLE, description="Its source; `relais:actions` for an action.")
        ],
        id: Annotated[str, Query(max_length=256, pattern=PRINTABLE)],
        caller: Annotated[Caller, Depends(sender)],
    ) -> Response:
        """For the sender. Refused messages are not remembered: 404."""
        async with desk.database.transaction() as conn:
            row = await conn.fetchrow(_INBOX, caller.org, source, id)
            if row is None:
                raise Refused("unknown-event", "no such event of yours was accepted", status=404)
            answer = parsed(row["answer"])
            written: Sequence[str] = (answer or {}).get("events", ())
            streams = [event.rpartition("/")[0] for event in written]
            versions = [int(event.rpartition("/")[2]) for event in written]
            published = await conn.fetchval(_PUBLISHED, streams, versions)
            routing: list[Any] = await conn.fetch(_ROUTING, list(written))
        told = [{name: plain(value) for name, value in each.items()} for each in routing]
        body = {"source": source, "id": id, "accepted": plain(row["received"]), "answer": answer}
        return json_response({**body, "published": published, "routing": told})

    return router
