"""What a decider may say besides events: no, with a reason, or that a chosen place is gone.

Deciders raise these, `transact` turns them into answers. It holds no I/O and no rule of its own.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"


class Refused(Exception):
    """No, with a reason: an answer, never a fault. `help` holds what lets the asker do better."""

    def __init__(self, code: str, detail: str, *, status: int = 409, **help: JSON) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.status, self.help = code, detail, status, help


class Shortage(Exception):
    """Something chosen from a stale view is gone: the batch is rolled back and decided again."""
