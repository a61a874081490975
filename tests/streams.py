"""Topics of one test: what the other services would publish goes in, what a service publishes comes out.

On the real broker, under the test's own prefix. It decodes with the contracts' codec and checks nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from relais_chassis.kafka import Record
from relais_contracts.codec import from_kafka
from relais_contracts.envelope import CloudEvent


class Streams:
    """A producer, and everything seen so far on the topics read."""

    def __init__(self, producer: AIOKafkaProducer, consumer: AIOKafkaConsumer) -> None:
        self._producer, self._consumer = producer, consumer
        self.seen: list[CloudEvent] = []
        self.records: list[Record] = []

    async def publish(self, records: Iterable[Record]) -> None:
        """Send records in order and wait for the acknowledgements."""
        sent = [
            await self._producer.send(each.topic, key=each.key, value=each.value, headers=list(each.headers))
            for each in records
        ]
        await asyncio.gather(*sent)

    async def until(self, enough: Callable[[list[CloudEvent]], bool], patience: float = 90) -> list[CloudEvent]:
        """Everything seen, once it is enough."""
        async with asyncio.timeout(patience):
            while not enough(self.seen):
                for part in (await self._consumer.getmany(timeout_ms=200)).values():
                    self.records += part
                    self.seen += [from_kafka(each.headers, each.value) for each in part if _is_event(each)]
        return self.seen


def _is_event(record: Record) -> bool:
    return any(name == "ce_id" for name, _ in record.headers)


@asynccontextmanager
async def streams_on(kafka: str, topics: Iterable[str]) -> AsyncIterator[Streams]:
    """Producer and consumer, connected."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True)
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await producer.start()
    await consumer.start()
    try:
        yield Streams(producer, consumer)
    finally:
        await consumer.stop()
        await producer.stop()
