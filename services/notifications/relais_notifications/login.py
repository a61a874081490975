"""Getting in and out of the pages: a link that works once becomes a session cookie.

The cookie is a token like any other, so every door checks it the same way. It gives nobody more than the link said.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from relais_chassis import clock
from relais_chassis.access import COOKIE, Access, Caller, issue
from relais_chassis.keys import read_private_key
from relais_chassis.postgres import Connection, Database
from relais_chassis.problems import Problem
from relais_notifications.board.pages.routes import render

SESSION: Final = timedelta(hours=12)
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_USE: Final = "insert into login_used (jti, used) values ($1, $2) on conflict do nothing returning jti"

log = structlog.get_logger(__name__)


def routes(database: Database, access: Access, signing_key: Path | None, intake_url: str) -> APIRouter:
    """`/login`, `/logout`, and `/` that leads to one's own page."""
    router = APIRouter(include_in_schema=False)
    key = read_private_key(signing_key) if signing_key is not None else None

    @router.get("/login")
    async def login(request: Request, token: Annotated[str, Query(max_length=4000)] = "") -> Response:
        """Take a link's token, once, and let its bearer in for twelve hours."""
        try:
            caller = access.login(token)
        except Problem as problem:
            if problem.status_code != 401:
                raise
            return render("signin.html", intake_url, 401)
        jti = str(caller.claims["jti"])
        if key is None or not await _is_first(database, jti, clock.now()):
            log.warning("a login link was refused", org=caller.org, role=caller.role, used=key is not None)
            return render("signin.html", intake_url, 401)
        session = Caller(caller.sub, caller.org, caller.role, caller.territories)
        response = RedirectResponse("/referrals" if caller.role == "partner" else "/board", 303)
        response.set_cookie(
            COOKIE,
            issue(key, session, SESSION),
            max_age=int(SESSION.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=request.url.hostname not in _LOOPBACK,
        )
        response.headers["referrer-policy"] = "no-referrer"
        response.headers["cache-control"] = "no-store"
        return response

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


async def _is_first(database: Database, jti: str, now: datetime) -> bool:
    async def use(conn: Connection) -> bool:
        return await conn.fetchval(_USE, jti, now) is not None

    return await database.in_transaction(use, "use a login link")
