"""Serves the pages and their files: strict CSP, no inline script, nothing from anybody else.

The pages read the board's API and send what people do straight to intake's door. Nothing is decided here.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from fastapi import APIRouter, Request
from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.responses import HTMLResponse, RedirectResponse, Response

from relais_chassis.access import Caller
from relais_chassis.decider import Refused
from relais_chassis.problems import Problem
from relais_contracts import labels
from relais_notifications.board.pages.words import ACTION_WORDS, CAUSES, TERRITORY_KINDS
from relais_notifications.board.places import choices, name_of
from relais_notifications.board.present import LIST_HINTS, LISTS, MODES
from relais_notifications.board.rows import OPEN_LISTS, WORKLISTS
from relais_notifications.board.views import EVERYWHERE

_TYPES: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_HOME: Final = {"partner": "/referrals", "coordinator": "/board", "operator": "/board", "admin": "/board"}
ROLE_LABELS: Final = {
    "partner": "Partenaire",
    "coordinator": "Coordination",
    "operator": "Opérateur CEP",
    "admin": "Administration",
}
_FILE_HEADERS: Final = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
_TEMPLATES: Final = Environment(
    loader=PackageLoader("relais_notifications.board.pages", "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    trim_blocks=True,
    lstrip_blocks=True,
)


def headers(intake_url: str, routing_url: str = "") -> dict[str, str]:
    """What every page says about itself: who may be talked to, and that nobody may frame or keep it."""
    asked = " ".join(filter(None, ("'self'", intake_url, routing_url)))
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"connect-src {asked}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
    }


def render(template: str, intake_url: str, status: int = 200, *, routing_url: str = "", **values: Any) -> HTMLResponse:
    """A page of the given template, with its headers."""
    body = _TEMPLATES.get_template(template).render(intake=intake_url, routing=routing_url, **values)
    return HTMLResponse(body, status, headers(intake_url, routing_url))


def routes(caller: Callable[[Request], Caller], intake_url: str, routing_url: str = "") -> APIRouter:
    """The pages' routes; `caller` says who asks, or raises: then the page tells how to get in.

    Without `routing_url` the board does not offer to say why a partner was chosen.
    """
    router = APIRouter(include_in_schema=False)

    def entered(request: Request, page: str) -> Caller | Response:
        try:
            found = caller(request)
        except Problem as problem:
            if problem.status_code != 401:
                raise
            return render("signin.html", intake_url, 401)
        home = _HOME.get(found.role)
        if home is None:
            return render("signin.html", intake_url, 403, wrong_role=found.role)
        return found if home == page else RedirectResponse(home, 303)

    @router.get("/board")
    async def board(request: Request) -> Response:
        """Who must act next, live."""
        who = entered(request, "/board")
        if isinstance(who, Response):
            return who
        return render("board.html", intake_url, routing_url=routing_url, **_common(who), **_board_values(who))

    @router.get("/referrals")
    async def referrals(request: Request) -> Response:
        """A partner's referrals."""
        who = entered(request, "/referrals")
        if isinstance(who, Response):
            return who
        return render("referrals.html", intake_url, **_common(who))

    @router.get("/static/{name}")
    async def static(name: str) -> Response:
        """A script, a style sheet, a picture."""
        found = _static().get(name)
        if found is None:
            raise Refused("not-found", "there is no such file", status=404)
        kind = _TYPES[name.rpartition(".")[2]]
        return Response(found, media_type=kind, headers=_FILE_HEADERS)

    return router


@cache
def _static() -> dict[str, bytes]:
    folder = files("relais_notifications.board.pages") / "static"
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name.rpartition(".")[2] in _TYPES}


def _common(who: Caller) -> dict[str, Any]:
    return {
        "role": who.role,
        "role_label": ROLE_LABELS[who.role],
        "org": who.org,
        "reasons": labels.REASONS,
        "outcomes": labels.OUTCOMES,
        "causes": CAUSES,
        "modes": MODES,
        "actions": ACTION_WORDS,
    }


def _board_values(who: Caller) -> dict[str, Any]:
    rights = tuple(who.territories) if who.role == "coordinator" else EVERYWHERE
    grouped: dict[str, list[Any]] = {}
    for choice in choices(tuple(sorted(rights))):
        grouped.setdefault(TERRITORY_KINDS[choice.code.partition(":")[0]], []).append(choice)
    return {
        "place": ", ".join(name_of(territory) for territory in rights) if who.role == "coordinator" else who.org,
        "lists": _lists(who),
        "territories": grouped,
        "actors": labels.ACTORS,
    }


def _lists(who: Caller) -> list[Mapping[str, str]]:
    names = ("open", "overdue", *OPEN_LISTS, WORKLISTS[-1])
    return [{"name": name, "label": LISTS[name], "hint": LIST_HINTS[name]} for name in names]
