"""Who may do what at which route, as data: the rule that the walk over all routes holds the whole against.

Written by hand from the design, one line a route; the routes themselves come from the OpenAPI documents. A route that
is not in here fails the walk.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

ROLES: Final = ("operator", "partner", "coordinator", "directory", "admin")
Key = tuple[str, str, str]
"""Service, method, path as the document names it."""


@dataclass(frozen=True)
class Rule:
    """What each role gets for its own; a role that is not named is refused, whatever it asks about.

    `own`: the status by role. `one_object`: the path or the body names something that belongs to somebody; where it
    does not, everybody asks for their own and must not see anybody else's. `sees_all`: roles to which nothing is
    foreign. `public`: what anybody with a role named may know. `by_organisation`: an organisation's own, in any role.
    """

    own: Mapping[str, int]
    one_object: bool = True
    sees_all: frozenset[str] = frozenset()
    public: bool = False
    by_organisation: bool = False
    without_token: int = 401
    body: str | None = None
    query: str = ""
    missing: frozenset[int] = frozenset({403, 404})
    """What may be answered about something that does not exist."""
    status: Callable[[httpx.Response], int] = field(default=lambda answer: answer.status_code)


def _of_the_line(answer: httpx.Response) -> int:
    """The door takes lines: what counts is what became of the one sent."""
    return int(json.loads(answer.text)["status"]) if answer.status_code == 207 else answer.status_code


_ENDPOINT: Final = "/v1/endpoints/{id}"
_ADMIN: Final = frozenset({"admin"})
_BOTH_ENDS: Final = {"operator": 200, "partner": 200}
_BOARD: Final = Rule(
    {"operator": 200, "partner": 200, "coordinator": 200, "admin": 200}, one_object=False, sees_all=_ADMIN
)

RULES: Final[dict[Key, Rule]] = {
    ("intake", "POST", "/v1/events"): Rule(
        {"operator": 202}, body="event", query="dry_run=true", missing=frozenset({403, 409})
    ),
    ("intake", "GET", "/v1/events"): Rule(
        {"operator": 200, "partner": 404, "coordinator": 404},
        query="source={source}&id={message}",
        by_organisation=True,
    ),
    ("intake", "GET", "/v1/handoffs/{handoff}"): Rule({"operator": 200, "partner": 200, "coordinator": 200}),
    ("intake", "POST", "/v1/handoffs/{handoff}/actions"): Rule(
        {"operator": 403, "partner": 202, "coordinator": 403}, body="action"
    ),
    ("intake", "GET", "/v1/handoffs/{handoff}/contact"): Rule({"partner": 200}),
    ("intake", "GET", "/v1/handoffs/{handoff}/texts/{text}"): Rule(_BOTH_ENDS),
    ("intake", "GET", "/v1/cases/{case}"): Rule({"operator": 200}),
    ("intake", "POST", "/v1/directory"): Rule(
        {"partner": 202, "directory": 202, "admin": 202},
        body="line",
        sees_all=_ADMIN,
        missing=frozenset({403, 409}),
        status=_of_the_line,
    ),
    ("intake", "GET", "/v1/directory"): Rule({"partner": 200, "directory": 200, "admin": 200}, one_object=False),
    ("routing", "POST", "/v1/options"): Rule(
        {"operator": 200, "coordinator": 200, "admin": 200}, one_object=False, public=True, body="options"
    ),
    ("routing", "GET", "/v1/directory/duplicates"): Rule(
        {"directory": 200, "coordinator": 200, "admin": 200}, one_object=False, public=True
    ),
    ("routing", "GET", "/v1/decisions/{id}"): Rule({"operator": 200, "coordinator": 200}),
    ("routing", "GET", "/v1/draws/{day}"): Rule(
        dict.fromkeys(ROLES, 200), one_object=False, public=True, without_token=200
    ),
    ("routing", "GET", "/v1/impartiality"): Rule(
        {"operator": 200, "coordinator": 200, "admin": 200}, one_object=False, sees_all=_ADMIN
    ),
    ("notifications", "GET", "/v1/feed"): Rule({**_BOTH_ENDS, "coordinator": 200}, one_object=False),
    ("notifications", "GET", "/v1/endpoints"): Rule(_BOTH_ENDS, one_object=False),
    ("notifications", "POST", "/v1/endpoints"): Rule(
        {"operator": 201, "partner": 201}, one_object=False, body="endpoint"
    ),
    ("notifications", "GET", _ENDPOINT): Rule(_BOTH_ENDS),
    ("notifications", "POST", f"{_ENDPOINT}/rotate"): Rule(_BOTH_ENDS),
    ("notifications", "POST", f"{_ENDPOINT}/test"): Rule({"operator": 202, "partner": 202}),
    ("notifications", "POST", f"{_ENDPOINT}/replay"): Rule({"operator": 202, "partner": 202}, body="since"),
    ("notifications", "GET", "/v1/deliveries"): Rule(_BOTH_ENDS, one_object=False),
    ("notifications", "GET", "/v1/deliveries/{id}"): Rule(_BOTH_ENDS),
    ("notifications", "POST", "/v1/deliveries/{id}/replay"): Rule({"operator": 202, "partner": 202}),
    ("notifications", "POST", f"{_ENDPOINT}/disable"): Rule(_BOTH_ENDS),
    ("notifications", "POST", f"{_ENDPOINT}/enable"): Rule(_BOTH_ENDS),
    ("notifications", "DELETE", _ENDPOINT): Rule({"operator": 204, "partner": 204}),
    ("notifications", "GET", "/v1/board/worklists"): _BOARD,
    ("notifications", "GET", "/v1/board/worklists/{name}"): _BOARD,
    ("notifications", "GET", "/v1/board/offers"): Rule({"partner": 200}, one_object=False),
    ("notifications", "GET", "/v1/board/figures"): _BOARD,
    ("notifications", "GET", "/v1/board/organisations"): _BOARD,
    ("notifications", "GET", "/v1/board/outline"): _BOARD,
    ("notifications", "GET", "/v1/board/stream"): _BOARD,
    ("notifications", "GET", "/v1/board/cases/{case_id}"): Rule(
        {"operator": 200, "partner": 200, "coordinator": 200, "admin": 200}, sees_all=_ADMIN
    ),
}
"""In the order in which they are walked: what takes something away comes after what uses it."""

SHAPES: Final[dict[str, Any]] = {"name": "open"}
"""Path parameters that name nothing of anybody."""
