"""Where a board stands among the changes: PostgreSQL's own snapshot, as text.

A snapshot knows which transactions it could not see yet; asking for exactly those misses nothing and repeats nothing,
whatever order they commit in. Pure: it asks no database.
"""

import re
from dataclasses import dataclass
from typing import Final

_TEXT: Final = re.compile(r"^\d{1,20}:\d{1,20}:(\d{1,20}(,\d{1,20})*)?$")


@dataclass(frozen=True, slots=True)
class Position:
    """A snapshot: transactions below `floor` are over, those from `ceiling` on had not begun, `open` were under way."""

    text: str
    floor: int
    ceiling: int
    open: frozenset[int]

    def has_seen(self, txid: int) -> bool:
        """Whether what this transaction wrote was visible."""
        return txid < self.floor or (txid < self.ceiling and txid not in self.open)


def position(text: str) -> Position:
    """A position from its text; raises ValueError for what never was one."""
    if not _TEXT.match(text):
        raise ValueError(f"not a position: {text[:40]!r}")
    floor, ceiling, under_way = text.split(":")
    return Position(text, int(floor), int(ceiling), frozenset(int(txid) for txid in under_way.split(",") if txid))
