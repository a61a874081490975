"""Takes up again what was parked or could not be read, once somebody asked for it or a hole was filled.

A sweep of the running service: the records go through the same handler and transaction as live ones, in order, and the
state answers. It decides nothing, and stops at the first record that still cannot be applied.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import structlog

from relais_chassis import clock, locks
from relais_chassis.commands import Parked
from relais_chassis.parking import free
from relais_chassis.postgres import Database, waited_out
from relais_chassis.records import RecordHandler
from relais_chassis.stored_records import COLUMNS, StoredRecord

log = structlog.get_logger(__name__)

_STREAMS: Final = "select stream from mark where resume order by stream limit 100"
_WAITING: Final = f"select {COLUMNS} from parked where stream = $1 order by sequence limit $2"
_LETTERS: Final = f"""
select id, {COLUMNS} from dead_letter where state = 'again' and stream is null order by id limit 100
"""
_LETTER: Final = "update dead_letter set state = $2, reason = coalesce($3, reason), at = $4 where id = $1"


class Resuming:
    """Resumes parked streams and unreadable letters of one service; a part of its process."""

    def __init__(self, database: Database, handler: RecordHandler, *, every_seconds: float = 2.0) -> None:
        self._database, self._handler, self._every = database, handler, every_seconds
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Finish what is in hand; `run` returns then."""
        self._stopping.set()

    async def run(self) -> None:
        """Look every few seconds until stopped."""
        while not self._stopping.is_set():
            await waited_out(self.once, "resume")
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every):
                    await self._stopping.wait()

    async def once(self) -> int:
        """Take up all that is asked for now; how many commands were applied."""
        async with self._database.connection() as conn:
            streams = [row["stream"] for row in await conn.fetch(_STREAMS)]
        applied = 0
        for stream in streams:
            applied += await self._resume(stream)
        return applied + await self._read_again()

    async def _resume(self, stream: str, limit: int = 500) -> int:
        applied = 0
        while records := await self._waiting(stream, limit):
            answers = await self._handler.handle(records, resumed=True)
            reasons = [answer.reason for answer in answers if isinstance(answer, Parked)]
            applied += len(answers) - len(reasons)
            if reasons or not answers:
                log.warning("a stream is still parked", stream=stream, reason=reasons[0] if reasons else "unreadable")
                return applied
        async with self._database.transaction() as conn:
            await locks.take(conn, [stream])
            await free(conn, [stream])
        log.info("a stream goes on", stream=stream, applied=applied)
        return applied

    async def _waiting(self, stream: str, limit: int) -> Sequence[StoredRecord]:
        async with self._database.connection() as conn:
            return [StoredRecord.of_row(*row) for row in await conn.fetch(_WAITING, stream, limit)]

    async def _read_again(self) -> int:
        async with self._database.connection() as conn:
            letters = await conn.fetch(_LETTERS)
        read = 0
        for id, *row in letters:
            record, now = StoredRecord.of_row(*row), clock.now()
            _, unreadable = self._handler.read([record], now, resumed=True)
            if not unreadable:
                await self._handler.handle([record])
                read += 1
            state, why = ("open", unreadable[0].reason) if unreadable else ("replayed", None)
            async with self._database.transaction() as conn:
                await conn.execute(_LETTER, id, state, why, now)
        return read
