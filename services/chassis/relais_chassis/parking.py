"""Where the records of a stream wait that cannot be applied yet, and how they are taken out again.

`transact` puts them here and takes them out in its own transaction. The culprit is a dead letter too; those behind it
only wait. Order is never given up for progress.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from relais_chassis import dead_letters
from relais_chassis.commands import FromLog
from relais_chassis.postgres import Connection
from relais_chassis.stored_records import columns_of

BEHIND: Final = "waits behind a parked record of its stream"
_PARK: Final = """
insert into parked (stream, sequence, topic, partition, "offset", timestamp, key, value, headers, reason, at)
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::int[], $5::bigint[], $6::bigint[], $7::bytea[],
                     $8::bytea[], $9::text[], $10::text[], $11::timestamptz[])
on conflict (stream, sequence) do update set reason = excluded.reason where excluded.reason <> $12
"""
_MARK: Final = """
insert into mark (stream, sequence, parked) select distinct stream, 0, true from unnest($1::text[]) as stream
on conflict (stream) do update set parked = true, resume = false
"""
_TOO_MANY: Final = """
select stream from parked where stream = any($1::text[]) group by stream having count(*) > $2 limit 1
"""
_TAKE_OUT: Final = """
delete from parked p using unnest($1::text[], $2::bigint[]) as done(stream, sequence)
where p.stream = done.stream and p.sequence = done.sequence
"""
_FREE: Final = """
update mark set parked = false, resume = false
where stream = any($1::text[]) and parked and not exists (select from parked where parked.stream = mark.stream)
"""


class TooManyLetters(Exception):
    """More is put aside than can be the fault of single records: the consumer should stop."""


async def free(conn: Connection, streams: Sequence[str]) -> None:
    """Let streams go on of which nothing waits; under their locks."""
    await conn.execute(_FREE, streams)


class Parking:
    """What one batch puts aside and takes out again."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._aside: dict[tuple[str, int], tuple[FromLog, str, datetime]] = {}
        self._out: list[FromLog] = []

    def put(self, origin: FromLog, reason: str, at: datetime) -> None:
        """Put a record aside; twice in a batch is once."""
        self._aside.setdefault((origin.stream, origin.sequence), (origin, reason, at))

    def take_out(self, origin: FromLog) -> None:
        """A record taken up again is applied."""
        self._out.append(origin)

    async def save(self, conn: Connection) -> None:
        """Write both; a stream of which nothing waits any more is free."""
        if self._aside:
            await self._save_aside(conn, list(self._aside.values()))
        if self._out:
            streams = [origin.stream for origin in self._out]
            sequences = [origin.sequence for origin in self._out]
            await conn.execute(_TAKE_OUT, streams, sequences)
            await free(conn, streams)
            await dead_letters.settle(conn, streams, sequences)

    async def _save_aside(self, conn: Connection, aside: Sequence[tuple[FromLog, str, datetime]]) -> None:
        streams = [origin.stream for origin, _, _ in aside]
        reasons = [reason for _, reason, _ in aside]
        times = [at for _, _, at in aside]
        records = columns_of([origin.record for origin, _, _ in aside])
        await conn.execute(
            _PARK, streams, [origin.sequence for origin, _, _ in aside], *records, reasons, times, BEHIND
        )
        culprits = [item for item in aside if item[1] != BEHIND]
        if culprits:
            await conn.execute(_MARK, [origin.stream for origin, _, _ in culprits])
            await dead_letters.keep(conn, [dead_letters.of_stream(*culprit) for culprit in culprits])
        stream = await conn.fetchval(_TOO_MANY, streams, self._limit)
        if stream is not None:
            raise TooManyLetters(f"more than {self._limit} records of {stream} wait")
