"""The relay on a real broker: every event once and in order, whoever leads, whatever is interrupted."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord

from chassis.toy import NOON, World, record, said, say
from relais_chassis import clock
from relais_chassis.commands import Command
from relais_chassis.kafka import Kafka
from relais_chassis.outbox import LETTERS, LOG, START, LetterOutbox, LogOutbox, Outbox
from relais_chassis.publisher import partition_of
from relais_chassis.relay import Relay, refill
from relais_chassis.stored_records import StoredRecord
from relais_contracts.codec import from_kafka, to_kafka
from servers import Servers

Topics = Callable[..., Awaitable[list[str]]]


@pytest.fixture
def kafka(stack: Servers) -> Kafka:
    return Kafka(stack.kafka)


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[Relay]:
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        relay.stop()
        await asyncio.wait_for(task, 20)


async def read(kafka: Kafka, topic: str, count: int) -> list[ConsumerRecord]:
    """The first so many records of a topic, and no more than are there a moment later."""
    async with AIOKafkaConsumer(topic, auto_offset_reset="earliest", **kafka.client("test")) as consumer:
        found: list[ConsumerRecord] = []
        async with asyncio.timeout(30):
            while len(found) < count:
                found += [each for part in (await consumer.getmany(timeout_ms=200)).values() for each in part]
        found += [each for part in (await consumer.getmany(timeout_ms=200)).values() for each in part]
    return found


def ids(records: list[ConsumerRecord]) -> list[str]:
    return sorted(from_kafka(each.headers, each.value).id for each in records)


def versions(records: list[ConsumerRecord]) -> dict[bytes, list[int]]:
    """Per stream, in the order read."""
    found: dict[bytes, list[int]] = {}
    for each in records:
        found.setdefault(each.key, []).append(from_kafka(each.headers, each.value).sequence or 0)
    return found


async def test_what_is_committed_is_published_with_the_codecs_headers(
    world: World, kafka: Kafka, topics: Topics, topic_prefix: str
) -> None:
    [topic] = await topics(topic_prefix, "relais.handoffs")
    full = Command("chain/1", say("", "a").body, None, NOON, "correlation", "cause", "trace")
    await world.transactor.transact([full, say("chain/1", "b")])
    async with running(Relay(world.database, LogOutbox(world.log, topic_prefix), kafka)):
        records = await read(kafka, topic, 2)
    async with world.database.connection() as conn:
        expected = [to_kafka(event) for event in await world.log.read(conn, "chain/1")]
    assert [(list(each.headers), each.value) for each in records] == expected
    assert {each.key for each in records} == {b"chain/1"}


async def test_every_stream_keeps_its_order(world: World, kafka: Kafka, topics: Topics, topic_prefix: str) -> None:
    [topic] = await topics(topic_prefix, "relais.handoffs")
    async with running(Relay(world.database, LogOutbox(world.log, topic_prefix), kafka, chunk=50)):
        for _ in range(20):
            await world.transactor.transact([say(f"chain/{i}", "a") for i in range(40)])
        records = await read(kafka, topic, 800)
    assert versions(records) == {f"chain/{i}".encode(): list(range(1, 21)) for i in range(40)}


async def test_a_wake_is_enough_where_it_would_look_again_in_an_hour_only(
    world: World, kafka: Kafka, topics: Topics, topic_prefix: str
) -> None:
    [topic] = await topics(topic_prefix, "relais.handoffs")
    relay = Relay(world.database, LogOutbox(world.log, topic_prefix), kafka, poll_seconds=3600)
    world.transactor.on_commit.append(relay.wake)
    async with running(relay):
        for sent in range(1, 20):
            await world.transactor.transact([say("chain/1", "a")])
            while relay.published < sent:  # somebody else's transaction may hold the log back
                await asyncio.sleep(0.05)
                relay.wake()
        assert len(await read(kafka, topic, 19)) == 19


async def test_what_is_kept_in_the_log_only_is_passed_over(
    world: World, kafka: Kafka, topics: Topics, topic_prefix: str
) -> None:
    [topic] = await topics(topic_prefix, "relais.handoffs")
    await world.transactor.transact([say("secret/1", "a"), say("chain/1", "b"), say("secret/1", "c")])
    async with running(Relay(world.database, LogOutbox(world.log, topic_prefix), kafka)):
        assert ids(await read(kafka, topic, 1)) == ["chain/1/1"]


async def test_of_two_workers_one_publishes_and_the_other_takes_over(
    world: World, kafka: Kafka, topics: Topics, topic_prefix: str
) -> None:
    [topic] = await topics(topic_prefix, "relais.handoffs")
    first, second = (Relay(world.database, LogOutbox(world.log, topic_prefix), kafka) for _ in range(2))
    async with running(second):
        async with running(first):
            await world.transactor.transact([say(f"chain/{i}", "a") for i in range(100)])
            assert len(await read(kafka, topic, 100)) == 100
        assert 0 in (first.published, second.published)
        await world.transactor.transact([say(f"chain/{i}", "b") for i in range(100)])
        assert versions(await read(kafka, topic, 200)) == {f"chain/{i}".encode(): [1, 2] for i in range(100)}


async def test_a_leader_whose_session_ends_is_followed_by_a_new_one(
    world: World, kafka: Kafka, topics: Topics, topic_prefix: str
) -> None:
    [topic] = await topics(topic_prefix, "relais.handoffs")
    async with running(Relay(world.database, LogOutbox(world.log, topic_prefix), kafka)):
        await world.transactor.transact([say("chain/1", "a")])
        await read(kafka, topic, 1)
        ended = await world.value(
            "select count(pg_terminate_backend(l.pid)) from pg_locks l join pg_database d on d.oid = l.database"
            " where l.locktype = 'advisory' and d.datname = current_database()"
        )
        assert ended == 1
        await world.transactor.transact([say("chain/1", "b")])
        assert versions(await read(kafka, topic, 2)) == {b"chain/1": [1, 2]}


async def test_killed_between_acknowledgement_and_cursor_it_repeats_and_marks_drop_the_repeats(
    world: World, kafka: Kafka, topics: Topics, topic_prefix: str
) -> None:
    """The one place where the broker sees a record twice: the same ids again, in order."""
    [topic] = await topics(topic_prefix, "relais.handoffs")
    await world.transactor.transact([say(f"chain/{i}", "a") for i in range(10)])
    async with running(Relay(world.database, LogOutbox(world.log, topic_prefix), kafka)):
        await read(kafka, topic, 10)
    async with world.database.connection() as conn:
        await conn.execute("update relay_cursor set txid = '0', position = 0")
    async with running(Relay(world.database, LogOutbox(world.log, topic_prefix), kafka)):
        records = await read(kafka, topic, 20)
    assert ids(records) == sorted(f"chain/{i}/1" for i in range(10) for _ in range(2))
    await world.handler(records)
    assert await world.value("select count(*) from log") == 20  # ten of them, and one answer to each of the ten read


async def test_a_refill_publishes_the_log_again_and_then_what_is_new(
    world: World, kafka: Kafka, topics: Topics, topic_prefix: str
) -> None:
    [topic] = await topics(topic_prefix, "relais.handoffs")
    await world.transactor.transact([say("chain/1", word) for word in ("a", "b", "c")])
    async with running(Relay(world.database, LogOutbox(world.log, topic_prefix), kafka)):
        await read(kafka, topic, 3)
        async with world.database.transaction() as conn:
            await refill(conn, from_position=2)
        await read(kafka, topic, 5)
        await world.transactor.transact([say("chain/1", "d")])
        await read(kafka, topic, 6)
        async with world.database.transaction() as conn:
            await refill(conn)
        assert versions(await read(kafka, topic, 10)) == {b"chain/1": [1, 2, 3, 2, 3, 4, 1, 2, 3, 4]}


async def test_a_log_that_is_held_back_shows_in_health(
    world: World, kafka: Kafka, topics: Topics, topic_prefix: str
) -> None:
    [topic] = await topics(topic_prefix, "relais.handoffs")
    relay = Relay(world.database, LogOutbox(world.log, topic_prefix), kafka)
    async with running(relay):
        await world.transactor.transact([say("chain/1", "a")])
        await read(kafka, topic, 1)
        async with world.database.transaction() as forgotten:
            await forgotten.execute("select pg_current_xact_id()")
            await world.transactor.transact([say("chain/1", "b")])
            assert await relay.check() == "log is held back: not published since 2026-03-02T12:00:00Z"
        await read(kafka, topic, 2)
        while await relay.check() is not None:
            await asyncio.sleep(0.01)


async def test_dead_letters_go_out_as_they_came_in_with_their_reason(
    world: World, kafka: Kafka, topics: Topics, topic_prefix: str
) -> None:
    source, dead = f"{topic_prefix}relais.cases", f"{topic_prefix}relais.cases.dlq.toy"
    await topics(topic_prefix, "relais.cases.dlq.toy", partitions=1)
    noise = StoredRecord(source, 3, 17, 5, b"\xff", bytes(range(256)), (("ce_id", b"\xfe"),))
    await world.handler([noise, record("case/1", 2, topic=source)])
    async with running(Relay(world.database, LetterOutbox("toy"), kafka)):
        unreadable, parked = await read(kafka, dead, 2)
    assert (unreadable.key, unreadable.value) == (noise.key, noise.value)
    assert unreadable.headers[: len(noise.headers)] == noise.headers
    told = {name: value.decode() for name, value in unreadable.headers[len(noise.headers) :]}
    assert (told["dlq-topic"], told["dlq-partition"], told["dlq-offset"]) == (source, "3", "17")
    assert told["dlq-consumer"] == "toy"
    told = {name: value.decode() for name, value in parked.headers if name.startswith("dlq-")}
    assert (told["dlq-stream"], told["dlq-sequence"]) == ("case/1", "2")
    assert told["dlq-reason"] == "a hole: 1 was expected, 2 came"


async def test_a_big_event_goes_out_whole(world: World, kafka: Kafka, topics: Topics, topic_prefix: str) -> None:
    [topic] = await topics(topic_prefix, "relais.handoffs")
    async with world.database.connection() as conn:
        await conn.execute(
            "insert into log (stream, version, topic, type, subject, time, data)"
            " values ('chain/1', 1, 'relais.handoffs', 'org.relais.case.closed.v1', '1', now(), $1)",
            said("x" * 100).model_dump_json().encode().ljust(900_000),
        )
    async with running(Relay(world.database, LogOutbox(world.log, topic_prefix), kafka)):
        [big] = await read(kafka, topic, 1)
    assert len(big.value) == 900_000


async def test_a_record_says_when_its_event_happened_unless_retention_would_take_it(world: World) -> None:
    await world.transactor.transact([say("chain/1", "a")])
    outbox: Outbox = LogOutbox(world.log)
    for now, expected in ((NOON, NOON), (NOON + timedelta(days=60), NOON + timedelta(days=60))):
        async with world.database.connection() as conn:
            [message] = (await outbox.read(conn, START, 1, now)).messages
        assert message.timestamp == int(expected.timestamp() * 1000)


async def test_following_the_log_costs_what_it_gives_however_long_the_log(world: World) -> None:
    async with world.database.transaction() as conn:
        for way in ("seqscan", "bitmapscan", "sort"):
            await conn.execute(f"set local enable_{way} = off")
        for query, index in ((LOG, "log_order"), (LETTERS, "dead_letter_order")):
            plan = await conn.fetch(f"explain {query}", "1", 1, 100)
            text = "\n".join(row[0] for row in plan)
            assert "Sort" not in text
            assert index in text


def test_all_streams_of_a_case_share_a_partition() -> None:
    case = str(clock.new_id())
    assert len({partition_of(f"{kind}/{case}".encode(), 8) for kind in ("case", "chain", "actions")}) == 1
    assert partition_of(b"offer/1", 8) == partition_of(b"places/1/2026-09-01", 8)
    assert {partition_of(f"case/{clock.new_id()}".encode(), 8) for _ in range(500)} == set(range(8))
