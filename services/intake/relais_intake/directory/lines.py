"""One line of an import: from bytes to a command, or to everything that is wrong with it.

Between the HTTP door and the decider. A line is judged alone; it never stops the next one.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import ValidationError

from relais_chassis.access import Caller
from relais_chassis.commands import Command, FromOutside
from relais_chassis.decider import JSON
from relais_contracts.bounds import WITHOUT_NUL, beyond, nul_at
from relais_contracts.catalogue import parse
from relais_contracts.codec import Unreadable, from_json
from relais_contracts.directory import DirectoryPayload
from relais_contracts.envelope import CloudEvent
from relais_intake.directory.checks import problems
from relais_intake.directory.decider import Declare
from relais_intake.directory.entry import TYPES, stream_of

LONGEST_LINE = 256 * 1024
"""Bytes; an offer with two thousand zone codes is some 20 KiB."""

MOST_ERRORS = 20


@dataclass(frozen=True, slots=True)
class Bad:
    """A line that cannot be taken."""

    detail: str
    status: int = 422
    id: str | None = None
    errors: list[dict[str, JSON]] = field(default_factory=list)


def read(line: bytes, caller: Caller, now: datetime) -> Command | Bad:
    """The command of a structured CloudEvent of a directory type."""
    if len(line) > LONGEST_LINE:
        return Bad(f"a line is at most {LONGEST_LINE} bytes", status=413)
    try:
        event = from_json(line)
    except Unreadable as error:
        return Bad("not a CloudEvent", errors=[{"pointer": error.where, "detail": f"expected {error.expected}"}])
    if event.type not in TYPES:
        return Bad(f"{event.type} is not a directory type; expected one of {', '.join(TYPES)}", id=event.id)
    if event.source != f"/{caller.org}" and not event.source.startswith(f"/{caller.org}/"):
        return Bad(f"source is expected to be /{caller.org} or to begin with /{caller.org}/", status=403, id=event.id)
    errors: list[dict[str, JSON]] = [{"pointer": where, "detail": f"expected {what}"} for where, what in beyond(event)]
    errors += [
        {"pointer": f"/data{at}", "detail": f"expected {WITHOUT_NUL}"} for at in nul_at(event.data)[:MOST_ERRORS]
    ]
    if errors:
        return Bad("attributes or texts out of bounds", id=event.id[:256], errors=errors)
    return _command(event, line, caller, now)


def _command(event: CloudEvent, line: bytes, caller: Caller, now: datetime) -> Command | Bad:
    try:
        payload = parse(event)
    except ValidationError as error:
        return Bad("the data do not fit their type", id=event.id, errors=_pointers(error))
    assert isinstance(payload, DirectoryPayload)
    wrong = problems(payload)
    if wrong:
        return Bad("the data do not fit the territory or the calendar", id=event.id, errors=wrong)
    return Command(
        stream=stream_of(payload),
        body=Declare(payload, caller.role, caller.org),
        origin=FromOutside(caller.org, event.source, event.id, hashlib.sha256(line).digest()),
        time=now,
        correlationid=event.correlationid,
        traceparent=event.traceparent,
    )


def _pointers(error: ValidationError) -> list[dict[str, JSON]]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [
        {"pointer": "/data/" + "/".join(str(part) for part in one["loc"]), "detail": one["msg"]}
        for one in found[:MOST_ERRORS]
    ]
