"""Routing on a fresh database, for the tests of its shell."""

from collections.abc import AsyncIterator

import pytest

from routers import Router, router_on


@pytest.fixture
async def router(postgres: str) -> AsyncIterator[Router]:
    """A worker of routing on an empty schema, today's draw committed."""
    async with router_on(postgres) as router:
        yield router
