"""The door to PostgreSQL: what is waited out and what is not, migrations by many at once, schemas kept apart."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from relais_chassis.migrations import migrate
from relais_chassis.postgres import Connection, Database, is_passing, waited_out
from relais_cli.stack.database import Database as Server

PASSING = [
    ConnectionRefusedError(),
    TimeoutError(),
    asyncpg.ConnectionDoesNotExistError(""),
    asyncpg.AdminShutdownError(""),
    asyncpg.CannotConnectNowError(""),
    asyncpg.TooManyConnectionsError(""),
    asyncpg.DeadlockDetectedError(""),
    asyncpg.ReadOnlySQLTransactionError(""),
    asyncpg.InterfaceError("connection is closed"),
    asyncpg.InternalClientError("another operation is in progress"),
]
LASTING = [
    ValueError(),
    asyncpg.UniqueViolationError(""),
    asyncpg.UndefinedTableError(""),
    asyncpg.DataError("invalid input"),
    asyncpg.InterfaceError("pool is closing"),
    asyncpg.OutOfMemoryError(""),
]


@pytest.mark.parametrize("error", PASSING, ids=repr)
def test_faults_that_time_heals_are_waited_out(error: Exception) -> None:
    assert is_passing(error)


@pytest.mark.parametrize("error", LASTING, ids=repr)
def test_other_faults_are_not(error: Exception) -> None:
    assert not is_passing(error)


async def test_work_is_done_again_until_the_database_is_back() -> None:
    tries = 0

    async def work() -> int:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise ConnectionResetError
        return tries

    assert await waited_out(work, "work") == 3


async def test_a_stop_ends_the_waiting() -> None:
    async def work() -> None:
        raise ConnectionRefusedError

    waiting = asyncio.create_task(waited_out(work, "work"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_service_that_starts_before_its_database_waits_for_it(tmp_path: Path) -> None:
    server = Server(tmp_path / "postgres", tmp_path / "postgres.log")
    opening = asyncio.create_task(migrate(server.dsn, "toy"))
    await asyncio.sleep(0.1)
    assert not opening.done()
    await server.start()
    try:
        assert await opening == ["relais_chassis/0001_log.sql"]
    finally:
        await server.stop()
        server.forget()


async def test_many_may_migrate_at_once(postgres: str) -> None:
    applied = await asyncio.gather(*(migrate(postgres, "toy") for _ in range(5)))
    assert sorted(len(steps) for steps in applied) == [0, 0, 0, 0, 1]


async def test_services_share_a_database_and_no_table(postgres: str) -> None:
    for schema in ("one", 'a "quoted" one'):
        await migrate(postgres, schema)
    async with Database(postgres, "one") as one, Database(postgres, 'a "quoted" one') as other:
        async with one.transaction() as conn:
            await conn.execute("insert into mark (stream, sequence) values ('case/1', 1)")
        async with other.connection() as conn:
            assert await conn.fetchval("select count(*) from mark") == 0


async def test_a_services_role_may_use_its_tables_and_change_none(postgres: str) -> None:
    admin = await asyncpg.connect(postgres)
    role = f"toy_{await admin.fetchval('select current_database()')}"
    await admin.execute(f"create role {role} login")
    try:
        await migrate(postgres, "toy", role=role)
        async with Database(postgres.replace("postgres@", f"{role}@"), "toy") as database:
            async with database.transaction() as conn:
                await conn.execute("insert into mark (stream, sequence) values ('case/1', 1)")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with database.transaction() as conn:
                    await conn.execute("drop table log")
    finally:
        await admin.execute(f"drop owned by {role}; drop role {role}")
        await admin.close()


async def test_an_error_rolls_the_transaction_back(postgres: str) -> None:
    await migrate(postgres, "toy")

    async def fail(conn: Connection) -> None:
        await conn.execute("insert into mark (stream, sequence) values ('case/1', 1)")
        raise ZeroDivisionError

    async with Database(postgres, "toy", max_size=1) as database:
        with pytest.raises(ZeroDivisionError):
            await database.in_transaction(fail)
        async with database.connection() as conn:
            assert await conn.fetchval("select count(*) from mark") == 0
