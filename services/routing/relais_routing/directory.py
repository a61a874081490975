"""The directory in PostgreSQL and in memory: entries are stored with a version, the index follows the version.

Every worker holds the whole index and refreshes it in place at the start of a batch, before anything is decided.
It judges nothing: matching does.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final

from relais_chassis.postgres import Connection
from relais_contracts.catalogue import dump, parse_data
from relais_contracts.envelope import Payload
from relais_routing.matching.index import Index

STREAMS: Final = ("partner/", "offer/", "places/", "closure/")

PORTION: Final = 100
"""Entries taken in at once, a few milliseconds."""
Row = tuple[int, str, bytes]
"""Version, type and data of an entry."""

_VERSION: Final = "select version from directory_version"
_ADD: Final = "update directory_version set version = version + $1 returning version"
_STORE: Final = """
insert into directory_entry (version, stream, type, data, at)
select * from unnest($1::bigint[], $2::text[], $3::text[], $4::bytea[], $5::timestamptz[])
"""
_ALL: Final = """
select version, type, data from (
    select distinct on (stream) version, type, data from directory_entry where version <= $1
    order by stream, version desc
) as latest order by version
"""
_BETWEEN: Final = """
select version, type, data from directory_entry where version > $1 and version <= $2 order by version limit 20000
"""
_STREAM: Final = "select stream from directory_entry where version > $1 and version <= $2"


class LiveIndex:
    """The index of one worker, as fresh as the last `refresh`."""

    def __init__(self, index: Index | None = None) -> None:
        self.index = Index() if index is None else index
        self._refreshing = asyncio.Lock()

    async def refresh(self, conn: Connection, version: int | None = None) -> None:
        """Bring the index to a committed version, that of now unless told; one cheap look where nothing has changed."""
        version = await conn.fetchval(_VERSION) if version is None else version
        if version <= self.index.version:
            return
        async with self._refreshing:
            if self.index.version == 0:
                async for part in _parts(await conn.fetch(_ALL, version)):
                    self._apply(part, 0)
                self._apply((), version)
                gc.collect()
                gc.freeze()  # a hundred thousand offers live as long as the process: looked through once, not for ever
            while self.index.version < version:
                async for part in _parts(await conn.fetch(_BETWEEN, self.index.version, version)):
                    self._apply(part, part[-1][0])

    def _apply(self, rows: Sequence[Row], version: int) -> None:
        self.index.apply((parse_data(type, data) for _, type, data in rows), version)


async def _parts(rows: Sequence[Row]) -> AsyncIterator[Sequence[Row]]:
    """Rows by portions: others have their turn in between, and meet the directory as it stood after one of them."""
    for first in range(0, len(rows), PORTION):
        yield rows[first : first + PORTION]
        await asyncio.sleep(0)


async def index_at(conn: Connection, version: int, index: Index | None = None) -> Index:
    """The index as it stood at a version: what a stored decision is made again with."""
    index = Index() if index is None else index
    rows = await conn.fetch(_ALL, version)
    index.apply((parse_data(type, data) for _, type, data in rows), version)
    return index


async def bring_forward(conn: Connection, index: Index, version: int) -> None:
    """Take an index on to a later version, entry by entry, in bounded memory."""
    while index.version < version:
        rows = await conn.fetch(_BETWEEN, index.version, version)
        reached = rows[-1]["version"] if rows else version
        index.apply((parse_data(type, data) for _, type, data in rows), reached)


async def store(conn: Connection, entries: Sequence[tuple[str, Payload, datetime]]) -> int:
    """Write entries (stream, event, time) in order; the directory's version after them.

    Others that write entries wait until this transaction has ended: whatever came before it is committed.
    """
    version: int = await conn.fetchval(_ADD, len(entries))
    versions = list(range(version - len(entries) + 1, version + 1))
    columns = (
        [stream for stream, _, _ in entries],
        [event.TYPE for _, event, _ in entries],
        [dump(event) for _, event, _ in entries],
        [at for _, _, at in entries],
    )
    await conn.execute(_STORE, versions, *columns)
    return version


def is_entry(stream: str) -> bool:
    """Whether a stream is an entry of the directory."""
    return stream.startswith(STREAMS)
