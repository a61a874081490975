"""One running whole for all tests of this folder: three services on the session's broker and database.

It lives on a thread of its own, so that every test has its own loop. Clocks run by a policy in which only the clocks
that a test waits for are short.
"""

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from relais_cli.stack import Stack
from servers import Servers
from system.whole.world import Scene, World, world

POLICY = """version = "whole"
day_seconds = 0.4
reminder = 3

[clocks]
answer = 5000
schedule = 5000
report = 5000
outcome = 5000
cancellation = 5000
choice = 5000
"""


class Thread:
    """A loop on a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="the whole", daemon=True)
        self._thread.start()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do something on it and wait."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    def end(self) -> None:
        """Stop it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="session")
def whole(stack: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The running stack."""
    name = f"test_{uuid4().hex[:16]}"
    folder: Path = tmp_path_factory.mktemp("whole")
    policy = folder / "policy.toml"
    policy.write_text(POLICY)
    running = Stack(
        folder / "stack",
        kafka=stack.kafka,
        postgres=stack.postgres,
        database=name,
        prefix=f"t{uuid4().hex[:10]}.",
        service_env={
            "routing": {"RELAIS_POLICY": str(policy)},
            "notifications": {"RELAIS_WEBHOOKS_ALLOW_PRIVATE": "true"},
        },
    )
    thread = Thread()
    try:
        thread.do(running.start())
        yield running
    finally:
        thread.do(running.stop())
        thread.do(_drop(stack.postgres, name))
        thread.end()


async def _drop(superuser: str, name: str) -> None:
    admin = await asyncpg.connect(re.sub(r"/[^/?]*(\?|$)", r"/postgres\1", superuser))
    await admin.execute(f"drop database if exists {name} with (force)")
    await admin.close()


@pytest.fixture
async def doors(whole: Stack) -> AsyncIterator[World]:
    """Somebody at the doors of the whole."""
    async with world(whole) as opened:
        yield opened


@pytest.fixture
def scene(doors: World) -> Scene:
    """Organisations and a need of this test alone."""
    return Scene(doors)
