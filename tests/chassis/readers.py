"""What the tests of both readers share: records to read, a handler that remembers them, a reader that runs."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from relais_chassis.consumer import Reader
from relais_chassis.faust_stream import FaustReader
from relais_chassis.kafka import Kafka, Record

ReaderKind = type[Reader] | type[FaustReader]
both_readers = pytest.mark.parametrize("Kind", [Reader, FaustReader], ids=["aiokafka", "faust"])


class Sink:
    """A handler that keeps what it was given, by key; `before` is called with each batch first."""

    def __init__(self) -> None:
        self.by_key: defaultdict[bytes, list[int]] = defaultdict(list)
        self.batches: list[Sequence[Record]] = []
        self.before: Callable[[Sequence[Record]], object] | None = None
        self._grown = asyncio.Condition()

    async def __call__(self, records: Sequence[Record]) -> None:
        if self.before is not None:
            waiting = self.before(records)
            if asyncio.iscoroutine(waiting):
                await waiting
        for record in records:
            assert record.key is not None
            assert record.value is not None
            self.by_key[record.key].append(int(record.value))
        self.batches.append(records)
        async with self._grown:
            self._grown.notify_all()

    @property
    def count(self) -> int:
        return sum(len(numbers) for numbers in self.by_key.values())

    @property
    def distinct(self) -> set[int]:
        return {number for numbers in self.by_key.values() for number in numbers}

    async def until(self, reached: Callable[[], bool]) -> None:
        async with self._grown:
            await self._grown.wait_for(reached)

    def in_order(self) -> bool:
        """Numbers of a key rise, but for whole stretches that were read again."""
        return all(_rises_once_repeats_are_dropped(numbers) for numbers in self.by_key.values())


def _rises_once_repeats_are_dropped(numbers: list[int]) -> bool:
    mark = -1  # as the high-water mark does: at or below it, a repeat
    fresh = []
    for number in numbers:
        if number > mark:
            fresh.append(number)
            mark = number
    return fresh == sorted(set(numbers))


async def produce(kafka: Kafka, topics: Sequence[str], numbers: range, *, keys: int = 50) -> None:
    """Write numbers as records, each key always to the same topic and partition."""
    producer = AIOKafkaProducer(enable_idempotence=True, linger_ms=5, **kafka.client("tests"))
    await producer.start()
    try:
        sent = []
        for number in numbers:
            key = number % keys
            topic = topics[key % len(topics)]
            sent.append(await producer.send(topic, str(number).encode(), key=f"case/{key}".encode()))
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def committed_and_end(kafka: Kafka, group: str, topics: Sequence[str]) -> tuple[dict[str, int], dict[str, int]]:
    """What the group has committed, and where the topics end, for the partitions that hold anything."""
    consumer = AIOKafkaConsumer(group_id=group, enable_auto_commit=False, **kafka.client("tests"))
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for topic in topics for number in range(8)]
        ends = await consumer.end_offsets(partitions)
        held = [each for each in partitions if ends[each]]
        committed = {str(each): await consumer.committed(each) or 0 for each in held}
        return committed, {str(each): ends[each] for each in held}
    finally:
        await consumer.stop()


@asynccontextmanager
async def running(reader: Reader | FaustReader) -> AsyncIterator[asyncio.Task[None]]:
    """The reader at work; stopped with grace at the end, and what went wrong in it is raised."""
    task = asyncio.create_task(reader.run())
    try:
        yield task
        reader.stop()
        await asyncio.wait_for(task, 30)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
