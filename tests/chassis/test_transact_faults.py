"""The database goes away, ends a session, finds a deadlock, lacks locks: waited out, nothing lost or doubled."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from chassis.toy import World, next_of, say
from relais_chassis.commands import Accepted, Answer, Skipped
from relais_chassis.migrations import migrate
from relais_chassis.postgres import Connection, Database
from relais_cli.stack.database import Database as Server

RECORDS = 400


async def test_a_session_that_is_ended_in_mid_transaction_is_begun_again(world: World) -> None:
    async def end_the_session(conn: Connection) -> None:
        world.model.before_closing = None
        async with world.database.connection() as other:
            await other.execute("select pg_terminate_backend($1)", conn.get_server_pid())

    world.model.before_closing = end_the_session
    [answer] = await world.transactor.transact([say("chain/1", "a", "m1")])
    assert isinstance(answer, Accepted)
    assert world.model.closed == [1, 1]
    assert await world.said("chain/1") == ["a"]


async def test_sessions_that_were_ended_while_idle_are_replaced(world: World) -> None:
    await asyncio.gather(*(world.transactor.transact([say(f"chain/{i}", "a")]) for i in range(8)))
    for turn in range(5):
        admin = await asyncpg.connect(world.dsn)
        await admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        await admin.close()
        answers = await asyncio.gather(*(world.transactor.transact([say(f"chain/{i}", "b")]) for i in range(8)))
        assert {type(answer) for (answer,) in answers} == {Accepted}
        assert await world.said("chain/1") == ["a", *["b"] * (turn + 1)]


async def test_a_deadlock_with_somebody_else_is_tried_again(world: World) -> None:
    async with world.database.connection() as conn:
        await conn.execute("insert into room values ('a', 1), ('b', 1)")
    touch = "update room set free = free where name = $1"

    async def cross(conn: Connection) -> None:
        world.model.before_closing = None
        async with world.database.transaction() as other:
            await other.execute(touch, "b")
            await conn.execute("set local deadlock_timeout = '10ms'")
            await conn.execute(touch, "a")
            waiting = asyncio.create_task(other.execute(touch, "a"))
            await asyncio.sleep(0.05)
            try:
                await conn.execute(touch, "b")
            finally:
                await waiting

    world.model.before_closing = cross
    [answer] = await world.transactor.transact([say("chain/1", "a", "m1")])
    assert isinstance(answer, Accepted)
    assert await world.said("chain/1") == ["a"]


async def test_a_missing_table_is_the_installations_fault_and_parks_nothing(world: World) -> None:
    async def ask(conn: Connection) -> None:
        await conn.execute("select * from forgotten_migration")

    world.model.before_closing = ask
    with pytest.raises(asyncpg.UndefinedTableError):
        await world.transactor.transact([next_of("case/1", 1, "a"), next_of("case/2", 1, "b")])
    assert await world.value("select count(*) from parked") == 0
    assert await world.mark("case/1") == 0


async def test_a_batch_that_finds_no_room_for_its_locks_is_split(world: World) -> None:
    many = await world.value(
        "select current_setting('max_locks_per_transaction')::int * current_setting('max_connections')::int * 2"
    )
    answers = await world.transactor.transact([say(f"chain/{i}", "a") for i in range(many)])
    assert {type(answer) for answer in answers} == {Accepted}
    assert await world.value("select count(*) from log") == many


async def test_a_restart_of_the_database_under_load_loses_and_doubles_nothing(tmp_path: Path) -> None:
    server = Server(tmp_path / "postgres", tmp_path / "postgres.log")
    await server.start()
    try:
        await migrate(server.dsn, "toy")
        async with Database(server.dsn, "toy") as database:
            world = World(database, server.dsn)
            answers: list[Answer] = []
            milestones = {50: asyncio.Event(), 150: asyncio.Event()}

            async def read() -> None:
                for sequence in range(1, RECORDS + 1):
                    answers.extend(await world.transactor.transact([next_of("case/1", sequence, f"w{sequence}")]))
                    if sequence in milestones:
                        milestones[sequence].set()

            reading = asyncio.create_task(read())
            for reached in milestones.values():
                await reached.wait()
                await server.stop()
                await server.start()
            await reading
            assert {type(answer) for answer in answers} <= {Accepted, Skipped}
            assert await world.said("chain/1") == [f"w{sequence}" for sequence in range(1, RECORDS + 1)]
            assert await world.mark("case/1") == RECORDS
    finally:
        await server.stop()
        server.forget()
