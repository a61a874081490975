"""What every adapter gives: directory entries in order, and the rows it could not turn into one, with the reason.

Below the adapters. An entry's event id holds a digest of its content: within one import the same is the same message.
"""

import hashlib
from dataclasses import dataclass

from pydantic_core import to_json

from relais_contracts.catalogue import dump
from relais_contracts.codec import JSON
from relais_contracts.codec import to_json as structured
from relais_contracts.directory import DirectoryPayload
from relais_contracts.envelope import CloudEvent
from relais_intake.directory.entry import stream_of


@dataclass(frozen=True, slots=True)
class Turned:
    """A row (from 1, in its file) that became an entry."""

    row: int
    payload: DirectoryPayload


@dataclass(frozen=True, slots=True)
class Left:
    """A row that became none, and why."""

    row: int
    reason: str


def line_of(payload: DirectoryPayload, organisation: str, run: str = "") -> bytes:
    """The structured CloudEvent of an entry, as `POST /v1/directory` takes it (without line feed).

    `run` names the import: an entry that was changed or withdrawn since must be able to come back as it was, and under
    the id it had then it would only be a message repeated.
    """
    stream, data = stream_of(payload), dump(payload)
    digest = hashlib.sha256(stream.encode() + b"\n" + payload.TYPE.encode() + b"\n" + data).hexdigest()[:24]
    return structured(
        CloudEvent(
            id=f"{stream}@{digest}{run and '@'}{run}",
            source=f"/{organisation}",
            type=payload.TYPE,
            subject=stream.partition("/")[2],
            data=data,
            datacontenttype=JSON,
        )
    )


def short_digest(*parts: object) -> str:
    """Sixteen hex digits that stand for the content of the parts."""
    return hashlib.sha256(to_json(parts)).hexdigest()[:16]
