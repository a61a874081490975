"""Where a board stands among the changes: PostgreSQL's own snapshot, as text.

A snapshot knows which transactions it could not see yet; asking for exactly those misses nothing and repeats nothing,
whatever order they commit in. Pure: it asks no database.
"""

import re
from dataclasses import dataclass
from typing import Final

_TEXT: Final = re.compile(r"[0-9]{1,19}:[0-9]{1,19}:([0-9]{1,19}(,[0-9]{1,19})*)?")
_MOST: Final = 2**63 - 1


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
    """A position from its text; raises ValueError for what never was one: PostgreSQL would not take it back."""
    if not _TEXT.fullmatch(text):
        raise ValueError(f"not a position: {text[:40]!r}")
    first, last, listed = text.split(":")
    floor, ceiling, under_way = int(first), int(last), [int(txid) for txid in listed.split(",") if txid]
    if not 0 < floor <= ceiling <= _MOST or under_way != sorted(under_way):
        raise ValueError(f"no snapshot is like this: {text[:40]!r}")
    if under_way and not floor <= under_way[0] <= under_way[-1] < ceiling:
        raise ValueError(f"a snapshot without its own transactions: {text[:40]!r}")
    return Position(text, floor, ceiling, frozenset(under_way))
