"""The figures that an invented directory follows: what was measured in real files, and what is assumed.

`proportions.json` holds both, each assumption with its reason; `measure` writes the measured part. It draws nothing
by itself.
"""

import json
from bisect import bisect
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Final, Generic, TypeVar

FILE: Final = Path(__file__).with_name("proportions.json")
T = TypeVar("T")


class Weighted(Generic[T]):
    """Values with weights, to draw from again and again."""

    def __init__(self, weights: Mapping[T, float] | Iterable[tuple[T, float]]) -> None:
        pairs = list(weights.items() if isinstance(weights, Mapping) else weights)
        self.values: list[T] = [value for value, _ in pairs]
        self._sums: list[float] = list(accumulate(weight for _, weight in pairs))

    def draw(self, random: Random) -> T:
        """A value, as often as its weight says."""
        return self.values[bisect(self._sums, random.random() * self._sums[-1])]

    def some(self, random: Random, count: int) -> list[T]:
        """Different values, in order of drawing; at most as many as there are."""
        found: dict[T, None] = {}
        while len(found) < min(count, len(self.values)):
            found[self.draw(random)] = None
        return list(found)


@cache
def measured() -> Mapping[str, Any]:
    """What was counted in real files."""
    figures: Mapping[str, Any] = _file()["measured"]
    return figures


@cache
def assumed(name: str) -> Mapping[str, Any]:
    """One assumption, with its reason (`why`)."""
    figures: Mapping[str, Any] = _file()["assumed"][name]
    return figures


@cache
def _file() -> Any:
    return json.loads(FILE.read_text("utf-8"))
