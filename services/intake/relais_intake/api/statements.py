"""From an event as an operator sent it to a command, or to everything that is wrong with it.

Used for single events and for each line of a batch. It looks communes up and nothing else.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from relais_chassis.access import Caller
from relais_chassis.commands import Command, FromOutside
from relais_chassis.decider import JSON, Refused
from relais_chassis.expectations import errors_of
from relais_contracts import cases
from relais_contracts.bounds import WITHOUT_NUL, beyond, nul_at
from relais_contracts.cases import CaseOpened, CasePayload
from relais_contracts.catalogue import MODELS, dump
from relais_contracts.codec import Unreadable
from relais_contracts.envelope import CloudEvent, Payload
from relais_contracts.identifiers import is_uuid, stream
from relais_intake.store.statements import statement
from relais_territories import commune

SENT_BY_OPERATORS: Final[dict[str, type[Payload]]] = {
    name: model
    for name, model in MODELS.items()
    if issubclass(model, CasePayload) and model is not cases.CaseContactDisclosed
}
MOST_ERRORS: Final = 20


def unreadable(error: Unreadable) -> Refused:
    """The answer to something that is no CloudEvent."""
    detail = f"expected {error.expected}"
    errors: list[JSON] = [{"pointer": error.where, "expected": error.expected}]
    return Refused("not-a-cloudevent", f"{error.where or 'the body'}: {detail}", status=422, errors=errors)


def command(event: CloudEvent, caller: Caller, now: datetime) -> Command:
    """What the event asks of its case; raises Refused with every place that is wrong."""
    own(event.source, caller)
    model = SENT_BY_OPERATORS.get(event.type)
    if model is None:
        raise _unknown_type(event.type)
    errors = [*_attributes(event)]
    payload: Payload | None = None
    try:
        payload = model.model_validate_json(event.data)
    except ValidationError as error:
        errors += [{**each, "pointer": f"/data{each['pointer']}"} for each in errors_of(error)]
    content = b"" if payload is None else dump(payload)
    errors += _beyond_schema(payload)
    errors += [{"pointer": f"/data{at}", "expected": WITHOUT_NUL} for at in nul_at(content)]
    if errors or not isinstance(payload, CasePayload) or event.subject is None:
        where = ", ".join(str(each["pointer"]) for each in errors[:3])
        raise Refused("invalid", f"not as expected: {where}", status=422, errors=errors[:MOST_ERRORS])
    digest = hashlib.sha256(b"\n".join((event.type.encode(), event.subject.encode(), content))).digest()
    return Command(
        stream=stream("case", event.subject),
        body=statement(caller.org, payload),
        origin=FromOutside(caller.org, event.source, event.id, digest),
        time=now,
        correlationid=event.correlationid,
        traceparent=event.traceparent,
    )


def own(source: str, caller: Caller) -> None:
    """An organisation speaks in its own name only."""
    name = f"/{caller.org}"
    if source != name and not source.startswith(f"{name}/"):
        detail = f"source is expected to be {name} or to begin with {name}/"
        raise Refused("foreign-source", detail, status=403, expected=name)


def _unknown_type(name: str) -> Refused:
    why = "is written by Relais or goes to another door" if name in MODELS else "is not known"
    expected: list[JSON] = [*SENT_BY_OPERATORS]
    errors: list[JSON] = [{"pointer": "/type", "detail": f"{name[:100]} {why}"}]
    return Refused("unknown-type", f"{name[:100]} {why}", status=422, expected=expected, errors=errors)


def _attributes(event: CloudEvent) -> Iterator[dict[str, JSON]]:
    for pointer, expected in beyond(event):
        yield {"pointer": pointer, "expected": expected}
    if event.subject is None or not is_uuid(event.subject):
        yield {"pointer": "/subject", "expected": "the case: a lower-case UUID"}


def _beyond_schema(payload: Payload | None) -> Iterator[dict[str, JSON]]:
    if isinstance(payload, CaseOpened) and commune(payload.commune) is None:
        yield {"pointer": "/data/commune", "detail": f"{payload.commune} is not a commune of France"}
