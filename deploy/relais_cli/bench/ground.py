"""The ground each measurement starts from: a database that knows the directory and wave A, copied afresh for each.

And the check afterwards: what a variant left in it must be what was expected, to the last event. It measures nothing.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from relais_chassis import clock
from relais_chassis.commands import Command
from relais_chassis.event_log import EventLog
from relais_chassis.migrations import migrate
from relais_chassis.postgres import Database
from relais_chassis.publisher import Message
from relais_chassis.records import RecordHandler
from relais_chassis.stored_records import StoredRecord
from relais_chassis.transact import Transactor
from relais_cli.bench.backlog import Backlog, Expected, Line, digest
from relais_cli.bench.wrong import Wrong
from relais_routing.chain.policy import Policy
from relais_routing.draws import CommitDraw
from relais_routing.model import RoutingModel, RoutingState
from relais_routing.stream import asks

SCHEMA: Final = "routing"
STREAM_OF: Final = {
    "PartnerDeclared": ("partner", "partner"),
    "OfferDeclared": ("offer", "offer"),
    "PlacesDeclared": ("places", "offer"),
}

_CURSOR: Final = """
insert into relay_cursor (log, txid, position)
select 'log', txid, position from log order by txid desc, position desc limit 1
"""
_LEFT: Final = """
select stream, version, type, data from log where (txid, position) > (
    select txid, position from bench_start
)
"""
_MARKS: Final = "select stream, sequence from mark where stream = any($1::text[])"
_BAD: Final = "select (select count(*) from parked) + (select count(*) from dead_letter)"


class Ground:
    """Databases of one server, by its superuser's address; `template` is the one that all others are copied from."""

    def __init__(self, superuser: str, template: str = "bench_template") -> None:
        self._superuser, self._template = superuser, template
        self._server = superuser.rpartition("/")[0]

    def dsn(self, name: str) -> str:
        """The address of one of its databases."""
        return f"{self._server}/{name}"

    async def prepare(self, backlog: Backlog, policy: Policy) -> None:
        """Make the database that all others are copied from."""
        await self._run(f"create database {self._template}")
        await migrate(self.dsn(self._template), SCHEMA, "relais_routing")
        async with Database(self.dsn(self._template), SCHEMA, max_size=1) as database:
            transactor: Transactor[RoutingState] = Transactor(
                database, EventLog("/relais/routing"), RoutingModel(policy)
            )
            await transactor.transact(list(_beginnings(backlog)))
            handler = RecordHandler(transactor, asks)
            for start in range(0, len(backlog.before), 500):
                await handler([_record(each, start) for each in backlog.before[start : start + 500]])
            async with database.connection() as conn:
                await conn.execute(_CURSOR)
                await conn.execute("create table bench_start as select txid, position from relay_cursor")
                await conn.execute("vacuum analyze")

    @asynccontextmanager
    async def fresh(self, name: str) -> AsyncIterator[str]:
        """A copy for one measurement: its address. Gone afterwards."""
        await self._run(f"create database {name} template {self._template}")
        await self._run("checkpoint")
        try:
            yield self.dsn(name)
        finally:
            await self._run(f"drop database {name} with (force)")

    async def check(self, dsn: str, expected: Expected) -> None:
        """Raise Wrong unless every message was applied once, and exactly what was expected came of it."""
        conn = await asyncpg.connect(dsn, server_settings={"search_path": SCHEMA})
        try:
            await _check(conn, expected)
        finally:
            await conn.close()

    async def settings(self) -> dict[str, str]:
        """What the durability of every figure rests on."""
        conn = await asyncpg.connect(self._superuser)
        try:
            names = ("synchronous_commit", "fsync", "full_page_writes", "server_version")
            return {name: await conn.fetchval(f"show {name}") for name in names}
        finally:
            await conn.close()

    async def _run(self, statement: str) -> None:
        conn = await asyncpg.connect(self._superuser)
        try:
            await conn.execute(statement)
        finally:
            await conn.close()


async def _check(conn: Any, expected: Expected) -> None:
    if bad := await conn.fetchval(_BAD):
        raise Wrong(f"{bad} records were parked or became dead letters")
    marks = dict(await conn.fetch(_MARKS, list(expected.marks)))
    behind = [stream for stream, sequence in expected.marks.items() if marks.get(stream) != sequence]
    if behind:
        raise Wrong(f"{len(behind)} streams were not applied to their end, such as {behind[0]}")
    lines = [Line(*row) for row in await conn.fetch(_LEFT)]
    if len(lines) != len(expected.ids):
        raise Wrong(f"{len(lines)} events were stored, {len(expected.ids)} were expected")
    if digest(lines) != expected.digest:
        raise Wrong("the events stored are not those expected")


def _beginnings(backlog: Backlog) -> Any:
    now = clock.now()
    for draw in backlog.draws:
        yield Command(f"draw/{draw.day}", CommitDraw(draw), None, now)
    for entry in backlog.directory:
        kind, field = STREAM_OF[type(entry).__name__]
        yield Command(f"{kind}/{getattr(entry, field)}", entry, None, now)


def _record(message: Message, offset: int) -> StoredRecord:
    headers = tuple(message.headers)
    return StoredRecord(message.topic, 0, offset, message.timestamp, message.key, message.value, headers)
