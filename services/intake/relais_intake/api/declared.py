"""`GET /v1/directory`: the entries that stand, page by page: those one declared, or those about oneself.

NDJSON, the last event of each entry a line, in order of stream. It shows nobody another directory's entries.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from relais_chassis.access import Caller
from relais_contracts.codec import to_json
from relais_contracts.envelope import CloudEvent
from relais_intake.api.desk import Desk, roles
from relais_intake.api.directory import NDJSON
from relais_intake.directory import standing

PAGE, LARGEST_PAGE = 1_000, 5_000
"""Entries in an answer: usually, and at most."""
AFTER: Final = r"^[^\x00-\x1f\x7f]*$"
_LINES: Final = {"description": "An event a line.", "content": {NDJSON: {"schema": {"type": "object"}}}}


def routes(desk: Desk) -> APIRouter:
    """The route."""
    router = APIRouter(prefix="/v1/directory", tags=["directory"])
    taken = ("directory", "partner", "admin")

    @router.get(
        "",
        summary="One's own entries that stand",
        response_class=Response,
        responses={200: _LINES},
        openapi_extra=roles(*taken),
    )
    async def look(
        caller: Annotated[Caller, Depends(desk.needs(*taken))],
        after: Annotated[str, Query(pattern=AFTER, max_length=600, description="A stream.")] = "",
        limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
    ) -> Response:
        """A directory's: what it declared. A partner's: itself, its offers, their places, its closures.

        The header `Link` names the next page; there is none on the last.
        """
        rows = standing.of_partner if caller.role == "partner" else standing.declared_by
        async with desk.database.connection() as conn:
            found = await rows(conn, caller.org, after, limit)
        lines = [to_json(_event(desk.transactor.log.source, row)) + b"\n" for row in found]
        return Response(b"".join(lines), media_type=NDJSON, headers=_next(found, limit))

    return router


def _event(source: str, row: Mapping[str, Any]) -> CloudEvent:
    return CloudEvent(
        id=f"{row['stream']}/{row['version']}",
        source=source,
        type=row["type"],
        data=row["data"],
        subject=row["subject"],
        time=row["time"],
        sequence=row["version"],
    )


def _next(found: Sequence[Mapping[str, Any]], limit: int) -> dict[str, str]:
    if len(found) < limit:
        return {}
    query = urlencode({"after": found[-1]["stream"], "limit": limit})
    return {"Link": f'</v1/directory?{query}>; rel="next"'}
