"""Which maker's file each is, told by its first bytes, and its rows as lines of our own, one at a time.

The door of the adapters for `relais directory import`. It reads files given to it and opens none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final, TypeAlias

from relais_contracts.codec import Unreadable
from relais_intake.directory.adapters import data_inclusion, json_rows, sample
from relais_intake.directory.adapters.data_inclusion import Structures
from relais_intake.directory.adapters.line_rows import Table, own_lines
from relais_intake.directory.adapters.lines import Cut, Given, Item, Left, Once, Turned, sent
from relais_intake.directory.adapters.reading import Reading, reading_of
from relais_intake.directory.adapters.sample import Shared

FORMATS: Final = (
    "our own lines (NDJSON), data·inclusion v1 or a flat list of services (JSON), or a table with a known header (CSV)"
)
_HEAD: Final = 4096
Format: TypeAlias = "Own | Document | Services | Flat | Rows"


@dataclass(frozen=True, slots=True)
class Own:
    """Lines of our own."""

    file: BinaryIO


@dataclass(frozen=True, slots=True)
class Document:
    """data·inclusion: one document with `structures` and `services`, in any order."""

    file: BinaryIO


@dataclass(frozen=True, slots=True)
class Services:
    """data·inclusion: a list of structures, of services, or of both."""

    file: BinaryIO


@dataclass(frozen=True, slots=True)
class Flat:
    """A flat list of services."""

    file: BinaryIO


@dataclass(frozen=True, slots=True)
class Rows:
    """A table, and how its columns are read."""

    table: Table
    reading: Reading


def recognised(file: BinaryIO, readings: Sequence[Reading]) -> Format:
    """The format of a file that can be read again from its start; raises Unreadable where none fits."""
    file.seek(0)
    head = file.read(_HEAD).removeprefix(json_rows.BOM).lstrip()
    if head.startswith(b"{"):
        return Own(file) if b'"specversion"' in head.split(b"\n", 1)[0] else Document(file)
    if head.startswith(b"["):
        first = next(iter(json_rows.rows(file, "item")), None)
        if not isinstance(first, tuple):
            raise Unreadable("", FORMATS)
        if "structure_name" in first[1]:
            return Flat(file)
        if _is_service(first[1]) or {"id", "nom"} <= first[1].keys():
            return Services(file)
        raise Unreadable("", FORMATS)
    if not head or head.startswith((b'"{', b"\x00")):
        raise Unreadable("", FORMATS)
    table = Table(file)
    return Rows(table, reading_of(table.header, readings, FORMATS))


def lines(formats: Sequence[Format], organisation: str, run: str = "") -> Iterator[tuple[int, Item]]:
    """Everything that the files give, each with the index of its file: structures of all files first, then the rest.

    `run` names this import in the ids of the lines made; our own lines keep theirs. Raises Unreadable where a document
    holds nothing that is known.
    """
    structures = Structures()
    once = Once()
    counts = [0] * len(formats)
    for index, each in enumerate(formats):
        if isinstance(each, Document | Services):
            for given in _structures(each, structures):
                counts[index] = given.row
                yield from _passed(index, given, once, organisation, run)
    for index, each in enumerate(formats):
        if isinstance(each, Own):
            yield from ((index, item) for item in own_lines(each.file))
            continue
        for given in _others(each, structures, counts[index]):
            counts[index] = given.row
            yield from _passed(index, given, once, organisation, run)
        if isinstance(each, Document) and not counts[index]:
            raise Unreadable("", FORMATS)


def _passed(index: int, given: Given, once: Once, organisation: str, run: str) -> Iterator[tuple[int, Item]]:
    if not isinstance(given, Turned):
        yield index, given
    elif isinstance(first := once.of(given), Turned):
        yield index, sent(first, organisation, run)
    elif first is not None:
        yield index, first


def _structures(of: "Document | Services", structures: Structures) -> Iterator[Given]:
    for row in json_rows.rows(of.file, "structures.item" if isinstance(of, Document) else "item"):
        if isinstance(row, Cut):  # said once, by the pass that reads to the same place for the services
            structures.cut = isinstance(of, Document) or bool(structures.known)
            return
        if isinstance(row, Left):
            if isinstance(of, Document):
                yield row
        elif isinstance(of, Document) or not _is_service(row[1]):
            yield data_inclusion.partner(*row, structures)


def _others(of: Format, structures: Structures, before: int) -> Iterator[Given]:
    match of:
        case Document(file=file):
            for row in json_rows.rows(file, "services.item", before):
                yield data_inclusion.offer(*row, structures) if isinstance(row, tuple) else row
        case Services(file=file):
            for row in json_rows.rows(file, "item"):
                if not isinstance(row, tuple):
                    yield row
                elif _is_service(row[1]):
                    yield data_inclusion.offer(*row, structures)
        case Flat(file=file):
            shared = Shared.of(row[1] for row in json_rows.rows(file, "item") if isinstance(row, tuple))
            for row in json_rows.rows(file, "item"):
                yield from sample.turn(*row, shared) if isinstance(row, tuple) else (row,)
        case Rows(table=table, reading=reading):
            for line in table.rows():
                yield from reading.turn(*line) if isinstance(line, tuple) else (line,)
        case Own():
            return


def _is_service(values: json_rows.Values) -> bool:
    """Whether a row of a list is a service; only a service has thématiques, though its structure may be missing."""
    return "structure_id" in values or "thematiques" in values
