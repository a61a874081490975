"""What an event's attributes and texts may hold at every door: how long, and without control characters.

Attributes become keys of tables and indexes, texts become columns. It judges form only and knows no event type.
"""

import re
from collections.abc import Iterator
from typing import Final

from pydantic_core import from_json

from relais_contracts.envelope import CloudEvent

LONGEST: Final = {"id": 256, "source": 256, "subject": 256, "correlationid": 256, "traceparent": 128}
"""Characters."""
WITHOUT_NUL: Final = "a text without NUL characters"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def beyond(event: CloudEvent) -> Iterator[tuple[str, str]]:
    """Attributes that are too long or hold control characters: where, and what is expected there."""
    for name, longest in LONGEST.items():
        value = getattr(event, name)
        if value is not None and (len(value) > longest or _CONTROL.search(value)):
            yield f"/{name}", f"at most {longest} printable characters"


def holds_nul(data: bytes) -> bool:
    """Whether a text of JSON data holds a NUL character, which no database keeps."""
    return b"\\u0000" in data and _NUL.search(data) is not None  # as bytes first: that costs next to nothing


def nul_at(data: bytes) -> list[str]:
    """JSON pointers to the texts of JSON data that hold a NUL character; to the object, where a name in it does."""
    return list(dict.fromkeys(_nul_at(from_json(data), ""))) if holds_nul(data) else []


def _nul_at(value: object, where: str) -> Iterator[str]:
    if isinstance(value, str) and "\0" in value:
        yield where
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _nul_at(each, f"{where}/{number}")
    elif isinstance(value, dict):
        for name, each in value.items():
            step = name.replace("~", "~0").replace("/", "~1")
            yield from (where,) if "\0" in name else _nul_at(each, f"{where}/{step}")
