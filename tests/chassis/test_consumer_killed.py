"""A reader that dies, by kill -9 or by its own handler, loses nothing: what was not committed is read again."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiokafka import AIOKafkaProducer

from chassis.readers import committed_and_end, produce
from relais_chassis.kafka import Kafka

PROGRAM = Path(__file__).with_name("reading_program.py")
TOTAL = 6000
kinds = pytest.mark.parametrize("kind", ["aiokafka", "faust"])


class Reads:
    """Processes that read into one file."""

    def __init__(self, kind: str, kafka: Kafka, topics: list[str], file: Path) -> None:
        self._words = [sys.executable, str(PROGRAM), kind, kafka.servers, topics[0], str(file)]
        self._topics, self._file = topics, file
        self._started: list[asyncio.subprocess.Process] = []

    async def start(self, instance: str = "") -> asyncio.subprocess.Process:
        words = [*self._words, instance, *self._topics]
        process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.DEVNULL)
        self._started.append(process)
        return process

    def numbers(self) -> list[int]:
        return [int(line) for line in self._file.read_text().split()] if self._file.exists() else []

    async def until(self, reached: Callable[[list[int]], bool]) -> None:
        while not reached(self.numbers()):
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        for each in self._started:
            if each.returncode is None:
                each.kill()
            await each.wait()


@pytest.fixture
def kafka(stack: Any) -> Kafka:
    return Kafka(stack.kafka)


@pytest.fixture
async def two(topics: Callable[..., Awaitable[list[str]]], topic_prefix: str) -> list[str]:
    return await topics(topic_prefix, "cases", "actions")


@pytest.fixture
async def reads(kind: str, kafka: Kafka, two: list[str], tmp_path: Path) -> AsyncIterator[Reads]:
    reads = Reads(kind, kafka, two, tmp_path / "numbers")
    yield reads
    await reads.close()


def in_order(numbers: list[int]) -> bool:
    """Each key's numbers rise once repeats are dropped, as the marks drop them."""
    marks: dict[int, int] = {}
    fresh = 0
    for number in numbers:
        key = number % 50
        if number > marks.get(key, -1):
            if number != marks.get(key, key - 50) + 50:
                return False
            marks[key], fresh = number, fresh + 1
    return fresh == len(set(numbers))


@kinds
async def test_kill_9_in_the_middle_loses_nothing(kind: str, reads: Reads, kafka: Kafka, two: list[str]) -> None:
    await produce(kafka, two, range(TOTAL))
    _, ends = await committed_and_end(kafka, two[0], two)
    for share in (0.2, 0.5):
        process = await reads.start("one")
        await reads.until(lambda numbers, share=share: len(set(numbers)) > TOTAL * share)  # type: ignore[misc]
        process.kill()
        await process.wait()
    process = await reads.start("one")
    await reads.until(lambda numbers: len(set(numbers)) == TOTAL)
    assert in_order(reads.numbers())
    while (await committed_and_end(kafka, two[0], two))[0] != ends:
        await asyncio.sleep(0.2)
    process.terminate()
    assert await process.wait() == 0
    assert (await committed_and_end(kafka, two[0], two))[0] == ends


@kinds
async def test_the_other_worker_takes_over_from_a_killed_one(
    kind: str, reads: Reads, kafka: Kafka, two: list[str]
) -> None:
    first, _second = await reads.start(), await reads.start()
    await produce(kafka, two, range(TOTAL // 2))
    await reads.until(lambda numbers: len(set(numbers)) > TOTAL // 4)
    first.kill()
    await produce(kafka, two, range(TOTAL // 2, TOTAL))
    await reads.until(lambda numbers: len(set(numbers)) == TOTAL)


@kinds
async def test_a_record_that_breaks_the_handler_ends_the_process_with_1_and_is_never_passed_over(
    kind: str, reads: Reads, kafka: Kafka, two: list[str]
) -> None:
    await produce(kafka, two, range(500))
    producer = AIOKafkaProducer(**kafka.client("tests"))
    await producer.start()
    await producer.send_and_wait(two[0], b"poison", key=b"case/1")
    await producer.stop()
    for _ in range(2):
        process = await reads.start("one")
        assert await process.wait() == 1
    committed, ends = await committed_and_end(kafka, two[0], two)
    assert sum(ends.values()) - sum(committed.values()) >= 1


@pytest.mark.parametrize("kind", ["faust"])
async def test_faust_opens_no_door_of_its_own(kind: str, reads: Reads, kafka: Kafka, two: list[str]) -> None:
    await produce(kafka, two, range(100))
    process = await reads.start()
    await reads.until(lambda numbers: len(numbers) == 100)
    listening = [each for each in psutil.Process(process.pid).net_connections() if each.status == psutil.CONN_LISTEN]
    assert listening == []
