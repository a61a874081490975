"""What every adapter gives: entries of the directory in order, rows left out and why, and where a file breaks.

Below the adapters. An entry's event id holds a digest of its content: within one import the same is the same message.
"""

import hashlib
from dataclasses import dataclass, replace
from typing import TypeAlias

from pydantic_core import to_json

from relais_contracts.catalogue import dump
from relais_contracts.codec import JSON
from relais_contracts.directory import DirectoryPayload, PartnerDeclared
from relais_contracts.envelope import SPECVERSION
from relais_intake.directory.entry import stream_of


@dataclass(frozen=True, slots=True)
class Turned:
    """A row (from 1, in its file) that became an entry; `notes` says what of it could not be kept."""

    row: int
    payload: DirectoryPayload
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A row's line for the door; `entry` is its stream, where it could be told."""

    row: int
    line: bytes
    entry: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """A row that became no entry, and why; `entry` is the one it would have been, where it could be told."""

    row: int
    reason: str
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a file breaks off or cannot be read further: rows before it were taken, what follows is not known."""

    row: int
    byte: int
    reason: str


Item: TypeAlias = Line | Left | Cut
Given: TypeAlias = Turned | Left | Cut


class Unfit(Exception):
    """A row cannot become an entry: the field of its file, and what is wrong with it."""


class Once:
    """Lets each entry through once: a second row about the same would undo the first at every import.

    Keeps sixteen bytes an entry. A partner comes with each of its offers, perhaps in several towns; it passes once, as
    its first row has it, and is left where another row gives it another name, group or address on the web.
    """

    def __init__(self) -> None:
        self._seen: dict[bytes, tuple[int, bytes]] = {}

    def of(self, given: Turned) -> Turned | Left | None:
        """The row itself; none where it said the same already; Left where it says another thing."""
        stream = stream_of(given.payload)
        key, content = _short(stream.encode()), _short(dump(_lasting(given.payload)))
        row, said = self._seen.setdefault(key, (given.row, content))
        if row == given.row and said == content:
            return given
        if said == content and stream.startswith("partner/"):
            return None
        return Left(given.row, f"{stream} is in row {row} already{'' if said == content else ', otherwise'}", stream)


def _lasting(payload: DirectoryPayload) -> DirectoryPayload:
    if isinstance(payload, PartnerDeclared):
        return payload.model_copy(update={"commune": "", "updated": None})
    return payload


def _short(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=8).digest()


def line_of(payload: DirectoryPayload, organisation: str, run: str = "") -> bytes:
    """The structured CloudEvent of an entry, as `POST /v1/directory` takes it (without line feed).

    `run` names the import: an entry that was changed or withdrawn since must be able to come back as it was, and under
    the id it had then it would only be a message repeated.
    """
    stream, data = stream_of(payload), dump(payload)
    digest = hashlib.sha256(stream.encode() + b"\n" + payload.TYPE.encode() + b"\n" + data).hexdigest()[:24]
    attributes = {
        "specversion": SPECVERSION,
        "id": f"{stream}@{digest}{run and '@'}{run}",
        "source": f"/{organisation}",
        "type": payload.TYPE,
        "subject": stream.partition("/")[2],
        "datacontenttype": JSON,
    }
    return to_json(attributes)[:-1] + b',"data":' + data + b"}"


def sent(given: Turned, organisation: str, run: str) -> Line:
    """The line of an entry."""
    return Line(given.row, line_of(given.payload, organisation, run), stream_of(given.payload), given.notes)


def numbered(given: Given, before: int) -> Given:
    """The same, counted after so many rows."""
    return replace(given, row=given.row + before)


def short_digest(*parts: object) -> str:
    """Sixteen hex digits that stand for the content of the parts."""
    return hashlib.sha256(to_json(parts)).hexdigest()[:16]
