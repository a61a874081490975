"""What an event's attributes and texts may hold at every door: how long, and without control characters.

Attributes become keys of tables and indexes, texts become columns. It judges form only and knows no event type.
"""

import re
from collections.abc import Iterator
from typing import Final

from relais_contracts.envelope import CloudEvent

LONGEST: Final = {"id": 256, "source": 256, "subject": 256, "correlationid": 256, "traceparent": 128}
"""Characters."""
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
    return _NUL.search(data) is not None
