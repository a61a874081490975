"""Locks on streams, taken before anything else in a transaction and released at its end.

They assign no transaction id, so a waiting writer holds no reader up. All take them in the order of their hashes.
"""

from collections.abc import Iterable
from typing import Final

from relais_chassis.postgres import Connection

# Schemas share the database's space of lock keys: the schema's own hash is the seed.
_TAKE: Final = """
select pg_advisory_xact_lock(key)
from (select distinct hashtextextended(stream, hashtextextended(current_schema(), 0)) as key
      from unnest($1::text[]) as stream order by key) as keys
"""


async def take(conn: Connection, streams: Iterable[str]) -> None:
    """Wait until this transaction alone may touch the streams."""
    await conn.execute(_TAKE, list(streams))
