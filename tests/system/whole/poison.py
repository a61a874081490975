"""A stranger who writes straight on the topics, and looks at what each reader made of it.

Streams are made up, so that no real case is touched; `READERS` is the registry's own list of who reads what.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.structs import ConsumerRecord

from relais_contracts.codec import to_kafka
from relais_contracts.envelope import CloudEvent
from relais_contracts.identifiers import key_of
from relais_contracts.topics import ACTIONS, CASES, DIRECTORY, HANDOFFS, dead_letter_topic
from system.place import Place
from system.whole.world import World

TOPICS: Final = (CASES, ACTIONS, DIRECTORY, HANDOFFS)
READERS: Final = {topic.name: topic.readers for topic in TOPICS}
PAIRS: Final = [(topic, reader) for topic, readers in READERS.items() for reader in readers]
STREAM: Final = {CASES.name: "case", ACTIONS.name: "actions", DIRECTORY.name: "partner", HANDOFFS.name: "chain"}
_GONE_ON: Final = "select sequence from {}.mark where stream = $1 and not parked"
_PARKED: Final = "select sequence from {}.parked where stream = $1 order by sequence"


def an_event(stream: str, sequence: int, type: str, data: Any, id: str | None = None) -> CloudEvent:
    """The n-th event of a stream, as its writer would write it, unless its id says something else."""
    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    return CloudEvent(id or f"{stream}/{sequence}", "/relais/stranger", type, content, key_of(stream), None, sequence)


@dataclass
class Stranger:
    """Writes what it likes, and looks."""

    world: World

    async def write(self, topic: str, *records: CloudEvent | tuple[bytes | None, bytes | None]) -> None:
        """Events as they are; else key and value without any header. One after the other on one partition."""
        async with AIOKafkaProducer(bootstrap_servers=self.world.stack.kafka) as producer:
            for record in records:
                headers: Sequence[tuple[str, bytes]] = ()
                if isinstance(record, CloudEvent):
                    headers, value = to_kafka(record)
                    key: bytes | None = (record.id.rpartition("/")[0] or record.id).encode()
                    await producer.send_and_wait(self.world.stack.prefix + topic, value, key, headers=headers)
                else:
                    key, nothing = record
                    await producer.send_and_wait(self.world.stack.prefix + topic, nothing, key, headers=headers)

    async def console(self, *words: str) -> Any:
        """The console's answer; JSON for what is listed."""
        place = Place(self.world.stack.postgres, self.world.stack.database_name)
        done = await asyncio.to_thread(place.run, *words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if "--json" in words else None

    async def has_letters(self, reader: str, key: bytes, number: int) -> None:
        """Wait until so many letters of records with this in their key are kept."""
        query = f"select count(*) from {reader}.dead_letter where position($1::bytea in key) > 0"

        async def are_there() -> bool:
            return int((await self.world.rows(query, key))[0][0]) == number

        await self.world.until(are_there, f"{number} letters of {reader}")

    async def settle(self, how: Callable[[Any, int], Awaitable[object]], reader: str, letter: int) -> None:
        """What the console does with a letter, without starting it."""
        conn = await Place(self.world.stack.postgres, self.world.stack.database_name).connect(reader)
        try:
            async with conn.transaction():
                await how(conn, letter)
        finally:
            await conn.close()

    async def kept(self, reader: str, stream: str) -> list[Any]:
        """The letters about a stream, straight from the table."""
        query = f"select id, topic, reason, state, sequence from {reader}.dead_letter where stream = $1 order by id"
        return await self.world.rows(query, stream)

    async def parked(self, reader: str, stream: str) -> list[int]:
        """What waits of a stream."""
        return [row["sequence"] for row in await self.world.rows(_PARKED.format(reader), stream)]

    async def gone_on(self, reader: str, stream: str, sequence: int) -> None:
        """Wait until a reader has applied a stream up to here and nothing of it waits."""

        async def is_there() -> bool:
            rows = await self.world.rows(_GONE_ON.format(reader), stream)
            return bool(rows) and rows[0]["sequence"] == sequence and not await self.parked(reader, stream)

        await self.world.until(is_there, f"{reader} has applied {stream} up to {sequence}")

    async def is_parked(self, reader: str, stream: str, *sequences: int) -> Any:
        """Wait until exactly these wait; the letter about the first."""

        async def is_there() -> bool:
            return await self.parked(reader, stream) == list(sequences)

        await self.world.until(is_there, f"{reader} has parked {stream} at {sequences}")
        (letter,) = await self.kept(reader, stream)
        assert letter["sequence"] == sequences[0]
        return letter

    async def published(self, topic: str, reader: str) -> "list[ConsumerRecord[bytes, bytes]]":
        """Everything on a topic of dead letters."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.world.stack.kafka)
        await consumer.start()
        found: list[Any] = []
        try:
            name = dead_letter_topic(self.world.stack.prefix + topic, reader)
            partitions = [TopicPartition(name, number) for number in await consumer_partitions(consumer, name)]
            consumer.assign(partitions)
            await consumer.seek_to_beginning(*partitions)
            for partition, end in (await consumer.end_offsets(partitions)).items():
                while await consumer.position(partition) < end:
                    found += (await consumer.getmany(partition, timeout_ms=500)).get(partition, ())
        finally:
            await consumer.stop()
        return found


async def consumer_partitions(consumer: AIOKafkaConsumer, topic: str) -> list[int]:
    """The partitions of a topic; it is there from the start."""
    consumer.subscribe([topic])
    try:
        return sorted((await consumer._client.fetch_all_metadata()).partitions_for_topic(topic) or ())
    finally:
        consumer.unsubscribe()
