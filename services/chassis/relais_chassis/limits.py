"""How much one request and one caller may ask: size of the body, depth of the JSON, requests a second.

Stands before anything is parsed. It knows nothing of what is asked."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from itertools import accumulate

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from relais_chassis.problems import Problem

ONE_MEGABYTE = 1_000_000
DEEPEST = 32

_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_OPEN = ord("[")


class BodyLimit:
    """ASGI middleware: a body too large is refused with 413 while it streams in, one too deep with 422 at its end."""

    def __init__(self, app: ASGIApp, limit: int = ONE_MEGABYTE, deepest: int = DEEPEST) -> None:
        self._app, self._limit, self._deepest = app, limit, deepest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not announced.isdigit() or int(announced) > self._limit:
            return await self._too_large().response()(scope, receive, send)
        await self._app(scope, self._counted(receive), send)

    def _counted(self, receive: Receive) -> Receive:
        parts: list[bytes] = []
        left = self._limit

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            if message["type"] == "http.request":
                part = message.get("body", b"")
                left -= len(part)
                if left < 0:
                    raise self._too_large()
                parts.append(part)
                if not message.get("more_body"):
                    check_depth(b"".join(parts), self._deepest)
            return message

        return counted

    def _too_large(self) -> Problem:
        return Problem(413, "too-large", f"at most {self._limit} bytes are taken", limit=self._limit)


def check_depth(body: bytes, deepest: int = DEEPEST) -> None:
    """Raise Problem 422 when JSON is nested deeper than that; a body that is no JSON is left to its parser."""
    if body.count(b"[") + body.count(b"{") <= deepest:
        return
    unescaped = body.replace(rb"\\", b"").replace(rb"\"", b"")
    brackets = b"".join(unescaped.split(b'"')[::2]).translate(_ONE_KIND, _NOT_BRACKETS)  # what is outside of strings
    left = brackets
    for _ in range(deepest):  # each round takes the innermost level away, at the speed of bytes.replace
        left = left.replace(b"[]", b"")
        if not left:
            return
    if _depth(brackets) > deepest:
        raise Problem(422, "too-deep", f"at most {deepest} levels are read", limit=deepest)


def _depth(brackets: bytes) -> int:
    return max(accumulate(1 if bracket == _OPEN else -1 for bracket in brackets), default=0)


class Rate:
    """A token bucket for each caller: so many requests a second, with bursts; the longest unheard are forgotten."""

    def __init__(
        self,
        per_second: float,
        burst: float,
        *,
        remembered: int = 10_000,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_second, self._burst, self._remembered, self._seconds = per_second, burst, remembered, seconds
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str, count: float = 1) -> None:
        """Take from the caller's bucket; raises Problem 429 with Retry-After when there is not enough."""
        now = self._seconds()
        left, since = self._buckets.pop(caller, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._per_second)
        wait = (min(count, self._burst) - left) / self._per_second
        self._buckets[caller] = (left, now) if wait > 0 else (left - count, now)
        if len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)
        if wait > 0:
            seconds = max(1, math.ceil(wait))
            detail = f"at most {self._per_second:g} a second; try again in {seconds} s"
            raise Problem(429, "too-many-requests", detail, headers={"Retry-After": str(seconds)})
