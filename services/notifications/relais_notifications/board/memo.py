"""Keeps answers that are dear to compute for a short while, one computation at a time for each question.

Used for the board's figures. It never serves an answer older than it was told.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Memo(Generic[T]):
    """Answers by question, each good for some seconds; the oldest are dropped beyond `most`."""

    def __init__(self, seconds: float, most: int = 1000) -> None:
        self._seconds, self._most = seconds, most
        self._kept: dict[Hashable, tuple[float, asyncio.Task[T]]] = {}

    async def get(self, question: Hashable, answer: Callable[[], Awaitable[T]]) -> T:
        """The answer kept, or a fresh one; a failure is told and not kept."""
        now = asyncio.get_running_loop().time()
        kept = self._kept.get(question)
        if kept is None or now - kept[0] >= self._seconds or _failed(kept[1]):
            self._kept.pop(question, None)
            while len(self._kept) >= self._most:
                self._kept.pop(next(iter(self._kept)))
            kept = self._kept[question] = (now, asyncio.ensure_future(_run(answer)))
        return await asyncio.shield(kept[1])


async def _run(answer: Callable[[], Awaitable[T]]) -> T:
    return await answer()


def _failed(task: "asyncio.Task[T]") -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
