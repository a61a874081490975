"""Records that could not be applied or read: original bytes and headers, with the reason, until somebody decides.

`transact` and the record handler keep them, the relay publishes them to `<topic>.dlq.<consumer>`, the command line
lists, shows and replays them. Replaying only leaves word: the running service takes it up and its state answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from relais_chassis import locks
from relais_chassis.commands import FromLog
from relais_chassis.kafka import Record
from relais_chassis.postgres import Connection
from relais_chassis.stored_records import StoredRecord, columns_of

_AGAIN: Final = """
update dead_letter d set reason = n.reason, at = n.at, state = 'open'
from unnest($1::text[], $2::bigint[], $3::text[], $4::timestamptz[]) as n(stream, sequence, reason, at)
where d.stream = n.stream and d.sequence = n.sequence
"""
_KEEP: Final = """
insert into dead_letter (topic, partition, "offset", timestamp, key, value, headers, reason, stream, sequence, at)
select * from unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[], $7::text[],
                     $8::text[], $9::text[], $10::bigint[], $11::timestamptz[])
on conflict do nothing
"""
_SETTLE: Final = """
update dead_letter d set state = 'replayed' from unnest($1::text[], $2::bigint[]) as done(stream, sequence)
where d.stream = done.stream and d.sequence = done.sequence
"""
_SELECT: Final = """
select d.id, d.reason, d.stream, d.sequence, d.at, d.state, topic, partition, "offset", timestamp, key, value, headers,
       (select count(*) from parked p where p.stream = d.stream) as waiting
from dead_letter d
"""
_LIST: Final = _SELECT + "where d.state = any($1::text[]) order by d.id limit $2"
_SHOW: Final = _SELECT + "where d.id = $1"

OPEN: Final = ("open", "again")


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A record about to be kept."""

    record: Record
    reason: str
    at: datetime
    stream: str | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter kept; no `stream` where it could not even be read, `waiting` counts what is parked on its stream."""

    id: int
    reason: str
    stream: str | None
    sequence: int | None
    at: datetime
    state: str
    record: StoredRecord
    waiting: int


class UnknownLetter(LookupError):
    """No letter with that number, or not one that can be replayed."""


def of_stream(origin: FromLog, reason: str, at: datetime) -> NewLetter:
    """The letter of a record that parks its stream."""
    return NewLetter(origin.record, reason, at, origin.stream, origin.sequence)


async def keep(conn: Connection, letters: Sequence[NewLetter]) -> None:
    """Keep letters; a record that comes again is the same letter, with the latest reason."""
    streams = [letter.stream for letter in letters]
    sequences = [letter.sequence for letter in letters]
    reasons = [letter.reason for letter in letters]
    times = [letter.at for letter in letters]
    await conn.execute(_AGAIN, streams, sequences, reasons, times)
    records = columns_of([letter.record for letter in letters])
    await conn.execute(_KEEP, *records, reasons, streams, sequences, times)


async def settle(conn: Connection, streams: Sequence[str], sequences: Sequence[int]) -> None:
    """The records were applied after all."""
    await conn.execute(_SETTLE, streams, sequences)


def _letter(row: Sequence[object]) -> Letter:
    id, reason, stream, sequence, at, state, *record, waiting = row
    return Letter(id, reason, stream, sequence, at, state, StoredRecord.of_row(*record), waiting)  # type: ignore[arg-type]


async def list_letters(conn: Connection, states: Sequence[str] = OPEN, limit: int = 100) -> list[Letter]:
    """The oldest letters in one of the states (`open`, `again`, `replayed`, `discarded`)."""
    return [_letter(tuple(row)) for row in await conn.fetch(_LIST, list(states), limit)]


async def show(conn: Connection, id: int) -> Letter:
    """One letter; raises UnknownLetter."""
    row = await conn.fetchrow(_SHOW, id)
    if row is None:
        raise UnknownLetter(f"no letter {id}")
    return _letter(tuple(row))


async def replay(conn: Connection, id: int) -> Letter:
    """Ask the running service to take a letter, and all that waits behind it, up again; inside a transaction."""
    letter = await _locked(conn, id)
    await conn.execute("update dead_letter set state = 'again' where id = $1", id)
    if letter.stream is not None:
        await conn.execute("update mark set resume = true where stream = $1 and parked", letter.stream)
    return letter


async def discard(conn: Connection, id: int) -> Letter:
    """Give a letter up: its stream goes on after it, as if it had been applied; inside a transaction.

    Before a hole, what is missing is given up and the letter's own record is applied.
    """
    letter = await _locked(conn, id)
    await conn.execute("update dead_letter set state = 'discarded' where id = $1", id)
    if letter.stream is not None and letter.sequence is not None:
        await _pass_over(conn, letter.stream, letter.sequence)
    return letter


async def _locked(conn: Connection, id: int) -> Letter:
    """The letter, nobody writing its stream meanwhile: the stream's lock first, as every writer does."""
    letter = await show(conn, id)
    if letter.stream is not None:
        await locks.take(conn, [letter.stream])
        letter = await show(conn, id)
    if letter.state not in OPEN:
        raise UnknownLetter(f"letter {id} is {letter.state}")
    return letter


async def _pass_over(conn: Connection, stream: str, sequence: int) -> None:
    mark = await conn.fetchval("select sequence from mark where stream = $1 and parked", stream)
    if mark is None:
        raise UnknownLetter(f"{stream} is not parked")
    before_a_hole = mark + 1 < sequence
    if not before_a_hole:
        await conn.execute("delete from parked where stream = $1 and sequence = $2", stream, sequence)
    passed = sequence - 1 if before_a_hole else sequence
    await conn.execute("update mark set sequence = $2, resume = true where stream = $1", stream, passed)
