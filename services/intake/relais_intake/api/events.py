"""`POST /v1/events`: operators' events, one or many, structured, binary or as a batch; `GET`: what became of one.

The hot path: the raw request, no framework in between; requests that come together share a transaction.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from relais_chassis import clock
from relais_chassis.access import Caller
from relais_chassis.commands import Answer, Command, Rejected
from relais_chassis.decider import JSON, Refused
from relais_chassis.logs import tally
from relais_chassis.problems import of_outage, of_refusal
from relais_contracts.codec import BATCH, STRUCTURED, Unreadable, decode_json, from_dict, from_http
from relais_contracts.codec import JSON as JSON_TYPE
from relais_contracts.envelope import CloudEvent
from relais_intake.api import answers, statements
from relais_intake.api.desk import Behind, Desk
from relais_intake.store.judging import judge

MOST_AT_ONCE: Final = 1_000


class Events:
    """The door itself."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._operator = desk.one_of("operator")

    async def post(self, request: Request) -> Response:
        """Take events in: 202, 200 for the same again, 207 for a batch, else a problem."""
        caller = self._operator(request)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        body, now = await request.body(), clock.now()
        dry = request.query_params.get("dry_run", "").lower() in ("true", "1")
        if kind == BATCH:
            return await self._batch(body, caller, now, dry=dry)
        try:
            event = _single(kind, request, body)
        except Unreadable as error:
            raise statements.unreadable(error) from None
        command = statements.command(event, caller, now)
        if dry:
            (answer,) = await judge(self._desk.transactor, [command])
            return answers.response(answer, dry_run=True)
        (settled,) = await self._settled([command])
        if isinstance(settled, Behind):
            raise settled
        return answers.response(settled)

    async def _batch(self, body: bytes, caller: Caller, now: datetime, *, dry: bool) -> Response:
        given = _events(body)
        self._desk.rate.take(caller.org, len(given))
        read = [_line(each, caller, now) for each in given]
        commands = [command for _, command in read if isinstance(command, Command)]
        if dry:
            found: Iterator[Answer | Behind] = iter(await judge(self._desk.transactor, commands))
        else:
            found = iter(await self._settled(commands))
        lines = [_told(name, judged if isinstance(judged, Refused) else next(found)) for name, judged in read]
        return answers.json_response(lines, 207)

    async def _settled(self, commands: Sequence[Command]) -> Sequence[Answer | Behind]:
        """The answers; a hand-off that seemed unknown is asked for again once routing's news have arrived."""
        answered: list[Answer | Behind] = list(await self._desk.gather.submit_all(commands))
        early = [index for index, answer in enumerate(answered) if _is_unknown(answer)]
        if not early:
            return answered
        try:
            await self._desk.caught_up()
        except Behind as behind:
            again: Sequence[Answer | Behind] = [behind] * len(early)
        else:
            again = await self._desk.gather.submit_all([commands[index] for index in early])
        for index, answer in zip(early, again, strict=True):
            answered[index] = answer
        return answered


def _is_unknown(answer: Answer | Behind) -> bool:
    return isinstance(answer, Rejected) and answer.refused.code == "unknown-handoff"


def _told(name: dict[str, JSON], answer: Answer | Behind | Refused) -> dict[str, Any]:
    """One line of a batch's answer."""
    try:
        if isinstance(answer, Refused):
            tally("invalid")
            raise answer
        if isinstance(answer, Behind):
            raise answer
        status, body = answers.outcome(answer)
    except Refused as refused:
        return {**name, **of_refusal(refused).document()}
    except Behind as behind:
        return {**name, **of_outage(behind).document()}
    return {**name, "status": status, **body}


def _single(kind: str, request: Request, body: bytes) -> CloudEvent:
    if kind == STRUCTURED:
        return from_dict(decode_json(body))
    if kind == JSON_TYPE and "ce-specversion" in request.headers:
        return from_http(dict(request.headers), body)
    raise Refused(
        "content-type",
        f"expected {STRUCTURED}, {BATCH}, or {JSON_TYPE} with ce- headers",
        status=415,
        expected=[STRUCTURED, BATCH, JSON_TYPE],
    )


def _events(body: bytes) -> Sequence[object]:
    try:
        given = decode_json(body)
    except Unreadable as error:
        raise statements.unreadable(error) from None
    if not isinstance(given, list):
        raise statements.unreadable(Unreadable("", "a JSON array of CloudEvents"))
    if len(given) > MOST_AT_ONCE:
        raise Refused("batch-too-long", f"a batch holds at most {MOST_AT_ONCE} events", status=413)
    return given


def _line(given: object, caller: Caller, now: datetime) -> tuple[dict[str, JSON], Command | Refused]:
    """Which event a line is, as far as that can be read, and what it asks."""
    name: dict[str, JSON] = {}
    if isinstance(given, dict):
        name = {key: str(given[key])[:256] for key in ("source", "id") if key in given}
    try:
        return name, statements.command(from_dict(given), caller, now)
    except Unreadable as error:
        return name, statements.unreadable(error)
    except Refused as refused:
        return name, refused
