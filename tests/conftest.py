"""What tests share: a real broker and a real database, started once a session on free ports and gone afterwards.

`RELAIS_KAFKA` and `RELAIS_POSTGRES` (a superuser's DSN) put one's own in their place. Tests share the servers, never
a topic or a database.
"""

import asyncio
import os
import re
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from relais_cli import browser
from relais_cli.stack.broker import Broker
from relais_cli.stack.database import Database
from relais_cli.topics import create as create_topics
from servers import Servers


def pytest_configure() -> None:
    """SIGTERM ends a run like Ctrl-C: through every fixture's clean-up."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def _now(work: Coroutine[Any, Any, None]) -> None:
    """Run outside any test's loop."""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(work)
    finally:
        loop.close()


@pytest.fixture(scope="session")
def stack() -> Iterator[Servers]:
    """The broker and the database of this test session."""
    folder = Path(tempfile.mkdtemp(prefix="relais-tests-"))
    folder.chmod(0o711)
    kafka, postgres = os.environ.get("RELAIS_KAFKA"), os.environ.get("RELAIS_POSTGRES")
    started: list[Broker | Database] = []
    try:
        if not postgres:
            database = Database(folder / "postgres", folder / "postgres.log", durable=False)
            started.append(database)
            _now(database.start())
            postgres = database.dsn
        if not kafka:
            broker = Broker(folder / "kafka", folder / "kafka.log")
            started.append(broker)
            _now(broker.start())
            kafka = broker.address
        yield Servers(kafka, postgres)
    finally:
        for server in started:
            _now(server.stop())
            server.forget()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def postgres(stack: Servers) -> AsyncIterator[str]:
    """The superuser's DSN of a fresh, empty database."""
    name = f"test_{uuid4().hex[:16]}"
    admin = await asyncpg.connect(stack.postgres)
    await admin.execute(f"create database {name}")
    yield re.sub(r"/[^/?]*(\?|$)", rf"/{name}\1", stack.postgres)
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


@pytest.fixture
def topic_prefix() -> str:
    """A prefix for topics and consumer groups that no other test has."""
    return f"t{uuid4().hex[:10]}."


@pytest.fixture
def topics(stack: Servers) -> Callable[..., Awaitable[list[str]]]:
    """`await topics(prefix)` creates every topic of the registry; `await topics(prefix, "a", "b")` just those named."""

    async def create(prefix: str, *names: str, partitions: int = 8) -> list[str]:
        if not names:
            return await create_topics(stack.kafka, prefix)
        admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka)
        await admin.start()
        try:
            await admin.create_topics([NewTopic(prefix + name, partitions, 1) for name in names])
        finally:
            await admin.close()
        return [prefix + name for name in names]

    return create


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a real browser; without one a test of pages is skipped, in CI it fails."""
    path = browser.chromium()
    if path is None and os.environ.get("CI"):
        pytest.fail(browser.ADVICE)
    if path is None:
        pytest.skip(browser.ADVICE)
    return path
