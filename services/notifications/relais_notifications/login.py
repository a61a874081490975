"""Getting in and out of the pages: a link that works once becomes a session cookie, once its bearer presses a button.

The cookie is a token like any other, so every door checks it the same way. It gives nobody more than the link said,
and looking at a link, as the scanners of mail do, uses nothing up.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import parse_qs

import structlog
from fastapi import APIRouter, Query, Request
from joserfc.jwk import ECKey
from starlette.responses import RedirectResponse, Response

from relais_chassis import clock
from relais_chassis.access import COOKIE, Access, Caller, issue
from relais_chassis.keys import read_private_key
from relais_chassis.postgres import Connection, Database
from relais_chassis.problems import Problem
from relais_notifications.board.pages.routes import ROLE_LABELS, render

SESSION: Final = timedelta(hours=12)
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_LONGEST: Final = 4000
_USED: Final = "select exists (select from login_used where jti = $1)"
_USE: Final = "insert into login_used (jti, used) values ($1, $2) on conflict do nothing returning jti"

log = structlog.get_logger(__name__)


def routes(database: Database, access: Access, signing_key: Path | None, intake_url: str) -> APIRouter:
    """`/login`, `/logout`, and `/` that leads to one's own page."""
    router = APIRouter(include_in_schema=False)
    key = read_private_key(signing_key) if signing_key is not None else None

    def refused() -> Response:
        return render("signin.html", intake_url, 401, link=True)

    @router.get("/login")
    async def ask(token: Annotated[str, Query(max_length=_LONGEST)] = "") -> Response:
        """Say whom a link lets in, and offer to enter.

        The button's POST comes from our own page; a cookie set on the way from somebody else's would not be sent on.
        """
        caller = _bearer(access, token)
        if caller is None or key is None or await _is_used(database, caller):
            return refused()
        label = ROLE_LABELS.get(caller.role)
        response = render("enter.html", intake_url, token=token, org=caller.org, role_label=label)
        response.headers["referrer-policy"] = "strict-origin"  # with no referrer at all a POST's origin would be "null"
        return response

    @router.post("/login")
    async def enter(request: Request) -> Response:
        """Use a link up, and let its bearer in for twelve hours."""
        if not access.is_own_page(request):
            raise Problem(403, "foreign-origin", "a login link is taken from our own page only")
        caller = _bearer(access, await _token_of(request))
        if caller is None or key is None or not await _is_first(database, caller, clock.now()):
            return refused()
        return _let_in(caller, key, secure=request.url.hostname not in _LOOPBACK)

    @router.api_route("/logout", methods=["GET", "POST"])
    async def logout() -> Response:
        """Forget the session in this browser."""
        response = render("signin.html", intake_url)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return response

    @router.get("/")
    async def home() -> Response:
        """The board; it leads partners on to their referrals."""
        return RedirectResponse("/board", 303)

    return router


async def _token_of(request: Request) -> str:
    """The token of the form on the page of a link; empty where there is none."""
    [token] = parse_qs((await request.body()).decode(errors="replace")).get("token", [""])[:1]
    return token if len(token) <= _LONGEST else ""


def _bearer(access: Access, token: str) -> Caller | None:
    """Whom a link lets in; None where it is none, or one of yesterday."""
    try:
        return access.login(token)
    except Problem as problem:
        if problem.status_code != 401:
            raise
        return None


def _let_in(caller: Caller, key: ECKey, *, secure: bool) -> Response:
    """One's own page, and a session that says what the link said."""
    session = issue(key, Caller(caller.sub, caller.org, caller.role, caller.territories), SESSION)
    response = RedirectResponse("/referrals" if caller.role == "partner" else "/board", 303)
    lasting = int(SESSION.total_seconds())
    response.set_cookie(COOKIE, session, max_age=lasting, httponly=True, samesite="strict", secure=secure)
    response.headers["cache-control"] = "no-store"
    return response


async def _is_used(database: Database, caller: Caller) -> bool:
    async with database.connection() as conn:
        return bool(await conn.fetchval(_USED, str(caller.claims["jti"])))


async def _is_first(database: Database, caller: Caller, now: datetime) -> bool:
    async def use(conn: Connection) -> bool:
        return await conn.fetchval(_USE, str(caller.claims["jti"]), now) is not None

    first = await database.in_transaction(use, "use a login link")
    if not first:
        log.warning("a login link was used again", org=caller.org, role=caller.role)
    return first
