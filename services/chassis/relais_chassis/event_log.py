"""The event log of a service: its truth and its outbox.

`transact` appends, the relay and readers follow it in the order of `log_order`. Nothing ever changes or leaves it here.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from relais_chassis.commands import Command, FromOutside, Recorded
from relais_chassis.postgres import Connection
from relais_contracts.catalogue import dump
from relais_contracts.envelope import CloudEvent


class Logged(NamedTuple):
    """A row of the log, as whoever follows it needs it."""

    stream: str
    version: int
    type: str
    subject: str
    time: datetime
    data: bytes
    causationid: str | None
    correlationid: str | None
    traceparent: str | None


LOGGED: Final = ", ".join(Logged._fields)
"""The columns of a `Logged`, in their order."""
_WRITTEN: Final = ("topic", *Logged._fields)
_READ: Final = f"select {LOGGED} from log where stream = $1 and version > $2 order by version limit $3"


def cause_of(command: Command) -> str | None:
    """The id of what made this be asked."""
    if command.causationid is not None or command.origin is None:
        return command.causationid
    origin = command.origin
    return origin.id if isinstance(origin, FromOutside) else f"{origin.stream}/{origin.sequence}"


def subject_of(stream: str) -> str:
    """What a stream is about: the part after the slash."""
    return stream.partition("/")[2]


class Appending:
    """Events of one batch on their way into the log, row by row."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: list[tuple[object, ...]] = []

    def add(self, events: Sequence[Recorded], topic: str | None, command: Command) -> None:
        """Add what one command led to; all on one stream."""
        stream = command.stream
        subject, cause = subject_of(stream), cause_of(command)
        for event in events:
            payload = event.payload
            self.rows.append(
                (
                    topic,
                    stream,
                    event.version,
                    payload.TYPE,
                    subject,
                    event.time,
                    dump(payload),
                    cause,
                    command.correlationid,
                    command.traceparent,
                )
            )


class EventLog:
    """One service's log; `source` is the writer's name in every event."""

    def __init__(self, source: str) -> None:
        self.source = source

    async def append(self, conn: Connection, appending: Appending) -> None:
        """Append a batch, in order; COPY is the cheapest way in."""
        if appending.rows:
            await conn.copy_records_to_table("log", records=appending.rows, columns=_WRITTEN)

    async def read(self, conn: Connection, stream: str, after: int = 0, limit: int = 10_000) -> list[CloudEvent]:
        """The events of a stream after a version, in order."""
        rows = await conn.fetch(_READ, stream, after, limit)
        return [self._event(Logged(*row)) for row in rows]

    def _event(self, row: Logged) -> CloudEvent:
        return CloudEvent(
            id=f"{row.stream}/{row.version}",
            source=self.source,
            type=row.type,
            data=row.data,
            subject=row.subject,
            time=row.time,
            sequence=row.version,
            causationid=row.causationid,
            correlationid=row.correlationid,
            traceparent=row.traceparent,
        )
