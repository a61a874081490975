"""Who waits for news in this process, and is woken when a commit has some for them.

The stream notes who was told, the commit wakes, long polls wait. A lost wake costs a poll's pause, never an event.
"""

import asyncio
from collections.abc import Iterable
from typing import Final, TypeAlias

Key: TypeAlias = tuple[str, str]
"""Role and organisation; all coordinators share one key."""

COORDINATORS: Final[Key] = ("coordinator", "")


class Wakes:
    """Waiting readers by whom they read for."""

    def __init__(self) -> None:
        self._waiting: dict[Key, set[asyncio.Event]] = {}
        self._told: set[Key] = set()

    def note(self, told: Iterable[Key]) -> None:
        """There will be news for these, once the transaction in hand commits."""
        self._told.update(told)

    def commit(self) -> None:
        """Wake those noted; called after every commit."""
        told, self._told = self._told, set()
        for key in told:
            for event in self._waiting.get(key, ()):
                event.set()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    async def wait(self, key: Key, seconds: float) -> bool:
        """Wait for news; whether it came before the time was over."""
        event = asyncio.Event()
        self._waiting.setdefault(key, set()).add(event)
        try:
            async with asyncio.timeout(seconds):
                return await event.wait()
        except TimeoutError:
            return False
        finally:
            waiting = self._waiting[key]
            waiting.discard(event)
            if not waiting:
                del self._waiting[key]
