"""Routing's doors, asked over HTTP in the test's own loop by whoever the test names."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import httpx
from fastapi import APIRouter

from builders import OPERATOR
from relais_chassis.access import Access, Caller, issue
from relais_chassis.health import Health
from relais_chassis.keys import new_keypair, write_keys
from relais_chassis.limits import Rate
from relais_routing.door import Door, app

Ask: TypeAlias = Callable[..., httpx.AsyncClient]
"""A client of a role, an organisation (the operator) and territories; without a role, of nobody who is known."""


@asynccontextmanager
async def asked(
    folder: Path, *questions: Callable[[Door], APIRouter], rate: Rate | None = None, origins: tuple[str, ...] = ()
) -> AsyncIterator[Ask]:
    """Those who ask these questions; keys are written to the folder."""
    key = new_keypair()
    write_keys(key, folder / "key.json", folder / "jwks.json")
    door = Door(Access(str(folder / "jwks.json")), rate or Rate(1000, 1000))
    http = app([each(door) for each in questions], Health(), origins)
    clients = []

    def ask(role: str | None = None, org: str = OPERATOR, *territories: str) -> httpx.AsyncClient:
        token = issue(key, Caller(f"{role}-{org}", org, role, territories), timedelta(hours=1)) if role else None
        headers = {"authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(http, raise_app_exceptions=False)
        clients.append(httpx.AsyncClient(transport=transport, base_url="http://routing", headers=headers))
        return clients[-1]

    yield ask
    for each in clients:
        await each.aclose()
