"""`POST /v1/directory`: lines in, one result a line out, in order; a bad line stops nothing.

NDJSON both ways, a megabyte at most at a time; lines of one request share a few transactions.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relais_chassis import clock
from relais_chassis.access import Caller
from relais_chassis.commands import Accepted, Answer, Command, Rejected, Repeated, Reused
from relais_chassis.decider import JSON, Refused
from relais_chassis.logs import tally
from relais_intake.api.desk import Desk
from relais_intake.directory.lines import Bad, read

NDJSON: Final = "application/x-ndjson"
TOGETHER: Final = 250
"""Lines that are read without a pause: some 30 ms, in which nobody else is answered."""

Result: TypeAlias = Mapping[str, JSON]
Read: TypeAlias = tuple[int, Command | Bad]


class Directory:
    """The door itself."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._caller = desk.one_of("directory", "partner", "admin")

    async def post(self, request: Request) -> Response:
        """Take directory lines: 207 with one result a line; 415 where it is not NDJSON."""
        caller = self._caller(request)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != NDJSON:
            raise Refused("content-type", f"expected {NDJSON}", status=415, expected=[NDJSON])
        lines = list(_lines(await request.body()))
        parts = [lines[start : start + TOGETHER] for start in range(0, len(lines), TOGETHER)]
        taken: list[asyncio.Task[list[Result]]] = []
        for part in parts:
            read_part = self._read(part, caller)
            taken.append(asyncio.create_task(self._take(read_part)))
            await asyncio.sleep(0)  # the part is stored while the next is read, and others get their turn
        results = [result for part in await asyncio.gather(*taken) for result in part]
        return Response(b"".join(orjson.dumps(one) + b"\n" for one in results), 207, media_type=NDJSON)

    def _read(self, lines: Sequence[tuple[int, bytes]], caller: Caller) -> Sequence[Read]:
        now = clock.now()
        return [(number, read(line, caller, now)) for number, line in lines]

    async def _take(self, lines: Sequence[Read]) -> list[Result]:
        commands = [command for _, command in lines if isinstance(command, Command)]
        answers = iter(await self._desk.gather.submit_all(commands))
        return [
            {"line": number, **(_bad(one) if isinstance(one, Bad) else _told(one, next(answers)))}
            for number, one in lines
        ]


def routes(desk: Desk) -> list[Route]:
    """The directory's door, to be mounted by the app."""
    return [Route("/v1/directory", Directory(desk).post, methods=["POST"], name="declare")]


def _lines(body: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines that say something, numbered; a line feed ends one, a carriage return elsewhere is JSON's own space."""
    for number, line in enumerate(body.split(b"\n"), 1):
        if line.strip():
            yield number, line.removesuffix(b"\r")


def _bad(bad: Bad) -> Result:
    tally("invalid")
    return {"status": bad.status, "result": "invalid", "id": bad.id, "detail": bad.detail, "errors": list(bad.errors)}


def _told(command: Command, answer: Answer) -> Result:
    name: dict[str, JSON] = {"entry": command.stream}
    match answer:
        case Accepted(events=events) if events:
            return {"status": 202, "result": "declared", **name}
        case Accepted() | Repeated():
            return {"status": 200, "result": "unchanged", **name}
        case Rejected(refused=refused):
            return {"status": refused.status, "result": refused.code, "detail": refused.detail, **name, **refused.help}
        case Reused():
            detail = "this id came before with another content; a new message needs a new id"
            return {"status": 409, "result": "id-reused", "detail": detail, **name}
        case _:
            return {"status": 500, "result": "failed", "detail": "not stored; send the line again", **name}
