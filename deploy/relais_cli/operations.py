"""How the commands reach a service's database: as the service's own role, on the stack that is up or on one's own.

Knows addresses only, no table.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from relais_chassis.postgres import Connection, Database
from relais_cli import running
from relais_cli.stack import schemas

Service = Literal["intake", "routing", "notifications"]
T = TypeVar("T")


def dsn(service: Service) -> str:
    """The address of a service's schema: of the running stack, or of RELAIS_POSTGRES (a superuser's DSN)."""
    superuser = os.environ.get("RELAIS_POSTGRES") or running.described()["postgres"]
    return schemas.dsn_for(superuser, schemas.role_of(service), os.environ.get("RELAIS_DATABASE", "relais"))


def in_transaction(service: Service, work: Callable[[Connection], Awaitable[T]]) -> T:
    """Do `work` in one transaction on the service's schema."""

    async def inside() -> T:
        async with Database(dsn(service), service, max_size=1) as database, database.transaction() as conn:
            return await work(conn)

    return asyncio.run(inside())
