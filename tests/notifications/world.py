"""The notifications service without its process: a migrated database, the stream's transaction, a sender on request.

What tests of stream, feed and deliveries are written with. Every part is the real one.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from builders import CASE
from relais_chassis.batch import Batch
from relais_chassis.commands import Command, FromLog
from relais_chassis.event_log import EventLog
from relais_chassis.postgres import Database, waited_out
from relais_chassis.transact import Transactor
from relais_contracts.catalogue import dump
from relais_contracts.envelope import CloudEvent, Payload
from relais_contracts.identifiers import key_of
from relais_notifications import endpoint_store, feed_store
from relais_notifications.deliveries.schedule import USUAL
from relais_notifications.deliveries.sealing import Sealing
from relais_notifications.deliveries.sender import Sender, Sending
from relais_notifications.endpoint_store import NewEndpoint, Owner
from relais_notifications.feed_store import Cursor
from relais_notifications.heard import Heard
from relais_notifications.stream import News, asks
from relais_notifications.wakes import Wakes

FAST = Sending(within=5, margin=5, poll=0.02, allow_private=True, schedule=USUAL.scaled(0.002))
"""Retries after 10, 60, 240 ms …, given up after nine minutes."""


class Read(NamedTuple):
    """A record as far as a high-water mark needs it."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


@dataclass
class World:
    """One service on one database."""

    database: Database
    dsn: str
    wakes: Wakes = field(default_factory=Wakes)
    sealing: Sealing = field(default_factory=lambda: Sealing({"test": secrets.token_bytes(32)}))
    sequences: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.transactor = Transactor(self.database, EventLog("/relais/notifications"), News(self.wakes))
        self.transactor.on_commit.append(self.wakes.commit)

    # What is heard

    def command(self, payload: Payload, *, case: str = CASE, stream: str | None = None) -> Command:
        """The next record of a stream, as the reader would make it."""
        kind = "case" if payload.TYPE.startswith("org.relais.case.") else "chain"
        stream = stream or f"{kind}/{case}"
        sequence = self.sequences[stream] = self.sequences.get(stream, 0) + 1
        event = CloudEvent(
            id=f"{stream}/{sequence}",
            source="/relais/intake" if kind == "case" else "/relais/routing",
            type=payload.TYPE,
            data=dump(payload),
            subject=key_of(stream),
            time=datetime.now(UTC),
            sequence=sequence,
        )
        [(asked, body)] = asks(event, payload)
        assert isinstance(body, Heard)
        record = Read("relais.any", 0, sequence, 0, None, event.data, ())
        return Command(asked, body, FromLog(stream, sequence, False, record), datetime.now(UTC))

    async def hear(self, *payloads: Payload, case: str = CASE) -> None:
        """A batch of events about one case."""
        await self.transactor.transact([self.command(payload, case=case) for payload in payloads])

    # Who is told

    async def endpoint(self, role: str, org: str, url: str, **given: Any) -> tuple[UUID, bytes]:
        """An endpoint and its secret."""
        id, secret = uuid4(), secrets.token_bytes(32)
        given = {"description": "", "types": None, "max_in_flight": 8, **given}
        new = NewEndpoint(id=id, url=url, secret=self.sealing.seal(secret, id), **given)
        async with self.database.transaction() as conn:
            assert await endpoint_store.create(conn, Owner(role, org), new, datetime.now(UTC))
        return id, secret

    async def feed(
        self, role: str, org: str = "", territories: Sequence[str] = (), after: Cursor | None = None, limit: int = 100
    ) -> feed_store.Page:
        """A page of somebody's feed."""
        async with self.database.connection() as conn:
            return await feed_store.read(conn, role, org, territories, after or Cursor(), limit)

    # What is sent

    @asynccontextmanager
    async def sender(self, sending: Sending = FAST) -> AsyncIterator[Sender]:
        """A sender at work, stopped in good order at the end."""
        sender = Sender(self.database, self.sealing, sending)
        running = asyncio.create_task(sender.run())
        yield sender
        sender.stop()
        await running

    @asynccontextmanager
    async def killed_sender(self, sending: Sending) -> AsyncIterator[None]:
        """A sender at work that is killed at the end: nothing in flight is finished, recorded or given back."""
        running = asyncio.create_task(Sender(self.database, self.sealing, sending).run())
        yield
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    async def rotated(self, endpoint: UUID, role: str, org: str) -> bytes:
        """The endpoint's new secret; the old one signs for another hour."""
        secret, now = secrets.token_bytes(32), datetime.now(UTC)
        async with self.database.connection() as conn:
            sealed = self.sealing.seal(secret, endpoint)
            owner, until = Owner(role, org), now + timedelta(hours=1)
            assert await endpoint_store.rotate(conn, owner, endpoint, sealed, until, now)
        return secret

    async def rows(self, query: str, *values: object) -> list[Any]:
        """What stands in the database."""

        async def fetch() -> list[Any]:
            async with self.database.connection() as conn:
                return list(await conn.fetch(query, *values))

        return await waited_out(fetch, "look")

    async def states(self) -> dict[str, int]:
        """How many deliveries are in which state."""
        return dict(await self.rows("select state, count(*) from delivery group by state"))

    async def until(self, query: str, *values: object) -> None:
        """Wait until a query gives true."""
        async with asyncio.timeout(30):
            while not (await self.rows(query, *values))[0][0]:
                await asyncio.sleep(0.01)

    async def settled(self) -> None:
        """Wait until nothing is pending."""
        await self.until("select count(*) = 0 from delivery where state = 'pending'")

    @asynccontextmanager
    async def held_open(self, command: Command, until: asyncio.Event) -> AsyncIterator[Awaitable[None]]:
        """A command's transaction, that has written everything and commits only when told to."""
        written = asyncio.Event()

        async def work() -> None:
            async with self.database.transaction() as conn:
                await Batch(self.transactor.log, self.transactor.model, [command], 10).run(conn)
                written.set()
                await until.wait()

        working = asyncio.create_task(work())
        await written.wait()
        yield working
        until.set()
        await working
