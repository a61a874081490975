"""The envelope every event travels in (CloudEvents 1.0) and the base of what it carries.

Codecs fill it, the event log and the relay write it. It knows no event type.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict

SPECVERSION: Final = "1.0"
PREFIX: Final = "org.relais."


class Part(BaseModel):
    """A frozen piece of an event's data; unknown fields are ignored so that writers may add some."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", strict=True, validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )


class Payload(Part):
    """The data of one event type."""

    TYPE: ClassVar[str]


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """One event: CloudEvents 1.0 attributes, and its data as JSON bytes.

    For an event of our own logs `id` is `<stream>/<version>` and `sequence` that version (from 1).
    """

    id: str
    source: str
    type: str
    data: bytes
    subject: str | None = None
    time: datetime | None = None
    sequence: int | None = None
    causationid: str | None = None
    correlationid: str | None = None
    traceparent: str | None = None
    datacontenttype: str = "application/json"
    extensions: Mapping[str, str] = field(default_factory=dict)


def event_type(subject: str, past: str) -> str:
    """The full wire name, such as `org.relais.handoff.lapsed.v1`."""
    return f"{PREFIX}{subject}.{past}.v1"


def own_stream(event: CloudEvent) -> tuple[str, int]:
    """Stream and version of an event of our own logs.

    Raises ValueError where the id is not `<stream>/<version>` or disagrees with `sequence`.
    """
    stream, _, version = event.id.rpartition("/")
    if not stream or not version.isascii() or not version.isdigit() or version != str(event.sequence):
        raise ValueError(f"id is expected to be <stream>/<version> with sequence=<version>, not {event.id!r}")
    return stream, int(version)
