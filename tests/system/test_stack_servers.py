"""The embedded broker and database do what the tests take for granted."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from relais_cli.stack.broker import Broker
from relais_cli.stack.database import Database
from relais_cli.topics import create
from servers import Servers


async def test_a_fresh_database_is_empty_and_ours(postgres: str) -> None:
    connection = await asyncpg.connect(postgres)
    assert await connection.fetchval("select count(*) from pg_tables where schemaname = 'public'") == 0
    await connection.execute("create table seen (id int)")
    assert await connection.fetchval("show server_version_num") >= "180000"
    await connection.close()


async def test_every_topic_of_the_registry_can_be_created_twice(
    stack: Servers, topic_prefix: str, topics: Callable[..., Awaitable[list[str]]]
) -> None:
    assert f"{topic_prefix}relais.cases" in await topics(topic_prefix)
    assert await topics(topic_prefix) == []


async def test_a_record_written_is_read_again(
    stack: Servers, topic_prefix: str, topics: Callable[..., Awaitable[list[str]]]
) -> None:
    [topic] = await topics(topic_prefix, "hello")
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka, enable_idempotence=True)
    await producer.start()
    await producer.send_and_wait(topic, b"bonjour", key=b"k")
    await producer.stop()
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=stack.kafka, auto_offset_reset="earliest")
    await consumer.start()
    assert (await consumer.getone()).value == b"bonjour"
    await consumer.stop()


async def test_a_killed_broker_comes_back_with_what_it_acknowledged(tmp_path: Path) -> None:
    broker = Broker(tmp_path / "kafka", tmp_path / "kafka.log")
    await broker.start()
    await create(broker.address)
    producer = AIOKafkaProducer(bootstrap_servers=broker.address, enable_idempotence=True)
    await producer.start()
    await producer.send_and_wait("relais.cases", b"kept", key=b"case/1")
    await producer.stop()
    await broker.child.kill()
    await broker.start()
    consumer = AIOKafkaConsumer("relais.cases", bootstrap_servers=broker.address, auto_offset_reset="earliest")
    await consumer.start()
    assert (await consumer.getone()).value == b"kept"
    await consumer.stop()
    await broker.stop()


async def test_a_killed_database_comes_back_with_what_it_committed(tmp_path: Path) -> None:
    database = Database(tmp_path / "postgres", tmp_path / "postgres.log")
    await database.start()
    connection = await asyncpg.connect(database.dsn)
    await connection.execute("create table kept as select 1 as id")
    await database.child.kill()
    await database.start()
    connection = await asyncpg.connect(database.dsn)
    assert await connection.fetchval("select id from kept") == 1
    await connection.close()
    await database.stop()
    database.forget()
