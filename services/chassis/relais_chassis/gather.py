"""Requests that arrive together share one transaction: while one batch is stored the next collects.

Stands between HTTP doors and `transact`. It keeps their order, and refuses early rather than queue without end.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from typing import Any, Final

import structlog

from relais_chassis.commands import Answer, Command
from relais_chassis.logs import canonical, tally
from relais_chassis.transact import Transactor

log = structlog.get_logger(__name__)

RETRY_AFTER: Final = 2
"""Seconds a caller is told to wait."""


class Unavailable(Exception):
    """Nothing could be stored in time: 503, try again; what was asked may yet be stored, a repetition will tell."""

    retry_after = RETRY_AFTER


class Gather:
    """Collects commands for one transactor; a part of the process, started before the doors open."""

    def __init__(
        self,
        transactor: Transactor[Any],
        max_batch: int = 500,
        max_wait: float = 0.0,
        *,
        max_queue: int = 5_000,
        patience: float = 10.0,
    ) -> None:
        self._transactor = transactor
        self._max_batch, self._max_wait = max_batch, max_wait
        self._max_queue, self._patience = max_queue, patience
        self._queue: deque[tuple[Command, asyncio.Future[Answer]]] = deque()
        self._something, self._stopping = asyncio.Event(), asyncio.Event()

    async def submit(self, command: Command) -> Answer:
        """The answer to one command, once it is stored; raises Unavailable."""
        return (await self.submit_all([command]))[0]

    async def submit_all(self, commands: Sequence[Command]) -> list[Answer]:
        """The answers to several, in order; they stand side by side in the queue. Raises Unavailable."""
        if self._stopping.is_set() or len(self._queue) >= self._max_queue:
            raise Unavailable("too much is waiting to be stored")
        loop = asyncio.get_running_loop()
        waiting = [(command, loop.create_future()) for command in commands]
        self._queue.extend(waiting)
        self._something.set()
        try:
            async with asyncio.timeout(self._patience):
                return [await answer for _, answer in waiting]
        except TimeoutError:
            raise Unavailable("the database does not answer") from None
        finally:
            for _, answer in waiting:
                answer.cancel()  # not yet begun: left out; already begun: stored all the same

    def stop(self) -> None:
        """Take nothing more; what is queued is still stored, then `run` returns."""
        self._stopping.set()
        self._something.set()

    async def run(self) -> None:
        """Store batch after batch until stopped and empty."""
        while True:
            await self._something.wait()
            if self._max_wait and len(self._queue) < self._max_batch:
                await asyncio.sleep(self._max_wait)
            batch = self._next()
            if batch:
                await self._store(batch)
            elif self._stopping.is_set():
                return
            else:
                self._something.clear()

    def _next(self) -> list[tuple[Command, asyncio.Future[Answer]]]:
        batch: list[tuple[Command, asyncio.Future[Answer]]] = []
        while self._queue and len(batch) < self._max_batch:
            waiting = self._queue.popleft()
            if not waiting[1].done():
                batch.append(waiting)
        return batch

    async def _store(self, batch: list[tuple[Command, asyncio.Future[Answer]]]) -> None:
        try:
            with canonical("requests", commands=len(batch)):
                answers = await self._transactor.transact([command for command, _ in batch])
                for kind, count in Counter(type(answer).__name__.lower() for answer in answers).items():
                    tally(kind, count)
        except Exception as error:
            for _, waiting in batch:
                if not waiting.done():
                    waiting.set_exception(error)
            log.error("a batch of requests could not be stored", commands=len(batch), exc_info=error)
            raise
        for (_, waiting), answer in zip(batch, answers, strict=True):
            if not waiting.done():
                waiting.set_result(answer)
