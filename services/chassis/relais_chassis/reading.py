"""What both readers do around a handler: the canonical line, the metrics, the horizon, the watchdog.

Stands between a reader and its handler. It never fetches, commits or retries."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import Counter, Histogram

from relais_chassis import clock
from relais_chassis.kafka import Kafka, Record, wait_until_up
from relais_chassis.logs import canonical
from relais_chassis.progress import Progress

Handler = Callable[[Sequence[Record]], Awaitable[None]]
LATE = timedelta(seconds=60)  # a horizon further behind than this is not ready
RECORDS = Counter("relais_records_total", "Records handled", ["group"])
BATCH_SECONDS = Histogram(
    "relais_batch_seconds", "Time to handle one batch", ["group"], buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
)


@dataclass(frozen=True, slots=True)
class Subscription:
    """Topics that a consumer group shares out among its members, and how this member reads them."""

    topics: Sequence[str]
    group: str
    kafka: Kafka
    max_batch: int = 500
    """Records handed over at a time, at most."""
    instance: str | None = None
    """A name that outlives the process: the group waits for it to come back before it deals out its partitions."""
    stalled_after: float = 60.0
    """Seconds without a batch, though something waits, until the reader gives up."""
    stop_within: float = 20.0
    """Seconds that a stop may take."""


class Stalled(Exception):
    """There is something to read and nothing was read for too long: only a new process helps."""


class Reading:
    """One reader's work: the batches it hands over, the partitions it holds, when it last moved."""

    def __init__(self, reader: str, of: Subscription, handler: Handler) -> None:
        self._reader, self._of, self._group, self._handler = reader, of, of.group, handler
        self.progress = Progress(of.topics, of.group, of.kafka)
        self.partitions: frozenset[tuple[str, int]] | None = None  # None: not a member of the group yet
        self._in_hand = 0
        self._moved = time.monotonic()

    async def until_up(self, stopping: asyncio.Event) -> bool:
        """Wait for the broker and its topics; False when a stop was asked for before they were there."""
        waiting = [
            asyncio.create_task(wait_until_up(self._of.kafka, self._of.topics)),
            asyncio.create_task(stopping.wait()),
        ]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return not stopping.is_set()

    async def handle(self, records: Sequence[Record]) -> None:
        """Hand a batch over and say in one line what became of it."""
        topics = sorted({record.topic for record in records})
        self._in_hand += 1
        try:
            with canonical("batch", reader=self._reader, group=self._group, topics=topics) as line:
                line["records"], line["lag"] = len(records), self.progress.lag()
                with BATCH_SECONDS.labels(self._group).time():
                    await self._handler(records)
        finally:
            self._in_hand -= 1
            self._moved = time.monotonic()
        RECORDS.labels(self._group).inc(len(records))
        self.progress.handled(records)

    def assigned(self, partitions: Iterable[tuple[str, int]]) -> None:
        """The group has given this reader these partitions."""
        self.partitions = frozenset((topic, partition) for topic, partition in partitions)
        self._moved = time.monotonic()

    def revoked(self) -> None:
        """The group has taken everything back and will give anew."""
        self.partitions = None
        self._moved = time.monotonic()

    def horizon(self) -> datetime:
        """The time up to which everything written is read."""
        return self.progress.horizon()

    async def watch(self) -> None:
        """Raise Stalled when the broker has something for this reader and no batch came for `stalled_after` seconds.

        A handler that waits out a database is no stall, and neither is a broker that does not answer."""
        stalled_after = self._of.stalled_after
        while True:
            await asyncio.sleep(min(1.0, stalled_after / 4))
            waiting = 1 if self.partitions is None else self.progress.lag(self.partitions)
            if self._in_hand or self.progress.failure or not waiting:
                self._moved = time.monotonic()
            elif time.monotonic() - self._moved > stalled_after:
                raise Stalled(f"{self._reader} read nothing for {stalled_after} s, {waiting} or more are waiting")

    async def check(self) -> str | None:
        """What is wrong with reading, or None."""
        if self.progress.failure:
            return self.progress.failure
        if self.partitions is None:
            return f"not a member of the group {self._group} yet"
        if (behind := clock.now() - self.horizon()) > LATE and (lag := self.progress.lag()):
            return f"{lag} records behind, the oldest since {behind.total_seconds():.0f} s"
        return None
