"""How many places are taken, by place key; and the same as a column, for blocks of offers.

Place keys have numbers, which the table of offers keeps. The worker's own count lasts and follows the database; each
batch lays what it takes itself over it. It reserves nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import numpy as np

from relais_routing.matching.reach import Numbers

_NUMBERS: Final[dict[str, int]] = {"": 0}
_KEYS: Final[list[str]] = [""]

SPARE: Final = 64
"""Numbers that a column has room for beyond a quarter of those there are."""


def number_of(key: str) -> int:
    """The number of a place key, a new one if need be; nought is no place. It leaves no trace in a choice."""
    number = _NUMBERS.get(key)
    if number is None:
        number = _NUMBERS[key] = len(_KEYS)
        _KEYS.append(key)
    return number


def key_of(number: int) -> str:
    """The place key of a number."""
    return _KEYS[number]


class Taken(Mapping[str, int]):
    """What is proposed or accepted of each place since its number was declared.

    It may lie over what `below` knows, which does not change meanwhile.
    """

    def __init__(self, known: Iterable[tuple[str, int]] = (), below: "Taken | None" = None) -> None:
        self._known: dict[str, int] = {}
        self._below = below
        self._column: Numbers = np.zeros(0, np.int32)
        self.update(known)

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> "Taken":
        """Some counts as they are needed here."""
        return counts if isinstance(counts, cls) else cls(counts.items())

    def __getitem__(self, key: str) -> int:
        if key in self._known or self._below is None:
            return self._known[key]
        return self._below[key]

    def __iter__(self) -> Iterator[str]:
        yield from self._known
        if self._below is not None:
            yield from (key for key in self._below if key not in self._known)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, key: object) -> bool:
        return key in self._known or (self._below is not None and key in self._below)

    def __setitem__(self, key: str, count: int) -> None:
        self._known[key] = count
        number = number_of(key)
        if number < len(self._column):
            self._column[number] = count

    def update(self, counts: Iterable[tuple[str, int]]) -> None:
        """Takes several counts in."""
        for key, count in counts:
            self[key] = count

    @property
    def column(self) -> Numbers:
        """The counts by the number of their key, nought where nothing is known; as long as there are numbers."""
        if len(self._column) < len(_KEYS):
            self._column = np.zeros(len(_KEYS) * 5 // 4 + SPARE, np.int32)
            if self._below is not None:
                below = self._below.column
                self._column[: len(below)] = below[: len(self._column)]
            for key, count in self._known.items():
                self._column[number_of(key)] = count
        return self._column
