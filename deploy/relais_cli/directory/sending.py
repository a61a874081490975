"""Lines of an import to intake's door, a thousand at a time, and what became of each.

The next request is made ready while one is under way; lines stay in order. It knows no file format.
"""

import json
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

import httpx

from relais_cli.output import Stopped

LINES, BYTES = 1_000, 900_000
"""At most in one request; intake takes 1 MB."""
TRIES, LONGEST_WAIT = 60, 10.0
PASSING = frozenset({429, 502, 503, 504})

T = TypeVar("T")


class Result(NamedTuple):
    """What intake said of one line."""

    status: int
    result: str
    entry: str | None
    reason: str | None


class Door:
    """`/v1/directory`, asked patiently: what is busy or away is asked again, lines keep their ids."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def declare(self, lines: Iterable[tuple[T, bytes]]) -> Iterator[tuple[T, Result]]:
        """Send lines, each with whatever stands for it; its result comes back with that, in order."""
        with ThreadPoolExecutor(1) as pool:
            waiting: tuple[list[T], Future[list[Result]]] | None = None
            for marks, body in bodies(lines):
                sent = marks, pool.submit(self._post, body)
                if waiting:
                    yield from zip(waiting[0], waiting[1].result(), strict=True)
                waiting = sent
            if waiting:
                yield from zip(waiting[0], waiting[1].result(), strict=True)

    def standing(self) -> Iterator[dict[str, Any]]:
        """The last event of each entry of one's own, page by page."""
        where = "/v1/directory?limit=5000"
        while where:
            answer = self._ask("GET", where)
            yield from _lines(answer)
            where = answer.links.get("next", {}).get("url", "")

    def _post(self, body: bytes) -> list[Result]:
        answer = self._ask("POST", "/v1/directory", body)
        return [_result(line) for line in _lines(answer)]

    def _ask(self, method: str, where: str, body: bytes | None = None) -> httpx.Response:
        for left in reversed(range(TRIES)):
            try:
                answer = self._client.request(method, where, content=body)
            except httpx.TransportError as failure:
                if not left:
                    raise Stopped(f"intake cannot be reached: {failure!r}") from None
                time.sleep(1)
                continue
            if answer.status_code not in PASSING or not left:
                break
            time.sleep(min(float(answer.headers.get("Retry-After", "1")), LONGEST_WAIT))
        if answer.status_code >= 300:
            raise Stopped(f"intake answered {answer.status_code}: {answer.text[:500]}")
        return answer


def bodies(lines: Iterable[tuple[T, bytes]]) -> Iterator[tuple[list[T], bytes]]:
    """Marks and the body of each request."""
    marks: list[T] = []
    body = bytearray()
    for mark, line in lines:
        if marks and (len(marks) == LINES or len(body) + len(line) >= BYTES):
            yield marks, bytes(body)
            marks, body = [], bytearray()
        marks.append(mark)
        body += line + b"\n"
    if marks:
        yield marks, bytes(body)


def _lines(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    """The lines of an answer; a line feed alone ends one, for texts may hold what else Unicode calls a line end."""
    return (json.loads(line) for line in answer.content.split(b"\n") if line)


def _result(line: dict[str, Any]) -> Result:
    errors = "; ".join(f"{each.get('pointer')}: {each.get('detail')}" for each in line.get("errors") or ())
    reason = ": ".join(filter(None, (line.get("detail"), errors))) or None
    return Result(int(line["status"]), line["result"], line.get("entry"), reason)
