"""The horizon never passes what is unread, the watchdog tells a hang from an outage, `check` says what is wrong."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from chassis.readers import ReaderKind, Sink, both_readers, produce, running
from relais_chassis import clock
from relais_chassis.kafka import Kafka, Record
from relais_chassis.progress import EPOCH, Position, Progress
from relais_chassis.reading import Reading, Stalled, Subscription
from relais_cli.stack.broker import Broker

Topics = Callable[..., Awaitable[list[str]]]
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def kafka(stack: Any) -> Kafka:
    return Kafka(stack.kafka)


@pytest.fixture
async def two(topics: Topics, topic_prefix: str) -> list[str]:
    return await topics(topic_prefix, "cases", "actions")


async def until(reached: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not reached():
            await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def following(progress: Progress) -> AsyncIterator[None]:
    task = asyncio.create_task(progress.follow())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_a_partition_is_read_up_to_the_last_look_whose_end_is_passed() -> None:
    position = Position()
    at = [START + timedelta(seconds=second) for second in range(4)]
    position.look(at[0], committed=0, end=10)
    assert (position.horizon, position.lag) == (EPOCH, 10)
    position.look(at[1], committed=5, end=20)
    assert (position.horizon, position.lag) == (EPOCH, 15)
    position.look(at[2], committed=12, end=30)
    assert (position.horizon, position.lag) == (at[0], 18)
    position.look(at[3], committed=30, end=30)
    assert (position.horizon, position.lag) == (at[3], 0)


def test_while_there_is_lag_the_last_record_read_moves_the_horizon_and_never_back() -> None:
    position = Position()
    position.look(START, committed=0, end=10)
    position.read = START - timedelta(hours=3)
    assert position.horizon == START - timedelta(hours=3)
    position.look(START, committed=10, end=10)
    position.read = START - timedelta(days=2)
    assert position.horizon == START


async def test_without_lag_the_horizon_is_the_clock(kafka: Kafka, two: list[str]) -> None:
    progress = Progress(two, two[0], kafka, every=0.05)
    assert progress.horizon() == EPOCH
    begun = clock.now()
    async with following(progress):
        await until(lambda: progress.horizon() > begun)
        assert progress.lag() == 0
        later = clock.now()
        await until(lambda: progress.horizon() > later)


@both_readers
async def test_what_is_unread_holds_the_horizon_back(Kind: ReaderKind, kafka: Kafka, two: list[str]) -> None:
    sink, begun, go_on = Sink(), asyncio.Event(), asyncio.Event()

    async def hold(_: Sequence[Record]) -> None:
        begun.set()
        await go_on.wait()

    sink.before = hold
    before = clock.now()
    await produce(kafka, two, range(300))
    written = clock.now()
    reader = Kind(Subscription(two, two[0], kafka), sink)
    assert reader.horizon() == EPOCH
    async with running(reader):
        await begun.wait()
        await asyncio.sleep(1.5)
        assert reader.horizon() < before, "nothing is read yet"
        go_on.set()
        await until(lambda: reader.horizon() > written)
        assert sink.count == 300
        assert await reader.check() is None


async def test_what_another_worker_has_not_read_holds_the_horizon_back_too(kafka: Kafka, two: list[str]) -> None:
    await produce(kafka, two, range(10), keys=1)
    progress = Progress(two, two[0], kafka, every=0.05)
    async with following(progress):
        await until(lambda: progress.lag() == 10)
        assert progress.horizon() == EPOCH


async def test_a_reader_that_reads_nothing_while_something_waits_is_stalled(kafka: Kafka, two: list[str]) -> None:
    await produce(kafka, two, range(10))
    reading = Reading("tested", Subscription(two, two[0], kafka, stalled_after=0.4), Sink())
    reading.assigned([(topic, partition) for topic in two for partition in range(8)])
    async with following(reading.progress):
        with pytest.raises(Stalled):
            await asyncio.wait_for(reading.watch(), 20)


async def test_no_lag_no_stall_and_neither_with_a_batch_in_hand(kafka: Kafka, two: list[str]) -> None:
    begun = asyncio.Event()

    async def wait_for_ever(_: Sequence[Record]) -> None:
        begun.set()
        await asyncio.Event().wait()

    idle = Reading("tested", Subscription(two, two[0], kafka, stalled_after=0.2), Sink())
    idle.assigned([(topic, partition) for topic in two for partition in range(8)])
    busy = Reading("tested", Subscription(two, two[0] + "busy", kafka, stalled_after=0.2), wait_for_ever)
    busy.assigned([(topic, partition) for topic in two for partition in range(8)])
    async with following(idle.progress), following(busy.progress):
        await until(lambda: idle.progress.lag() == 0)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(idle.watch(), 1.5)
        await produce(kafka, two, range(10))
        handling = asyncio.create_task(busy.handle([]))
        await begun.wait()
        await until(lambda: busy.progress.lag() == 10)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(busy.watch(), 1.5)
        handling.cancel()


async def test_a_worker_without_partitions_of_its_own_is_not_stalled(kafka: Kafka, two: list[str]) -> None:
    await produce(kafka, two, range(10))
    spare = Reading("tested", Subscription(two, two[0], kafka, stalled_after=0.2), Sink())
    spare.assigned([])
    async with following(spare.progress):
        await until(lambda: spare.progress.lag() == 10)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(spare.watch(), 1.5)


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    """A broker of one's own, to be stopped."""
    broker = Broker(tmp_path / "kafka", tmp_path / "kafka.log")
    await broker.start()
    yield broker
    await broker.stop()


@both_readers
async def test_a_broker_outage_is_told_and_waited_out(Kind: ReaderKind, broker: Broker) -> None:
    kafka, sink = Kafka(broker.address), Sink()
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)
    await admin.start()
    await admin.create_topics([NewTopic("cases", 8, 1)])
    await admin.close()
    await produce(kafka, ["cases"], range(1000))
    reader = Kind(Subscription(["cases"], "routing", kafka, max_batch=100), sink)
    async with running(reader):
        await sink.until(lambda: sink.count >= 1000)
        await broker.child.kill()
        await _until_check(reader.check, "kafka does not answer")
        await broker.start()
        await produce(kafka, ["cases"], range(1000, 2000))
        await sink.until(lambda: len(sink.distinct) >= 2000)
        await _until_check(reader.check, None)
    assert sink.in_order()


async def _until_check(check: Callable[[], Awaitable[str | None]], wanted: str | None) -> None:
    async with asyncio.timeout(40):
        while (said := await check()) != wanted and not (wanted and said and said.startswith(wanted)):
            await asyncio.sleep(0.1)
