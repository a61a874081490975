"""The other sides of `bench routing`: aiokafka alone, as one would write it by hand. Nothing is decided or stored.

`pass_through` consumes and produces with the idempotent producer, `transactional` does it in Kafka transactions. Both
read as the chassis's reader does, and commit nothing that is not acknowledged.
"""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from relais_chassis.kafka import Record
from relais_cli.bench.spec import Spec
from relais_cli.bench.stopwatch import Stopwatch, Taken
from relais_contracts.topics import HANDOFFS

BATCH = 500
Fetched = dict[TopicPartition, Sequence[Record]]


async def pass_through(spec: Spec) -> Taken:
    """Each record goes on as it is; a batch is acknowledged before the next is read."""
    watch, out = _watch(spec), spec.out + HANDOFFS.name
    producer = AIOKafkaProducer(enable_idempotence=True, max_batch_size=256 * 1024, **spec.kafka.client("bench"))
    consumer = _consumer(spec, BATCH)
    async with producer, consumer:
        while not watch.read.is_set():
            fetched: Fetched = await consumer.getmany(timeout_ms=1000, max_records=BATCH)
            if not fetched:
                continue
            watch.start()
            records = [record for part in fetched.values() for record in part]
            sent = [await _send(producer, out, each) for each in records]
            await asyncio.gather(*sent)
            await consumer.commit(_offsets(fetched))
            watch.done(records)
    return watch.taken()


async def transactional(spec: Spec, batch: int) -> Taken:
    """Consume, produce and commit the offsets in one Kafka transaction for so many messages; stops at the limit."""
    watch, out, count = _watch(spec), spec.out + HANDOFFS.name, 0
    producer = AIOKafkaProducer(transactional_id=spec.out, max_batch_size=256 * 1024, **spec.kafka.client("bench"))
    consumer = _consumer(spec, batch)
    async with producer, consumer:
        while not watch.read.is_set() and count < spec.limit:
            fetched: Fetched = await consumer.getmany(timeout_ms=1000, max_records=batch)
            if not fetched:
                continue
            watch.start()
            records = [record for part in fetched.values() for record in part]
            async with producer.transaction():
                sent = [await _send(producer, out, each) for each in records]
                await producer.send_offsets_to_transaction(_offsets(fetched), spec.out)
                await asyncio.gather(*sent)
            count += len(records)
            watch.stop()
            watch.done(records)
    return watch.taken(count)


async def _send(producer: AIOKafkaProducer, out: str, record: Record) -> "asyncio.Future[object]":
    headers = list(record.headers)
    sent: asyncio.Future[object] = await producer.send(
        out, record.value, key=record.key, headers=headers, partition=record.partition
    )
    return sent


def _watch(spec: Spec) -> Stopwatch:
    return Stopwatch({(topic, partition): end for topic, partition, end in spec.ends})


def _consumer(spec: Spec, batch: int) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        *spec.topics,
        group_id=spec.out,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_poll_records=batch,
        **spec.kafka.client("bench"),
    )


def _offsets(fetched: Fetched) -> dict[TopicPartition, int]:
    return {place: part[-1].offset + 1 for place, part in fetched.items()}
