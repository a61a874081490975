"""The event log of a service: its truth and its outbox.

`transact` appends, the relay and readers follow it in the order of `log_order`. Nothing ever changes or leaves it here.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from relais_chassis.commands import Command, FromOutside, Recorded
from relais_chassis.postgres import Connection
from relais_contracts.catalogue import dump
from relais_contracts.envelope import CloudEvent

_COLUMNS: Final = (
    "stream", "version", "topic", "type", "subject", "time", "data", "causationid", "correlationid", "traceparent",
)  # fmt: skip
_READ: Final = """
select stream, version, type, subject, time, data, causationid, correlationid, traceparent
from log where stream = $1 and version > $2 order by version limit $3
"""


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
                    stream,
                    event.version,
                    topic,
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
            await conn.copy_records_to_table("log", records=appending.rows, columns=_COLUMNS)

    async def read(self, conn: Connection, stream: str, after: int = 0, limit: int = 10_000) -> list[CloudEvent]:
        """The events of a stream after a version, in order."""
        return [self._event(*row) for row in await conn.fetch(_READ, stream, after, limit)]

    def _event(
        self,
        stream: str,
        version: int,
        type: str,
        subject: str,
        time: datetime,
        data: bytes,
        causationid: str | None,
        correlationid: str | None,
        traceparent: str | None,
    ) -> CloudEvent:
        return CloudEvent(
            id=f"{stream}/{version}",
            source=self.source,
            type=type,
            data=data,
            subject=subject,
            time=time,
            sequence=version,
            causationid=causationid,
            correlationid=correlationid,
            traceparent=traceparent,
        )
