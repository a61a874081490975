"""What is asked of a stream, where the question came from, and what became of it.

Doors and readers make commands, `transact` turns each into one answer. Plain values, cheap to make, never changed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from relais_chassis.decider import JSON, Refused
from relais_chassis.kafka import Record
from relais_contracts.envelope import Payload

# Where a command comes from


@dataclass(frozen=True, slots=True)
class FromOutside:
    """A message from somebody else: told from its repetitions by (org, source, id), from another body by `digest`."""

    org: str
    source: str
    id: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class FromLog:
    """A record of one of our own logs: told from its repetitions by its place in its stream."""

    stream: str
    sequence: int
    compacted: bool
    record: Record
    resumed: bool = False
    """Taken out of `parked` again."""


Origin: TypeAlias = FromOutside | FromLog | None
"""None: asked by ourselves (a sweep); the state says whether it still matters."""


@dataclass(frozen=True, slots=True)
class Command:
    """What is asked of one stream: it is decided on that stream, and its events are appended there."""

    stream: str
    body: object
    origin: Origin
    time: datetime
    correlationid: str | None = None
    causationid: str | None = None
    traceparent: str | None = None
    beside: tuple[str, ...] = ()
    """Other streams that what is decided depends on: locked with its own, so that they stand still meanwhile."""


class Nothing:
    """The body of a record that asks nothing of this service: only the mark moves."""


@dataclass(frozen=True, slots=True)
class Unappliable:
    """The body of a record that names its stream and place but cannot be understood: it parks its stream."""

    reason: str


NOTHING: Final = Nothing()


# What comes of it


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event decided on: its id is `<stream>/<version>`."""

    stream: str
    version: int
    payload: Payload
    time: datetime

    @property
    def id(self) -> str:
        """The event's id on every wire."""
        return f"{self.stream}/{self.version}"


@dataclass(frozen=True, slots=True)
class Accepted:
    """Decided and stored; `reply` is what a repetition will be told too."""

    events: tuple[Recorded, ...]
    reply: JSON


@dataclass(frozen=True, slots=True)
class Repeated:
    """Stored before: the first reply."""

    reply: JSON


@dataclass(frozen=True, slots=True)
class Rejected:
    """Judged, and refused with a reason."""

    refused: Refused


@dataclass(frozen=True, slots=True)
class Reused:
    """The id is known with another body."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record of our own logs that was applied before."""


@dataclass(frozen=True, slots=True)
class Parked:
    """The record waits in `parked` with its stream; `culprit` where it is the reason for it."""

    reason: str
    culprit: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """A lasting fault on a command that has no stream to be parked with; nothing of it is stored."""

    error: Exception


Answer: TypeAlias = Accepted | Repeated | Rejected | Reused | Skipped | Parked | Failed
