"""The board's data over HTTP: worklists, one case, figures, and the live stream.

Mounted by the service's app beside feed and deliveries. Every answer is cut to the caller's rights in the query
itself; it only reads.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import StreamingResponse

from relais_chassis.access import Caller
from relais_chassis.decider import Refused
from relais_chassis.postgres import Database
from relais_contracts.identifiers import is_uuid
from relais_contracts.vocabularies import Actor
from relais_notifications.board import offers
from relais_notifications.board.dossier import dossier
from relais_notifications.board.failing import counts
from relais_notifications.board.figures import figures, organisations
from relais_notifications.board.live import Live
from relais_notifications.board.memo import Memo
from relais_notifications.board.places import is_known, outline
from relais_notifications.board.present import LIST_HINTS, LISTS
from relais_notifications.board.rows import WORKLISTS
from relais_notifications.board.streaming import read, stream
from relais_notifications.board.views import View, view

ROLES: Final = frozenset({"operator", "partner", "coordinator", "admin"})
NAMES: Final = (*WORKLISTS, "open", "ended")
FIGURES_SECONDS: Final = 60.0
_NOT_STORED: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

Territory = Annotated[
    str | None,
    Query(
        description="A territory that says its kind, such as `departement:71`.",
        pattern=r"^(commune|epci|departement|region|country|bassin-de-vie|zone-emploi):[0-9A-Z]{1,10}$",
    ),
]
Organisation = Annotated[str | None, Query(max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:\-]*$")]
AskCaller = Callable[[Request], Caller]


def routes(database: Database, live: Live, caller: AskCaller, now: Callable[[], datetime]) -> APIRouter:
    """The board's routes; `caller` says who asks, or raises the problem that tells why not."""
    router = APIRouter(prefix="/v1/board", tags=["board"])

    def asking(request: Request) -> Caller:
        found = caller(request)
        if found.role not in ROLES:
            raise Refused("wrong-role", f"role {found.role} has no board", status=403, allowed=sorted(ROLES))
        return found

    def viewed(
        who: Annotated[Caller, Depends(asking)],
        territory: Territory = None,
        actor: Actor | None = None,
        operator: Organisation = None,
        partner: Organisation = None,
    ) -> View:
        if territory is not None and not is_known(territory):
            errors = [{"pointer": "/territory", "detail": "expected a territory of France"}]
            raise Refused("invalid", f"there is no territory {territory}", status=422, errors=errors)
        filters = {"territory": territory, "actor": actor, "operator": operator, "partner": partner}
        asked = {name: value for name, value in filters.items() if value}
        return view(who.role, who.org, who.territories, asked)

    _worklists(router, database, now, viewed)
    _cases(router, database, asking)
    _offers(router, database, now, asking)
    _figures(router, database, now, viewed)
    _stream(router, database, live, now, viewed)
    return router


def _worklists(router: APIRouter, database: Database, now: Callable[[], datetime], viewed: Callable[..., View]) -> None:
    @router.get("/worklists", summary="How much waits in each worklist")
    async def all_worklists(seen: Annotated[View, Depends(viewed)]) -> dict[str, Any]:
        """Counts of what is in the caller's view; a thousand means a thousand or more."""
        async with database.connection() as conn:
            numbers = await counts(conn, seen, now())
        lists = [
            {"name": name, "label": LISTS[name], "hint": LIST_HINTS[name], "count": numbers[name]} for name in WORKLISTS
        ]
        return {"worklists": lists, "counts": numbers}

    @router.get("/worklists/{name}", summary="What waits in one worklist, the most pressing first")
    async def one_worklist(
        name: str,
        seen: Annotated[View, Depends(viewed)],
        after: Annotated[str | None, Query(max_length=300)] = None,
    ) -> dict[str, Any]:
        """A page of items, who must act next on each, what is awaited and by when; `after` gives the next page."""
        _known(name)
        async with database.connection() as conn:
            try:
                return await read(conn, seen, name, now(), after)
            except ValueError:
                raise Refused("not-a-cursor", "`after` is expected to come from the page before", status=422) from None


def _cases(router: APIRouter, database: Database, asking: Callable[..., Caller]) -> None:
    @router.get("/cases/{case_id}", summary="One case: its chain and its timeline")
    async def one_case(case_id: str, who: Annotated[Caller, Depends(asking)]) -> dict[str, Any]:
        """Steps with their hand-offs, and what happened in plain French; a partner sees its own hand-offs only."""
        found = None
        if is_uuid(case_id):
            rights = view(who.role, who.org, who.territories, {})
            async with database.connection() as conn:
                found = await dossier(conn, rights, case_id)
        if found is None:
            raise Refused("not-found", "there is no such case of yours", status=404)
        return found


def _offers(router: APIRouter, database: Database, now: Callable[[], datetime], asking: Callable[..., Caller]) -> None:
    @router.get("/offers", summary="A partner's own offers and places")
    async def own_offers(who: Annotated[Caller, Depends(asking)]) -> dict[str, Any]:
        """Offers in demand first: the places declared, how many are free, how many people look for one in vain."""
        if who.role != "partner":
            raise Refused("wrong-role", "offers are shown to their partner", status=403, allowed=["partner"])
        async with database.connection() as conn:
            return await offers.read(conn, who.org, now())


def _figures(router: APIRouter, database: Database, now: Callable[[], datetime], viewed: Callable[..., View]) -> None:
    memo: Memo[dict[str, Any]] = Memo(FIGURES_SECONDS)

    @router.get("/figures", summary="Figures of practice")
    async def all_figures(seen: Annotated[View, Depends(viewed)]) -> dict[str, Any]:
        """Masked demands, cases without interview, answers in time, unmet needs by commune; up to a minute old."""

        async def counted() -> dict[str, Any]:
            async with database.connection() as conn:
                return await figures(conn, seen, now())

        return await memo.get(seen, counted)

    named: Memo[dict[str, Any]] = Memo(FIGURES_SECONDS)

    @router.get("/organisations", summary="Who can be filtered by")
    async def all_organisations(seen: Annotated[View, Depends(viewed)]) -> dict[str, Any]:
        """Operators and partners with something open in the caller's view; up to a minute old."""

        async def listed() -> dict[str, Any]:
            async with database.connection() as conn:
                return await organisations(conn, seen)

        return await named.get(seen, listed)

    @router.get("/outline", summary="The shape of the territory in view")
    async def shape(seen: Annotated[View, Depends(viewed)]) -> dict[str, Any]:
        """Points, longitude and latitude in degrees, that together draw the caller's départements."""
        return {"points": outline(seen.departements)}


def _stream(
    router: APIRouter,
    database: Database,
    live: Live,
    now: Callable[[], datetime],
    viewed: Callable[..., View],
) -> None:
    @router.get("/stream", summary="The board, live", response_class=StreamingResponse)
    async def open_board(
        seen: Annotated[View, Depends(viewed)],
        name: Annotated[str, Query(alias="list", max_length=40)] = "overdue",
        last: Annotated[str | None, Header(alias="Last-Event-ID", max_length=4000)] = None,
    ) -> StreamingResponse:
        """Server-sent events: `snapshot` (a worklist's first page, all counts, `position`), then `changes` and
        `counts` after it; a `Last-Event-ID` is answered with what was missed."""
        _known(name)
        body = stream(live, database, now, seen, name, last)
        return StreamingResponse(body, media_type="text/event-stream", headers=_NOT_STORED)


def _known(name: str) -> None:
    if name not in NAMES:
        raise Refused("not-found", f"there is no worklist {name!r}", status=404, allowed=list(NAMES))
