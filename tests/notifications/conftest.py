"""A notifications service on a fresh database."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from notifications.doors import Doors
from notifications.world import World
from relais_chassis.migrations import migrate
from relais_chassis.postgres import Database
from relais_cli.stack.cluster import Stack
from servers import Servers


@pytest.fixture
async def world(postgres: str) -> AsyncIterator[World]:
    """Migrated and connected; nothing told yet."""
    await migrate(postgres, "notifications", "relais_notifications")
    async with Database(postgres, "notifications", max_size=12) as database:
        yield World(database, postgres)


@pytest.fixture
def doors(world: World, tmp_path: Path) -> Doors:
    """The service's HTTP app."""
    return Doors(world, tmp_path)


SETTINGS = {
    "RELAIS_WEBHOOKS_ALLOW_PRIVATE": "true",
    "RELAIS_WEBHOOKS_SCALE": "0.002",
    "RELAIS_WEBHOOKS_TIMEOUT": "1",
    "RELAIS_MAX_BATCH": "50",
}


@pytest.fixture
async def relais(stack: Servers, topic_prefix: str, tmp_path: Path) -> AsyncIterator[Stack]:
    """Notifications alone, as `relais up` runs it."""
    name = f"test_{uuid4().hex[:16]}"
    async with Stack(
        tmp_path,
        services=("notifications",),
        env=SETTINGS,
        kafka=stack.kafka,
        postgres=stack.postgres,
        database=name,
        prefix=topic_prefix,
    ) as running:
        yield running
    admin = await asyncpg.connect(stack.postgres)
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()
