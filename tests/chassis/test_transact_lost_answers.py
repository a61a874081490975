"""The database commits and its answer is lost on the way: the batch is done again and doubles nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from chassis.toy import ROOMS, World, next_of, say
from relais_chassis.commands import Command, Repeated, Skipped
from relais_chassis.migrations import migrate
from relais_chassis.postgres import Database

COMMITTED = b"COMMIT\x00"


class Wire:
    """Stands between pool and server; `cut` says how many answers to a commit it still swallows, session and all."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port, self.cut = host, port, 0

    async def carry(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection(self._host, self._port)
        asking = asyncio.create_task(self._ask(client, to_server))
        try:
            while answer := await server.read(65536):
                if COMMITTED in answer and self.cut:
                    self.cut -= 1
                    break
                to_client.write(answer)
                await to_client.drain()
        finally:
            asking.cancel()
            for side in (to_client, to_server):
                side.close()

    async def _ask(self, client: asyncio.StreamReader, to_server: asyncio.StreamWriter) -> None:
        while asked := await client.read(65536):
            to_server.write(asked)
            await to_server.drain()


@asynccontextmanager
async def _wire(dsn: str) -> AsyncIterator[tuple[Wire, str]]:
    address = urlsplit(dsn)
    wire = Wire(address.hostname or "", address.port or 5432)
    server = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield wire, address._replace(netloc=f"{address.username}@127.0.0.1:{port}").geturl()
    finally:
        server.close()


@pytest.mark.parametrize(
    ("command", "answer"),
    [(say("chain/1", "a", "m1"), Repeated({"said": ["a"]})), (next_of("case/1", 1, "a"), Skipped())],
    ids=["a message from outside", "a record of a log"],
)
async def test_a_lost_answer_doubles_nothing(postgres: str, command: Command, answer: object) -> None:
    await migrate(postgres, "toy")
    async with _wire(postgres) as (wire, through), Database(through, "toy") as database:
        world = World(database, through)
        async with database.connection() as conn:
            await conn.execute(ROOMS)
        wire.cut = 1
        assert await world.transactor.transact([command]) == [answer]
        assert wire.cut == 0
        assert await world.said("chain/1") == ["a"]
