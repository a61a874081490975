"""The clock of one measurement: from the first batch handed over until the last message is done.

Also counts the process's own CPU. Connecting, joining and assignment stay outside; it starts and stops nothing itself.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from relais_chassis.kafka import Record
from relais_chassis.reading import Handler


@dataclass(frozen=True, slots=True)
class Taken:
    """What one measurement gave."""

    messages: int
    seconds: float
    cpu_seconds: float

    def as_json(self) -> dict[str, Any]:
        """For the parent process."""
        return {"messages": self.messages, "seconds": self.seconds, "cpu_seconds": self.cpu_seconds}


def sum_of(taken: Sequence[Taken]) -> Taken:
    """Several runs as one."""
    return Taken(
        sum(each.messages for each in taken),
        sum(each.seconds for each in taken),
        sum(each.cpu_seconds for each in taken),
    )


class Stopwatch:
    """`ends` says how many records each (topic, partition) holds, from offset 0."""

    def __init__(self, ends: dict[tuple[str, int], int]) -> None:
        self._left = {place: end for place, end in ends.items() if end}
        self._messages = sum(ends.values())
        self._started: tuple[float, float] | None = None
        self._stopped: tuple[float, float] | None = None
        self.read = asyncio.Event()
        """Every record is handled."""

    def around(self, handler: Handler) -> Handler:
        """The handler, watched."""

        async def watched(records: Sequence[Record]) -> None:
            self.start()
            await handler(records)
            self.done(records)

        return watched

    def start(self) -> None:
        """Begin, the first time."""
        if self._started is None:
            self._started = (time.perf_counter(), time.process_time())

    def done(self, records: Sequence[Record]) -> None:
        """These are handled."""
        last = {(record.topic, record.partition): record.offset for record in records}
        for place, offset in last.items():
            if place in self._left and offset + 1 >= self._left[place]:
                del self._left[place]
        if not self._left and not self.read.is_set():
            self.stop()
            self.read.set()

    def stop(self) -> None:
        """The end, so far: it may be moved to a later one."""
        self._stopped = (time.perf_counter(), time.process_time())

    def taken(self, messages: int | None = None) -> Taken:
        """What it took, for all messages or for those that were done."""
        assert self._started is not None
        assert self._stopped is not None
        (wall, cpu), (wall_end, cpu_end) = self._started, self._stopped
        return Taken(self._messages if messages is None else messages, wall_end - wall, cpu_end - cpu)
