"""A notifications service on a fresh database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from notifications.doors import Doors
from notifications.world import World
from relais_chassis.migrations import migrate
from relais_chassis.postgres import Database


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
