"""Publishes a log: reads it in its one true order, sends, waits for the acknowledgement, saves how far it is.

One leader per log, elected by an advisory lock; the others wait. Killed between acknowledgement and save, the next
leader sends the last chunk again with the same ids, and readers' marks drop it. It never publishes anything that is not
committed, and nothing ahead of what was committed before.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from typing import Final

import structlog
from aiokafka.errors import KafkaError

from relais_chassis import clock
from relais_chassis.kafka import Kafka, wait_until_up
from relais_chassis.outbox import START, Chunk, Cursor, Outbox
from relais_chassis.postgres import FIRST_PAUSE, LONGEST_PAUSE, Connection, Database, is_passing
from relais_chassis.publisher import Publisher

log = structlog.get_logger(__name__)

_LEAD: Final = "select pg_try_advisory_lock(hashtextextended('relay ' || current_schema() || '.' || $1, 0))"
_LOAD: Final = "select epoch, txid::text::bigint, position from relay_cursor where log = $1"
_FIRST: Final = "insert into relay_cursor (log, txid, position) values ($1, '0', 0) on conflict do nothing"
_SAVE: Final = "update relay_cursor set txid = $3::text::xid8, position = $4 where log = $1 and epoch = $2"
_BACK: Final = """
update relay_cursor c set epoch = epoch + 1, txid = coalesce(first.txid, c.txid),
       position = coalesce(first.position - 1, c.position)
from (select null) as one left join lateral (
    select txid, position from log where position >= $2 order by txid, position limit 1
) as first on true
where c.log = $1
"""
# A cursor lost in a crash only repeats a chunk: no need to wait for the disk. And a chunk is always read along the
# index: with a backlog that the planner's statistics do not know yet, it would sort all of it for every chunk.
_SETTINGS: Final = """
set synchronous_commit = off; set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off
"""
HELD_BACK: Final = timedelta(seconds=60)
LOOK_SECONDS: Final = 1.0
"""How often an idle relay looks whether it was sent back."""


class Relay:
    """Publishes one outbox (the log, or the dead letters); a part of the service's process."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        kafka: Kafka,
        *,
        chunk: int = 2000,
        poll_seconds: float | None = None,
        acknowledged_within: float = 30.0,
    ) -> None:
        self._database, self._outbox, self._kafka = database, outbox, kafka
        self._chunk, self._patience = chunk, acknowledged_within
        self._poll = outbox.poll_seconds if poll_seconds is None else poll_seconds
        self._woken, self._stopping = asyncio.Event(), asyncio.Event()
        self._wrong: str | None = None
        self.published = 0

    def wake(self) -> None:
        """Something was committed."""
        self._woken.set()

    def stop(self) -> None:
        """Finish the chunk in hand; `run` returns then."""
        self._stopping.set()
        self._woken.set()

    async def check(self) -> str | None:
        """For health: what is wrong, or None. A log is held back, too, by any transaction that stays open."""
        if self._wrong is None:
            async with self._database.connection() as conn:
                since = await self._outbox.waiting_since(conn)
            if since is not None and clock.now() - since > HELD_BACK:
                return f"{self._outbox.name} is held back: not published since {since:%Y-%m-%dT%H:%M:%SZ}"
        return self._wrong

    async def run(self) -> None:
        """Lead or wait to lead until stopped; outages of the broker and the database are waited out."""
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            published = self.published
            try:
                async with self._database.session() as conn:
                    await conn.execute(_SETTINGS)
                    if await self._elected(conn):
                        await self._lead(conn)
            except Exception as error:
                if not (isinstance(error, KafkaError) or is_passing(error)):
                    raise
                self._wrong = f"the relay of {self._outbox.name} cannot publish: {type(error).__name__}"
                log.warning("relay interrupted, starting anew", log=self._outbox.name, error=repr(error), pause=pause)
                pause = FIRST_PAUSE if self.published > published else min(pause * 2, LONGEST_PAUSE)
                await self._rest(pause)

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def _elected(self, conn: Connection) -> bool:
        """Wait until this session holds the log's lock; false when stopped before. The lock ends with the session."""
        while not self._stopping.is_set():
            if await conn.fetchval(_LEAD, self._outbox.name):
                return True
            await self._rest(0.5)
        return False

    async def _lead(self, conn: Connection) -> None:
        await conn.execute(_FIRST, self._outbox.name)
        if not await self._broker_is_up():
            return
        async with Publisher(self._kafka, f"relay-{self._database.schema}") as publisher:
            log.info("relay leads", log=self._outbox.name)
            self._wrong = None
            while not self._stopping.is_set():
                await self._follow(conn, publisher)

    async def _broker_is_up(self) -> bool:
        """Wait for the broker; false when stopped before."""
        waits = [asyncio.create_task(wait_until_up(self._kafka)), asyncio.create_task(self._stopping.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            return not self._stopping.is_set()
        finally:
            for wait in waits:
                wait.cancel()

    async def _follow(self, conn: Connection, publisher: Publisher) -> None:
        """Publish from the saved cursor on, until stopped or sent back; one chunk is read while another is sent."""
        epoch, *place = await conn.fetchrow(_LOAD, self._outbox.name)
        looked = monotonic()
        chunk = await self._read(conn, Cursor(*place))
        while not self._stopping.is_set():
            if chunk.rows:
                acknowledged = await publisher.send(chunk.messages)
                following = await self._read(conn, chunk.end)
                async with asyncio.timeout(self._patience):
                    await acknowledged
                if not await self._save(conn, epoch, chunk):
                    return
                chunk = following
                continue
            await self._wait()
            if monotonic() - looked > LOOK_SECONDS:
                looked = monotonic()
                if (await conn.fetchrow(_LOAD, self._outbox.name))[0] != epoch:
                    return
            chunk = await self._read(conn, chunk.end)

    async def _save(self, conn: Connection, epoch: int, chunk: Chunk) -> bool:
        """Remember how far it is; false where somebody has sent the relay back meanwhile."""
        saved = await conn.execute(_SAVE, self._outbox.name, epoch, str(chunk.end.txid), chunk.end.position)
        self.published += len(chunk.messages)
        self._wrong = None
        return bool(saved != "UPDATE 0")

    async def _read(self, conn: Connection, after: Cursor) -> Chunk:
        self._woken.clear()  # before reading: what is committed from here on wakes again
        return await self._outbox.read(conn, after, self._chunk, clock.now())

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._poll):
                await self._woken.wait()


async def refill(conn: Connection, from_position: int = 0) -> None:
    """Send the running relay back: it publishes the log again from this position on, then goes on with what is new."""
    await conn.execute(_FIRST, "log")
    if from_position <= START.position:
        await conn.execute("update relay_cursor set epoch = epoch + 1, txid = '0', position = 0 where log = 'log'")
    else:
        await conn.execute(_BACK, "log", from_position)
