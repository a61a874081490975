"""One worker of a service: `python -m relais_<service>` with its settings in the environment.

Started, stopped, killed and started again by the stack or by a test; what it does inside is its own affair.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from relais_cli.stack import ports
from relais_cli.stack.child import Child, NotStarted

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
STEADY_AFTER = 30.0
GRACE = 30.0


class Worker:
    """A process of a service, on a port of its own; `wanted` says whether it is to run."""

    def __init__(self, service: str, name: str, settings: Callable[[], Mapping[str, str]], log: Path) -> None:
        self.service, self.name, self._settings = service, name, settings
        self.port = ports.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.child = Child(name, [sys.executable, "-m", f"relais_{service}"], log)
        self.wanted = False
        self.starts = 0
        self._pause = FIRST_PAUSE
        self._started = 0.0

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.child.pid

    def launch(self) -> None:
        """Start the process and do not wait."""
        self.wanted = True
        self.starts += 1
        self._started = time.monotonic()
        self.child.env = {**self._settings(), "RELAIS_PORT": str(self.port), "RELAIS_INSTANCE": self.name}
        self.child.start()

    async def start(self, within: float = 60) -> None:
        """Start the process and wait until it is ready."""
        self.launch()
        await self.ready(within)

    async def ready(self, within: float = 60) -> None:
        """Wait until `/ready` says yes; NotStarted with its last words otherwise."""
        try:
            await self.child.ready(self._is_ready, within)
        except NotStarted as failure:
            raise NotStarted(f"{failure}\n/ready: {await self.health()}") from None

    async def health(self) -> str:
        """What `/ready` says now."""
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                answer = await client.get(f"{self.url}/ready")
        except httpx.HTTPError as failure:
            return type(failure).__name__
        return json.dumps(answer.json()) if "json" in answer.headers.get("content-type", "") else answer.text[:500]

    async def _is_ready(self) -> bool:
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                return (await client.get(f"{self.url}/ready")).status_code == 200
        except httpx.HTTPError:
            return False

    async def stop(self, within: float = GRACE) -> int | None:
        """SIGTERM, and wait: it stays down until `start`. Gives its exit status."""
        self.wanted = False
        return await self.child.stop(within=within)

    async def kill(self, *, for_good: bool = False) -> None:
        """kill -9. Under supervision it comes again, unless `for_good`."""
        self.wanted = self.wanted and not for_good
        await self.child.kill()

    async def revive(self) -> None:
        """Start it again after it failed, with a pause that grows while it keeps failing."""
        if time.monotonic() - self._started > STEADY_AFTER:
            self._pause = FIRST_PAUSE
        pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE)
        await asyncio.sleep(pause)
        if self.wanted and not self.child.is_alive:
            self.launch()
