"""Both readers keep the same promises on a real broker: nothing lost, order per key, commit after the handler."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from chassis.readers import ReaderKind, Sink, both_readers, committed_and_end, produce, running
from relais_chassis.kafka import Kafka, Record
from relais_chassis.reading import Subscription

Topics = Callable[..., Awaitable[list[str]]]
TOTAL = 3000


@pytest.fixture
def kafka(stack: Any) -> Kafka:
    return Kafka(stack.kafka)


@pytest.fixture
async def three(topics: Topics, topic_prefix: str) -> list[str]:
    return await topics(topic_prefix, "cases", "actions", "directory")


@both_readers
async def test_everything_is_read_once_and_in_order(Kind: ReaderKind, kafka: Kafka, three: list[str]) -> None:
    sink = Sink()
    await produce(kafka, three, range(TOTAL))
    async with running(Kind(Subscription(three, three[0], kafka), sink)):
        await sink.until(lambda: sink.count >= TOTAL)
    assert sink.count == TOTAL
    assert sink.distinct == set(range(TOTAL))
    assert sink.in_order()


@both_readers
async def test_a_graceful_stop_commits_all_that_was_handled(Kind: ReaderKind, kafka: Kafka, three: list[str]) -> None:
    sink = Sink()
    await produce(kafka, three, range(TOTAL))
    async with running(Kind(Subscription(three, three[0], kafka), sink)):
        await sink.until(lambda: sink.count >= TOTAL)
    committed, ends = await committed_and_end(kafka, three[0], three)
    assert committed == ends


@both_readers
async def test_a_batch_mixes_partitions_and_keeps_to_its_limit(
    Kind: ReaderKind, kafka: Kafka, three: list[str]
) -> None:
    sink = Sink()
    await produce(kafka, three, range(TOTAL))
    async with running(Kind(Subscription(three, three[0], kafka, max_batch=100), sink)):
        await sink.until(lambda: sink.count >= TOTAL)
    assert max(len(batch) for batch in sink.batches) == 100
    assert any(len({(record.topic, record.partition) for record in batch}) > 1 for batch in sink.batches)


@both_readers
async def test_a_stop_finishes_the_batch_in_hand(Kind: ReaderKind, kafka: Kafka, three: list[str]) -> None:
    sink, begun, go_on = Sink(), asyncio.Event(), asyncio.Event()

    async def hold(_: Sequence[Record]) -> None:
        begun.set()
        await go_on.wait()

    sink.before = hold
    await produce(kafka, three, range(200))
    reader = Kind(Subscription(three, three[0], kafka), sink)
    async with running(reader) as task:
        await begun.wait()
        reader.stop()
        done, _ = await asyncio.wait([task], timeout=1)
        assert not done, "it must wait for the batch in hand"
        go_on.set()
        await asyncio.wait_for(task, 20)
    first = sink.count
    assert first > 0

    sink.before = None
    async with running(Kind(Subscription(three, three[0], kafka), sink)):
        await sink.until(lambda: len(sink.distinct) >= 200)
    assert sink.count == 200, "what was committed at the stop must not come again"


@both_readers
async def test_a_failing_handler_ends_the_reader_and_the_records_come_again(
    Kind: ReaderKind, kafka: Kafka, three: list[str]
) -> None:
    sink = Sink()

    def fail_in_the_middle(_: Sequence[Record]) -> None:
        if len(sink.batches) == 3:
            raise ValueError("broken")

    sink.before = fail_in_the_middle
    await produce(kafka, three, range(TOTAL))
    with pytest.raises(ValueError, match="broken"):
        await asyncio.wait_for(Kind(Subscription(three, three[0], kafka, max_batch=100), sink).run(), 40)
    assert len(sink.batches) == 3, "nothing may be handled after the failure"

    sink.before = None
    async with running(Kind(Subscription(three, three[0], kafka, max_batch=100), sink)):
        await sink.until(lambda: len(sink.distinct) >= TOTAL)
    assert sink.distinct == set(range(TOTAL))
    assert sink.in_order()


@both_readers
async def test_a_cancelled_reader_loses_nothing(Kind: ReaderKind, kafka: Kafka, three: list[str]) -> None:
    sink, begun = Sink(), asyncio.Event()

    async def never(_: Sequence[Record]) -> None:
        if len(sink.batches) == 2:
            begun.set()
            await asyncio.Event().wait()

    sink.before = never
    await produce(kafka, three, range(TOTAL))
    task = asyncio.create_task(Kind(Subscription(three, three[0], kafka, max_batch=100, stop_within=2), sink).run())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 30)

    sink.before = None
    async with running(Kind(Subscription(three, three[0], kafka), sink)):
        await sink.until(lambda: len(sink.distinct) >= TOTAL)
    assert sink.distinct == set(range(TOTAL))
    assert sink.in_order()


@both_readers
async def test_readers_that_join_and_leave_under_load_lose_and_repeat_nothing(
    Kind: ReaderKind, kafka: Kafka, three: list[str]
) -> None:
    one, two, enough = Sink(), Sink(), asyncio.Event()
    writing = asyncio.create_task(_write_until(enough, kafka, three))
    async with running(Kind(Subscription(three, three[0], kafka, max_batch=200), one)):
        await one.until(lambda: one.count > 500)
        async with running(Kind(Subscription(three, three[0], kafka, max_batch=200), two)):
            await two.until(lambda: two.count > 500)
        alone_again = one.count
        await one.until(lambda: one.count > alone_again + 500)
        enough.set()
        total = await writing
        await one.until(lambda: len(one.distinct | two.distinct) >= total)
    assert one.distinct | two.distinct == set(range(total))
    assert one.in_order()
    assert two.in_order()
    assert one.count + two.count == total, "a graceful change of members repeats nothing"
    committed, ends = await committed_and_end(kafka, three[0], three)
    assert committed == ends


async def _write_until(enough: asyncio.Event, kafka: Kafka, topics: list[str]) -> int:
    written = 0
    while not enough.is_set():
        await produce(kafka, topics, range(written, written + 500))
        written += 500
        await asyncio.sleep(0.05)
    return written


@both_readers
async def test_a_reader_waits_for_topics_that_do_not_exist_yet(
    Kind: ReaderKind, kafka: Kafka, topics: Topics, topic_prefix: str
) -> None:
    sink = Sink()
    async with running(Kind(Subscription([topic_prefix + "late"], topic_prefix, kafka), sink)) as task:
        done, _ = await asyncio.wait([task], timeout=0.5)
        assert not done
        created = await topics(topic_prefix, "late")
        await produce(kafka, created, range(10))
        await sink.until(lambda: sink.count >= 10)


@both_readers
async def test_a_batch_that_outlasts_a_rebalance_is_read_again_and_nothing_is_passed_over(
    Kind: ReaderKind, kafka: Kafka, three: list[str]
) -> None:
    one, two, begun, go_on = Sink(), Sink(), asyncio.Event(), asyncio.Event()

    async def hold(_: Sequence[Record]) -> None:
        begun.set()
        await go_on.wait()

    one.before = hold
    await produce(kafka, three, range(TOTAL))
    async with running(Kind(Subscription(three, three[0], kafka, max_batch=100, stop_within=1.5), one)):
        await begun.wait()
        async with running(Kind(Subscription(three, three[0], kafka, max_batch=100), two)):
            await two.until(lambda: two.count > 0)
            go_on.set()
            await one.until(lambda: len(one.distinct | two.distinct) >= TOTAL)
    assert one.distinct | two.distinct == set(range(TOTAL))
    assert one.in_order()
    assert two.in_order()
    committed, ends = await committed_and_end(kafka, three[0], three)
    assert committed == ends


@both_readers
async def test_a_reader_that_still_waits_for_kafka_stops_at_once(Kind: ReaderKind, topic_prefix: str) -> None:
    nowhere = Kafka("127.0.0.1:1")
    reader = Kind(Subscription([topic_prefix + "cases"], topic_prefix, nowhere), Sink())
    task = asyncio.create_task(reader.run())
    done, _ = await asyncio.wait([task], timeout=0.3)
    assert not done
    reader.stop()
    await asyncio.wait_for(task, 10)
