"""No, in a form that programs and people can use: RFC 9457 problem documents for every error of every kind.

Stands at the edge of each HTTP app. It never shows internals: a fault has a number, the rest is in the log."""

from collections.abc import Mapping
from typing import Any

import asyncpg
import orjson
import structlog
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from relais_chassis import clock
from relais_chassis.decider import JSON, Refused
from relais_chassis.expectations import errors_of
from relais_chassis.gather import Unavailable
from relais_chassis.postgres import is_passing

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPES = "urn:relais:problem:"
TITLES: Mapping[int, tuple[str, str]] = {
    400: ("bad-request", "The request cannot be read"),
    401: ("unauthorized", "Who asks is not known"),
    403: ("forbidden", "This is not for the one who asks"),
    404: ("not-found", "There is no such thing here"),
    405: ("method-not-allowed", "This cannot be done to it"),
    406: ("not-acceptable", "It cannot be given in that form"),
    409: ("conflict", "This is not possible now"),
    413: ("too-large", "The request is too large"),
    415: ("unsupported-media-type", "That form is not understood"),
    422: ("invalid", "What was sent is not as expected"),
    429: ("too-many-requests", "Too many requests"),
    500: ("fault", "Something is wrong on our side"),
    503: ("unavailable", "Not possible at the moment"),
}


class Problem(HTTPException):
    """A problem to answer with; `code` ends its `type`, `help` holds what lets the asker do better."""

    def __init__(
        self,
        status: int,
        code: str | None = None,
        detail: str = "",
        *,
        title: str | None = None,
        headers: Mapping[str, str] | None = None,
        **help: JSON,
    ) -> None:
        super().__init__(status, detail, headers)
        self.code, self.title, self.help = code, title, help

    def document(self) -> dict[str, JSON]:
        """The problem as data."""
        usual_code, usual_title = TITLES.get(self.status_code, ("error", "The request failed"))
        document: dict[str, JSON] = {
            "type": TYPES + (self.code or usual_code),
            "title": self.title or usual_title,
            "status": self.status_code,
        }
        if self.detail:
            document["detail"] = self.detail
        return document | self.help

    def response(self) -> Response:
        """The problem as an answer."""
        return Response(orjson.dumps(self.document()), self.status_code, self.headers, MEDIA_TYPE)


def problem(
    status: int,
    code: str | None = None,
    detail: str = "",
    *,
    title: str | None = None,
    headers: Mapping[str, str] | None = None,
    **help: JSON,
) -> Response:
    """A problem document as an answer."""
    return Problem(status, code, detail, title=title, headers=headers, **help).response()


def of_validation(failure: ValidationError | RequestValidationError) -> Problem:
    """422 with `errors[]`."""
    errors = errors_of(failure)
    where = ", ".join(str(each["pointer"] or "the document") for each in errors[:3])
    return Problem(422, "invalid", f"not as expected: {where}{', …' if len(errors) > 3 else ''}", errors=errors)


def of_refusal(refused: Refused) -> Problem:
    """What a decider refused, with its reason and its help."""
    answer = Problem(refused.status, refused.code, refused.detail)
    answer.help.update(refused.help)
    return answer


def of_outage(failure: Unavailable) -> Problem:
    """503 with Retry-After."""
    seconds = str(failure.retry_after)
    return Problem(503, "unavailable", "try the same again in a moment", headers={"Retry-After": seconds})


def install(app: Starlette) -> None:
    """Make every error of this Starlette or FastAPI app a problem document."""
    app.add_exception_handler(Problem, _answer(lambda failure: failure))
    app.add_exception_handler(Refused, _answer(of_refusal))
    app.add_exception_handler(Unavailable, _answer(of_outage))
    app.add_exception_handler(ValidationError, _answer(of_validation))
    app.add_exception_handler(RequestValidationError, _answer(of_validation))
    app.add_exception_handler(HTTPException, _answer(_of_http))
    for kind in (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        app.add_exception_handler(kind, _outage_or_fault)
    app.add_exception_handler(Exception, _fault)


def _answer(make: Any) -> Any:
    async def handler(_request: Request, failure: Exception) -> Response:
        response: Response = make(failure).response()
        return response

    return handler


def _of_http(failure: HTTPException) -> Problem:
    detail = "" if failure.detail in _STATUS_WORDS else failure.detail
    answer = Problem(failure.status_code, None, detail, headers=failure.headers)
    if allow := (failure.headers or {}).get("Allow"):
        answer.help["allowed"] = sorted(each.strip() for each in allow.split(","))
    return answer


async def _fault(request: Request, failure: Exception) -> Response:
    incident = str(clock.new_id())
    route = getattr(request.scope.get("route"), "path", None)
    log.error("fault", incident=incident, method=request.method, route=route, exc_info=failure)
    return problem(500, "fault", f"it is recorded as incident {incident}", incident=incident)


async def _outage_or_fault(request: Request, failure: Exception) -> Response:
    """A question that met the database while it was away is asked again, not reported."""
    if not is_passing(failure):
        return await _fault(request, failure)
    log.warning("the database is away", error=type(failure).__name__)
    return of_outage(Unavailable()).response()


_STATUS_WORDS = {"Not Found", "Method Not Allowed", "Bad Request", "Unauthorized", "Forbidden", "Not Acceptable"}
