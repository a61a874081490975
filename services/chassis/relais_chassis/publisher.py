"""An idempotent producer that is handed whole chunks: record batches are built here, one acknowledgement per batch.

The relay owns one at a time and throws it away after any error. Order per stream is the order given.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, NamedTuple
from zlib import crc32

from aiokafka import AIOKafkaProducer

from relais_chassis.kafka import Kafka

BATCH_BYTES: Final = 512 * 1024


class Message(NamedTuple):
    """A record to be published; `timestamp` in milliseconds."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    timestamp: int


def partition_of(key: bytes | None, partitions: int) -> int:
    """CRC-32 (as librdkafka's `consistent`) of what stands after the key's first slash.

    So the streams of one case share a partition number on every topic.
    """
    if key is None:
        return 0
    parts = key.split(b"/", 2)
    return crc32(parts[1] if len(parts) > 1 else key) % partitions


class Publisher:
    """One producer's life."""

    def __init__(self, kafka: Kafka, name: str) -> None:
        self._producer = AIOKafkaProducer(
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=20_000,
            **kafka.client(name),
        )
        self._partitions: dict[str, int] = {}

    async def __aenter__(self) -> "Publisher":
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        with suppress(TimeoutError):  # what it still held stays in the log and is sent by the next one
            async with asyncio.timeout(5):
                await self._producer.stop()

    async def send(self, messages: Sequence[Message]) -> "asyncio.Future[list[object]]":
        """Hand messages over in order; the future ends when all are acknowledged, or fails with the first error."""
        batches: dict[tuple[str, int], list[object]] = {}
        for message in messages:
            count = self._partitions.get(message.topic) or await self._count(message.topic)
            self._append(batches.setdefault((message.topic, partition_of(message.key, count)), []), message)
        acknowledged = [
            await self._producer.send_batch(batch, topic, partition=partition)
            for (topic, partition), queue in batches.items()
            for batch in queue
        ]
        return asyncio.gather(*acknowledged)

    def _append(self, queue: list, message: Message) -> None:  # type: ignore[type-arg]
        content = {
            "timestamp": message.timestamp,
            "key": message.key,
            "value": message.value,
            "headers": message.headers,
        }
        if not queue or queue[-1].append(**content) is None:
            queue.append(self._producer.create_batch())
            queue[-1].append(**content)

    async def _count(self, topic: str) -> int:
        self._partitions[topic] = len(await self._producer.partitions_for(topic))
        return self._partitions[topic]
