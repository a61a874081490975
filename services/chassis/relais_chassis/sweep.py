"""A sweep: finds what is due and asks for it; the state answers whether it still matters.

Takes no input and decides nothing. Any number of workers may run the same one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeAlias

import structlog

from relais_chassis.commands import Accepted, Command, Failed
from relais_chassis.logs import canonical, tally
from relais_chassis.postgres import Connection, waited_out
from relais_chassis.transact import Transactor

log = structlog.get_logger(__name__)

Find: TypeAlias = Callable[[Connection, datetime, int], Awaitable[list[Command]]]
"""What is due at a time, at most so many; reads only."""


class Sweep:
    """Runs every few seconds, at once again while there is more than one batch; a part of the process."""

    def __init__(
        self,
        name: str,
        every_seconds: float,
        find: Find,
        transactor: Transactor[Any],
        now: Callable[[], datetime],
        *,
        limit: int = 500,
    ) -> None:
        self.name, self._every, self._find, self._limit = name, every_seconds, find, limit
        self._transactor, self._now = transactor, now
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Finish the batch in hand; `run` returns then."""
        self._stopping.set()

    async def run(self) -> None:
        """Sweep until stopped."""
        while not self._stopping.is_set():
            if await self.once():
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every):
                    await self._stopping.wait()

    async def once(self) -> bool:
        """One batch; whether more is due that this one has brought forward."""
        commands = await waited_out(self._due, f"find {self.name}")
        if not commands:
            return False
        with canonical("sweep", sweep=self.name, commands=len(commands)):
            answers = await self._transactor.transact(commands)
            for answer in answers:
                tally(type(answer).__name__.lower())
        failed = [answer for answer in answers if isinstance(answer, Failed)]
        if failed:
            log.error("a sweep asked what cannot be done", sweep=self.name, count=len(failed), exc_info=failed[0].error)
        moved = any(isinstance(answer, Accepted) and answer.events for answer in answers)
        return moved and len(commands) >= self._limit

    async def _due(self) -> list[Command]:
        async with self._transactor.database.connection() as conn:
            return await self._find(conn, self._now(), self._limit)
