"""Brings a schema up to date from the `sql/*.sql` files of the chassis and of a service.

Run before a service starts; any number may run it at once. It never undoes a step.
"""

from collections.abc import Iterator
from importlib.resources import files

import asyncpg

from relais_chassis.postgres import Connection, quoted, waited_out

_TABLE = """
create table if not exists migration (
    package text, name text, applied timestamptz not null default now(), primary key (package, name)
)
"""
_GRANTS = (
    "grant usage on schema {schema} to {role}",
    "grant select, insert, update, delete on all tables in schema {schema} to {role}",
    "grant usage on all sequences in schema {schema} to {role}",
)


def steps(package: str) -> Iterator[tuple[str, str]]:
    """Names and texts of a package's migrations, in order."""
    found = [file for file in (files(package) / "sql").iterdir() if file.name.endswith(".sql")]
    for file in sorted(found, key=lambda file: file.name):
        yield file.name, file.read_text(encoding="utf-8")


async def migrate(dsn: str, schema: str, *packages: str, role: str | None = None) -> list[str]:
    """Apply what is missing of the chassis's, then the packages' migrations; `role` is given the use of the tables.

    Waits until the database is up. Returns the names of the steps applied.
    """

    conn: Connection = await waited_out(lambda: asyncpg.connect(dsn, timeout=10), "migrate")
    try:
        async with conn.transaction():
            return await _apply(conn, schema, ("relais_chassis", *packages), role)
    finally:
        await conn.close()


async def _apply(conn: Connection, schema: str, packages: tuple[str, ...], role: str | None) -> list[str]:
    await conn.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"migrate {schema}")
    await conn.execute(f"create schema if not exists {quoted(schema)}")
    await conn.execute(f"set local search_path to {quoted(schema)}")
    await conn.execute(_TABLE)
    done = {(row["package"], row["name"]) for row in await conn.fetch("select package, name from migration")}
    applied = []
    for package in packages:
        for name, text in steps(package):
            if (package, name) not in done:
                await conn.execute(text)
                await conn.execute("insert into migration (package, name) values ($1, $2)", package, name)
                applied.append(f"{package}/{name}")
    if role is not None:
        for grant in _GRANTS:
            await conn.execute(grant.format(schema=quoted(schema), role=quoted(role)))
    return applied
