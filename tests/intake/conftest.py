"""Intake's doors on a fresh database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from intake.doors import Doors, doors
from relais_chassis.migrations import migrate
from relais_chassis.postgres import Database


@pytest.fixture
async def door(postgres: str, tmp_path: Path) -> AsyncIterator[Doors]:
    """Migrated, connected and open; nobody known yet."""
    await migrate(postgres, "intake", "relais_intake")
    async with Database(postgres, "intake") as database, doors(database, tmp_path) as opened:
        yield opened
