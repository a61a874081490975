"""The services' places in PostgreSQL: one database, a schema and a role per service, migrations by a role of their own.

Run at every start; what is there already stays.
"""

import hmac
from collections.abc import Iterable
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import asyncpg

from relais_chassis.migrations import migrate
from relais_chassis.postgres import quoted

MIGRATIONS = "relais_migrations"
# Two checkouts may set up the same server at once.
LOCK = "select pg_advisory_lock(hashtextextended('relais roles', 0))"


def role_of(service: str) -> str:
    """The database role a service works with."""
    return f"relais_{service}"


def dsn_for(superuser: str, role: str, database: str) -> str:
    """The role's address: the superuser's with another name, password and database.

    Where the superuser needs a password, so do the roles: one derived from it, the same from every checkout.
    """
    address = urlsplit(superuser)
    password = _password(superuser, role)
    account = f"{role}:{quote(password)}" if password else role
    host = address.netloc.rpartition("@")[2]
    return urlunsplit(address._replace(netloc=f"{account}@{host}", path=f"/{database}"))


def _password(superuser: str, role: str) -> str | None:
    password = urlsplit(superuser).password
    return hmac.new(unquote(password).encode(), role.encode(), "sha256").hexdigest() if password else None


async def create(superuser: str, services: Iterable[str], database: str) -> None:
    """Make the database, the roles and the schemas, and bring each schema up to date."""
    services = list(services)
    conn = await asyncpg.connect(superuser)
    try:
        await conn.execute(LOCK)
        for role in [MIGRATIONS, *map(role_of, services)]:
            if not await conn.fetchval("select 1 from pg_roles where rolname = $1", role):
                await conn.execute(f"create role {quoted(role)} login")
            if password := _password(superuser, role):
                await conn.execute(f"alter role {quoted(role)} password '{password}'")
        if not await conn.fetchval("select 1 from pg_database where datname = $1", database):
            await conn.execute(f"create database {quoted(database)} owner {quoted(MIGRATIONS)}")
            await conn.execute(f"revoke all on database {quoted(database)} from public")
        for service in services:
            await conn.execute(f"grant connect on database {quoted(database)} to {quoted(role_of(service))}")
    finally:
        await conn.close()
    for service in services:
        await migrate(dsn_for(superuser, MIGRATIONS, database), service, f"relais_{service}", role=role_of(service))
