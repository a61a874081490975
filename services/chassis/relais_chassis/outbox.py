"""What the relay may publish next: rows of the log, and dead letters, as messages.

Both are read in (transaction id, position) order, only below the oldest transaction still open: a plain
"position > last" would lose what commits late. Nothing is marked here; the relay's cursor says how far it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from relais_chassis.event_log import LOGGED, EventLog, Logged
from relais_chassis.postgres import Connection
from relais_chassis.publisher import Message
from relais_chassis.stored_records import COLUMNS, StoredRecord
from relais_contracts.topics import dead_letter_topic


class Cursor(NamedTuple):
    """A place in the order of a log."""

    txid: int
    position: int


START: Final = Cursor(0, 0)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Messages in order, and the cursor after the last of them."""

    messages: Sequence[Message]
    rows: int
    end: Cursor


class Outbox(Protocol):
    """A table whose rows are to be published; `poll_seconds` is how long what another process stored may wait."""

    name: str
    poll_seconds: float

    async def read(self, conn: Connection, after: Cursor, limit: int, now: datetime) -> Chunk: ...
    async def waiting_since(self, conn: Connection) -> datetime | None: ...


LOG: Final = f"""
select txid::text::bigint, position, topic, {LOGGED}
from log
where (txid, position) > ($1::text::xid8, $2) and txid < pg_snapshot_xmin(pg_current_snapshot())
order by log.txid, log.position limit $3  -- the columns, not the output: that is the index's order
"""
LETTERS: Final = f"""
select txid::text::bigint, id, at, reason, stream, sequence, {COLUMNS}
from dead_letter
where (txid, id) > ($1::text::xid8, $2) and txid < pg_snapshot_xmin(pg_current_snapshot())
order by dead_letter.txid, id limit $3
"""
LOG_WAITS: Final = """
select log.time from log, relay_cursor c where c.log = 'log' and (log.txid, log.position) > (c.txid, c.position)
order by log.txid, log.position limit 1
"""
LETTERS_WAIT: Final = """
select d.at from dead_letter d, relay_cursor c where c.log = 'dead_letter' and (d.txid, d.id) > (c.txid, c.position)
order by d.txid, d.id limit 1
"""
OLD_MS: Final = 30 * 86_400_000
"""Records keep their event's time, so that a reader's horizon is honest, unless retention would take them at once."""


class LogOutbox:
    """The events of a log; `prefix` stands before every topic's name."""

    def __init__(self, log: EventLog, prefix: str = "") -> None:
        self.name, self.poll_seconds, self._prefix = "log", 0.1, prefix
        self._source = log.source.encode()
        self._fixed: dict[str, tuple[tuple[str, bytes], ...]] = {}
        self._topics: dict[str, str] = {}

    async def read(self, conn: Connection, after: Cursor, limit: int, now: datetime) -> Chunk:
        """The next rows that every later reader will see in the same order."""
        rows = await conn.fetch(LOG, str(after.txid), after.position, limit)
        oldest = int(now.timestamp() * 1000) - OLD_MS
        messages = [self._message(oldest, topic, Logged(*row)) for _, _, topic, *row in rows if topic is not None]
        return Chunk(messages, len(rows), Cursor(rows[-1][0], rows[-1][1]) if rows else after)

    async def waiting_since(self, conn: Connection) -> datetime | None:
        """The time of the oldest event not published yet."""
        since: datetime | None = await conn.fetchval(LOG_WAITS)
        return since

    def _message(self, oldest: int, topic: str, row: Logged) -> Message:
        """With the same headers as relais_contracts.codec.to_kafka, without its detour by the event."""
        key = row.stream.encode()
        sequence = b"%d" % row.version
        content, specversion, source, kind = self._fixed.get(row.type) or self._headers_of(row.type)
        headers = [
            content,
            specversion,
            ("ce_id", b"%s/%s" % (key, sequence)),
            source,
            kind,
            ("ce_subject", row.subject.encode()),
            ("ce_time", row.time.isoformat().encode()),
            ("ce_sequence", sequence),
        ]
        if row.causationid is not None:
            headers.append(("ce_causationid", row.causationid.encode()))
        if row.correlationid is not None:
            headers.append(("ce_correlationid", row.correlationid.encode()))
        if row.traceparent is not None:
            headers.append(("ce_traceparent", row.traceparent.encode()))
        stamp = int(row.time.timestamp() * 1000)
        return Message(self._prefix + topic, key, row.data, headers, stamp if stamp > oldest else oldest + OLD_MS)

    def _headers_of(self, type: str) -> tuple[tuple[str, bytes], ...]:
        fixed = (
            ("content-type", b"application/json"),
            ("ce_specversion", b"1.0"),
            ("ce_source", self._source),
            ("ce_type", type.encode()),
        )
        return self._fixed.setdefault(type, fixed)


class LetterOutbox:
    """Dead letters of one consumer: original key, bytes and headers, and why and whence in `dlq-*` headers."""

    def __init__(self, consumer: str) -> None:
        self.name, self.poll_seconds, self._consumer = "dead_letter", 2.0, consumer

    async def read(self, conn: Connection, after: Cursor, limit: int, now: datetime) -> Chunk:
        """The next letters."""
        rows = await conn.fetch(LETTERS, str(after.txid), after.position, limit)
        messages = [
            self._message(now, id, at, reason, stream, sequence, StoredRecord.of_row(*row))
            for _, id, at, reason, stream, sequence, *row in rows
        ]
        return Chunk(messages, len(rows), Cursor(rows[-1][0], rows[-1][1]) if rows else after)

    async def waiting_since(self, conn: Connection) -> datetime | None:
        """The time of the oldest letter not published yet."""
        since: datetime | None = await conn.fetchval(LETTERS_WAIT)
        return since

    def _message(
        self,
        now: datetime,
        id: int,
        at: datetime,
        reason: str,
        stream: str | None,
        sequence: int | None,
        record: StoredRecord,
    ) -> Message:
        about = {
            "dlq-letter": id,
            "dlq-topic": record.topic,
            "dlq-partition": record.partition,
            "dlq-offset": record.offset,
            "dlq-timestamp": record.timestamp,
            "dlq-consumer": self._consumer,
            "dlq-reason": reason,
            "dlq-at": at.isoformat(),
            "dlq-stream": stream,
            "dlq-sequence": sequence,
        }
        added = [(name, str(content).encode()) for name, content in about.items() if content is not None]
        return Message(
            dead_letter_topic(record.topic, self._consumer),
            record.key,
            record.value,
            [*record.headers, *added],
            int(now.timestamp() * 1000),
        )
