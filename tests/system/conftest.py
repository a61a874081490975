"""What system tests share: real services on the session's broker and database, each stack in a world of its own."""

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from relais_cli.stack import Stack, schemas
from servers import Servers
from system.place import Place


@pytest.fixture
async def a_stack(stack: Servers, topic_prefix: str, tmp_path: Path) -> AsyncIterator[Callable[..., Stack]]:
    """`async with a_stack(services=[…]) as running:` on topics and a database of this test alone."""
    made: list[str] = []

    def make(**options: Any) -> Stack:
        name = f"test_{uuid4().hex[:16]}"
        made.append(name)
        here = {"kafka": stack.kafka, "postgres": stack.postgres, "database": name, "prefix": topic_prefix}
        return Stack(tmp_path / name, **{**here, **options})

    yield make
    admin = await asyncpg.connect(re.sub(r"/[^/?]*(\?|$)", r"/postgres\1", stack.postgres))
    for name in made:
        await admin.execute(f"drop database if exists {name} with (force)")
    await admin.close()


@pytest.fixture
async def place(stack: Servers) -> AsyncIterator[Place]:
    """The schemas of intake and routing in a database of this test alone, and the console that speaks to them."""
    name = f"test_{uuid4().hex[:16]}"
    await schemas.create(stack.postgres, ["intake", "routing"], name)
    yield Place(stack.postgres, name)
    admin = await asyncpg.connect(stack.postgres)
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()
