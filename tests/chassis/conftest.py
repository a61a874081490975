"""A toy service on a fresh database, for the tests of transaction, log and relay."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from chassis.toy import ROOMS, World
from relais_chassis.migrations import migrate
from relais_chassis.postgres import Database


@pytest.fixture
async def world(postgres: str) -> AsyncIterator[World]:
    """The toy service, migrated and connected."""
    await migrate(postgres, "toy")
    admin = await asyncpg.connect(postgres)
    await admin.execute(ROOMS.replace("table room", "table toy.room"))
    await admin.close()
    async with Database(postgres, "toy", max_size=8) as database:
        yield World(database, postgres)
