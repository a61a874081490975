"""Intake on a fresh database: its doors, its store without doors, and the whole as a process of its own."""

import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from intake.doors import Doors, doors
from intake.process import Process
from intake.transacting import Transacting
from relais_chassis.keys import new_keypair, write_keys
from relais_chassis.migrations import migrate
from relais_chassis.postgres import Database
from servers import Servers


@pytest.fixture
async def door(postgres: str, tmp_path: Path) -> AsyncIterator[Doors]:
    """Migrated, connected and open; nobody known yet."""
    await migrate(postgres, "intake", "relais_intake")
    async with Database(postgres, "intake") as database, doors(database, tmp_path) as opened:
        yield opened


@pytest.fixture
async def transacting(postgres: str) -> AsyncIterator[Transacting]:
    """Intake's store on a fresh database, without doors."""
    await migrate(postgres, "intake", "relais_intake")
    async with Database(postgres, "intake") as database:
        yield Transacting(database)


@pytest.fixture
async def intake(
    stack: Servers,
    postgres: str,
    topic_prefix: str,
    topics: Callable[..., Awaitable[list[str]]],
    tmp_path: Path,
) -> AsyncIterator[Process]:
    """Started, with its topics and tables."""
    await topics(topic_prefix)
    await migrate(postgres, "intake", "relais_intake")
    key = new_keypair()
    write_keys(key, tmp_path / "key.json", tmp_path / "jwks.json")
    process = Process(stack.kafka, postgres, topic_prefix, tmp_path, key)
    await process.start()
    yield process
    if process.child is not None:
        await process.end(signal.SIGKILL)
