"""Which maker's file this is, and its rows as lines of our own.

The door of the adapters for `relais directory import`. It reads bytes given to it and opens no file.
"""

from collections.abc import Iterator

from relais_contracts.codec import Unreadable, decode_json
from relais_intake.directory.adapters import data_inclusion, sample
from relais_intake.directory.adapters.lines import Left, Turned, line_of

FORMATS = "our own lines (NDJSON), data·inclusion v1 (JSON), or a flat list of services (JSON)"


def lines(content: bytes, organisation: str, run: str = "") -> Iterator[tuple[int, bytes | Left]]:
    """Row number and line, or the reason why a row gives none; raises Unreadable where no format fits.

    `run` names this import in the ids of the lines made; our own lines keep theirs.
    """
    if _is_ndjson(content):
        yield from _own(content)
        return
    for turned in _turned(decode_json(content)):
        yield turned.row, turned if isinstance(turned, Left) else line_of(turned.payload, organisation, run)


def _is_ndjson(content: bytes) -> bool:
    first = content.lstrip()[:4096].split(b"\n", 1)[0]
    return first.startswith(b"{") and b'"specversion"' in first


def _own(content: bytes) -> Iterator[tuple[int, bytes]]:
    for row, line in enumerate(content.splitlines(), 1):
        if line.strip():
            yield row, line


def _turned(document: object) -> Iterator[Turned | Left]:
    if isinstance(document, dict) and isinstance(document.get("services"), list):
        yield from data_inclusion.turn(_rows(document.get("structures") or []), _rows(document["services"]))
    elif isinstance(document, list) and document and all(isinstance(row, dict) for row in document):
        if "structure_name" in document[0]:
            yield from sample.turn(document)
        else:
            structures = [row for row in document if "structure_id" not in row]
            yield from data_inclusion.turn(structures, [row for row in document if "structure_id" in row])
    else:
        raise Unreadable("", FORMATS)


def _rows(value: object) -> list[dict[str, object]]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise Unreadable("", FORMATS)
    return value
