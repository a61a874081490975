"""What intake's doors share: who asks, the queue to the deciders, the database to look into, the seal.

Made once by the app. It holds no state of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.requests import Request

from relais_chassis import clock
from relais_chassis.access import Access, Caller, only
from relais_chassis.gather import RETRY_AFTER, Gather, Unavailable
from relais_chassis.limits import Rate
from relais_chassis.postgres import Database
from relais_chassis.transact import Transactor
from relais_intake.contacts.sealing import Seal

PATIENCE: Final = timedelta(seconds=4)
"""How long a question about something unknown waits for routing's news; how far they are is known every second."""
LOOK_EVERY: Final = 0.1


class Behind(Unavailable):
    """Routing's news have not all arrived: what is not known here may yet be right."""

    retry_after = RETRY_AFTER


def roles(*allowed: str) -> dict[str, Any]:
    """What the OpenAPI document says of a route's roles."""
    return {"x-roles": list(allowed)}


@dataclass(frozen=True, slots=True)
class Desk:
    """What every door needs."""

    access: Access
    rate: Rate
    gather: Gather
    transactor: Transactor[Any]
    database: Database
    seal: Seal
    horizon: Callable[[], datetime]
    """Up to when routing's events have arrived."""

    def one_of(self, *roles: str) -> Callable[[Request], Caller]:
        """Who asks, if it has one of these roles and has not asked too much; raises Problem."""

        def asking(request: Request) -> Caller:
            caller = only(self.access.caller(request), *roles)
            self.rate.take(caller.org)
            return caller

        return asking

    def needs(self, *roles: str) -> Callable[[Request], Awaitable[Caller]]:
        """The same as a FastAPI dependency."""
        one = self.one_of(*roles)

        async def asking(request: Request) -> Caller:
            return one(request)

        return asking

    async def caught_up(self) -> None:
        """Wait until everything that routing told until now has arrived; raises Behind where that takes too long."""
        asked = clock.now()
        while self.horizon() < asked:
            if clock.now() > asked + PATIENCE:
                raise Behind("news of hand-offs are still arriving")
            await asyncio.sleep(LOOK_EVERY)
