"""A partner's system: a real HTTP server that keeps what it is sent and answers as a test tells it to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Received:
    """One message as it arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The webhook-id."""
        return self.headers["webhook-id"]


Answer = Callable[[Received], "web.Response | Any"]


@dataclass
class Receiver:
    """What was received, and how it answers; an answer may be awaitable."""

    answer: Answer = lambda received: web.Response(status=204)
    received: list[Received] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    url: str = ""
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Keep the message, then answer."""
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            received = Received({k.lower(): v for k, v in request.headers.items()}, await request.read())
            self.received.append(received)
            async with self._changed:
                self._changed.notify_all()
            answer = self.answer(received)
            if asyncio.iscoroutine(answer):
                answer = await answer
            assert isinstance(answer, web.StreamResponse)
            return answer
        finally:
            self.in_flight -= 1

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the messages satisfy a condition."""
        async with self._changed:
            await self._changed.wait_for(condition)


@asynccontextmanager
async def a_receiver(answer: Answer | None = None) -> AsyncIterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver(answer) if answer else Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()
