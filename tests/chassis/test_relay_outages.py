"""The broker is killed, the relay's process dies under load: all is published, each stream in order, same ids."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from chassis.test_relay import read, running, versions
from chassis.toy import World, say
from relais_chassis.kafka import Kafka
from relais_chassis.outbox import LogOutbox
from relais_chassis.relay import Relay
from relais_cli.stack.broker import Broker

TOPIC, STREAMS, ROUNDS = "relais.handoffs", 30, 60
UNPUBLISHED = "select count(*) from log, relay_cursor c where (log.txid, log.position) > (c.txid, c.position)"


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    """A broker of one's own, to be killed."""
    broker = Broker(tmp_path / "kafka", tmp_path / "kafka.log")
    await broker.start()
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, 8, 1)])
    await admin.close()
    yield broker
    await broker.stop()


def _without_repeats(numbers: list[int]) -> list[int]:
    """What a reader's mark lets through."""
    mark, fresh = 0, []
    for number in numbers:
        assert number <= mark + 1, "a version came before the one it follows"
        if number > mark:
            fresh.append(number)
            mark = number
    return fresh


async def _write(world: World, half: asyncio.Event) -> None:
    for round_ in range(ROUNDS):
        await world.transactor.transact([say(f"chain/{i}", "a") for i in range(STREAMS)])
        await asyncio.sleep(0.01)
        if round_ == ROUNDS // 2:
            half.set()


async def _all_published(world: World) -> None:
    async with asyncio.timeout(60):
        while await world.value(UNPUBLISHED):
            await asyncio.sleep(0.05)


async def test_a_killed_broker_is_waited_out(world: World, broker: Broker) -> None:
    kafka, half = Kafka(broker.address), asyncio.Event()
    relay = Relay(world.database, LogOutbox(world.log), kafka, acknowledged_within=5)
    world.transactor.on_commit.append(relay.wake)
    async with running(relay):
        writing = asyncio.create_task(_write(world, half))
        await half.wait()
        await broker.child.stop(signal.SIGKILL, within=10)
        await writing  # nobody who writes waits for the broker
        await broker.start()
        await _all_published(world)
        assert await relay.check() is None
        found = versions(await read(kafka, TOPIC, STREAMS * ROUNDS))
    assert {stream: _without_repeats(numbers) for stream, numbers in found.items()} == {
        f"chain/{i}".encode(): list(range(1, ROUNDS + 1)) for i in range(STREAMS)
    }


async def test_a_broker_that_is_away_shows_in_the_relays_health(world: World, broker: Broker) -> None:
    relay = Relay(world.database, LogOutbox(world.log), Kafka(broker.address), acknowledged_within=1)
    async with running(relay):
        await world.transactor.transact([say("chain/1", "a")])
        await _all_published(world)
        await broker.child.stop(signal.SIGKILL, within=10)
        await world.transactor.transact([say("chain/1", "b")])
        async with asyncio.timeout(30):
            while await relay.check() is None:
                await asyncio.sleep(0.05)
        await broker.start()
        await _all_published(world)
        assert await relay.check() is None


async def test_a_relay_that_dies_in_mid_flight_leaves_no_gap(world: World, broker: Broker) -> None:
    """Cancelled wherever it stands, again and again, as a killed process would be; the next one goes on."""
    kafka, half = Kafka(broker.address), asyncio.Event()
    writing = asyncio.create_task(_write(world, half))
    while not writing.done():
        dying = asyncio.create_task(Relay(world.database, LogOutbox(world.log), kafka, chunk=37).run())
        await asyncio.sleep(0.12)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
    async with running(Relay(world.database, LogOutbox(world.log), kafka)):
        await _all_published(world)
    found = versions(await read(kafka, TOPIC, STREAMS * ROUNDS))
    assert {stream: _without_repeats(numbers) for stream, numbers in found.items()} == {
        f"chain/{i}".encode(): list(range(1, ROUNDS + 1)) for i in range(STREAMS)
    }
