"""Topics before and after: puts the backlog on its topics, and reads back what a variant has published.

Partitions, record batches and acknowledgements are the relay's own. It keeps no time.
"""

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from relais_chassis.kafka import Kafka
from relais_chassis.publisher import Message, Publisher
from relais_cli.bench.wrong import Wrong
from relais_contracts.topics import HANDOFFS

Ends = list[tuple[str, int, int]]


async def send(kafka: Kafka, prefix: str, messages: Sequence[Message]) -> None:
    """Publish messages on topics with this prefix, and wait until all are acknowledged."""
    async with Publisher(kafka, "bench") as publisher:
        for start in range(0, len(messages), 2000):
            chunk = [each._replace(topic=prefix + each.topic) for each in messages[start : start + 2000]]
            await (await publisher.send(chunk))


async def ends_of(kafka: Kafka, topics: Sequence[str]) -> Ends:
    """How many records each partition holds."""
    async with AIOKafkaConsumer(*topics, **kafka.client("bench")) as consumer:
        places = [TopicPartition(topic, n) for topic in topics for n in consumer.partitions_for_topic(topic) or ()]
        ends = await consumer.end_offsets(places)
    return [(place.topic, place.partition, ends[place]) for place in places]


async def check(kafka: Kafka, out: str, expected: frozenset[str], count: int) -> None:
    """Raise Wrong unless so many of the expected events are on the topic written to, each once."""
    found: list[str] = []
    reading = {"isolation_level": "read_committed", "auto_offset_reset": "earliest", **kafka.client("bench")}
    async with AIOKafkaConsumer(out + HANDOFFS.name, **reading) as consumer:
        while fetched := await consumer.getmany(timeout_ms=700):
            found += [dict(record.headers)["ce_id"].decode() for part in fetched.values() for record in part]
    if len(found) != count:
        raise Wrong(f"{len(found)} messages were published, {count} were expected")
    if len(set(found)) != count or not expected.issuperset(found):
        raise Wrong("the messages published are not those expected, each once")
