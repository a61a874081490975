"""From the deciders' answers to HTTP: status and body, for a single message and for a line of a batch.

Used by every door that gathers commands. It judges nothing.
"""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

import orjson
from pydantic_core import from_json
from starlette.responses import Response

from relais_chassis.access import Caller
from relais_chassis.commands import Accepted, Answer, Failed, FromOutside, Rejected, Repeated, Reused
from relais_chassis.decider import JSON, Refused
from relais_contracts.actions import ActionRequested
from relais_contracts.catalogue import dump

ACTIONS_SOURCE: Final = "relais:actions"
"""Under which actions' ids are remembered; no event's source can look like it."""


def outcome(answer: Answer) -> tuple[int, Mapping[str, JSON]]:
    """Status and body of an answer that is a yes; raises Refused, or the fault."""
    match answer:
        case Accepted(reply=reply):
            return 202, _mapping(reply)
        case Repeated(reply=reply):
            return 200, _mapping(reply)
        case Rejected(refused=refused):
            raise refused
        case Reused():
            raise Refused("id-reused", "this id came before with another content; a new message needs a new id")
        case Failed():
            raise Refused("fault", "it could not be stored; the same may be sent again", status=500)
        case _:
            raise TypeError(f"no answer to a message from outside: {type(answer).__name__}")


def raised(answer: Answer) -> None:
    """Raise what is not a yes."""
    outcome(answer)


def response(answer: Answer, **more: JSON) -> Response:
    """The response to a single message."""
    status, body = outcome(answer)
    return json_response({**more, **body}, status)


def json_response(body: object, status: int = 200, media_type: str = "application/json") -> Response:
    """A response written by orjson."""
    return Response(orjson.dumps(body), status, media_type=media_type)


def _mapping(reply: JSON) -> Mapping[str, JSON]:
    return reply if isinstance(reply, Mapping) else {}


def origin_of_action(caller: Caller, id: str, request: ActionRequested) -> FromOutside:
    """Whose message an action is; its content without the moment it came in."""
    content = dump(request.model_copy(update={"received": datetime.min}))
    return FromOutside(caller.org, ACTIONS_SOURCE, id, hashlib.sha256(content).digest())


def plain(value: Any) -> Any:
    """A database value as JSON."""
    return value.isoformat() if isinstance(value, date | datetime) else value


def parsed(text: str | None) -> Any:
    """A JSON column's value."""
    return None if text is None else from_json(text)
