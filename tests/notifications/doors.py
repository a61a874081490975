"""The service's HTTP app on a test's world, and people who knock at it with tokens of their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
from pydantic import SecretStr

from notifications.world import World
from relais_chassis import clock
from relais_chassis.access import Caller, issue
from relais_chassis.keys import new_keypair, write_keys
from relais_chassis.run import Process
from relais_notifications.app import app
from relais_notifications.board.live import Live
from relais_notifications.deliveries.sender import Sender
from relais_notifications.settings import Settings

ORIGIN = "http://127.0.0.1"


class Doors:
    """The app, and clients of it."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.key = world, new_keypair()
        private, jwks = folder / "key.json", folder / "jwks.json"
        write_keys(self.key, private, jwks)
        self.settings = Settings(
            jwks=str(jwks), signing_key=private, webhooks_allow_private=True, webhooks_keys=SecretStr("")
        )
        world.sealing = self.settings.sealing
        self.process = Process("notifications", 5)
        live = Live(world.database, clock.now)
        sender = Sender(world.database, world.sealing, self.settings.sending)
        self.app = app(self.process, self.settings, world.database, world.wakes, sender, live)

    def token(self, role: str, org: str, *territories: str, **claims: str) -> str:
        """A token of somebody."""
        return issue(self.key, Caller(f"{org}/{role}", org, role, territories), timedelta(hours=1), **claims)

    async def enter(self, client: httpx.AsyncClient, link: str, origin: str = ORIGIN) -> httpx.Response:
        """Press the button on the page of a login link's token."""
        return await client.post(f"{origin}/login", data={"token": link}, headers={"origin": origin})

    @asynccontextmanager
    async def client(self, token: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
        """A client of the app, with or without a token."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as client:
            yield client

    @asynccontextmanager
    async def of(self, role: str, org: str, *territories: str) -> AsyncIterator[httpx.AsyncClient]:
        """Somebody's client."""
        async with self.client(self.token(role, org, *territories)) as client:
            yield client
