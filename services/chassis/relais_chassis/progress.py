"""How far a group has read its topics, seen from the broker: lag and horizon of every partition.

Both readers stand on it. Its own connections keep telling the truth when a reader hangs. It never reads a record."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from prometheus_client import Gauge

from relais_chassis import clock
from relais_chassis.kafka import Kafka, Record

EPOCH = datetime.fromtimestamp(0, UTC)
PATIENCE = 10.0  # seconds for the broker to answer one look
LOOKS_PER_MAP = 30  # how often to ask for partitions that were added
LAG = Gauge("relais_lag_records", "Records written and not yet read by the group", ["group"])
BEHIND = Gauge("relais_horizon_seconds", "How far the group's horizon is behind the clock", ["group"])


class Position:
    """One partition: what was written each time somebody looked, and up to when all of it is read."""

    __slots__ = ("_looks", "caught_up", "lag", "read")

    def __init__(self) -> None:
        self._looks: deque[tuple[datetime, int]] = deque(maxlen=600)
        self.caught_up = self.read = EPOCH
        self.lag = 0

    def look(self, at: datetime, committed: int, end: int) -> None:
        """Take in what the broker says: what was written before a look is read once its end is passed."""
        self._looks.append((at, end))
        while self._looks and self._looks[0][1] <= committed:
            self.caught_up, _ = self._looks.popleft()
        self.lag = max(0, end - committed)

    @property
    def horizon(self) -> datetime:
        return max(self.caught_up, self.read)


class Progress:
    """Lag and horizon of a group over all partitions of its topics, whoever reads them."""

    def __init__(self, topics: Sequence[str], group: str, kafka: Kafka, *, every: float = 1.0) -> None:
        self._topics, self._group, self._kafka, self._every = list(topics), group, kafka, every
        self._positions: dict[TopicPartition, Position] = {}
        self.failure: str | None = "how far this group has read is not known yet"

    def horizon(self) -> datetime:
        """The time up to which everything written is read; EPOCH as long as that is not known.

        Without lag it is the clock at the last look, a second ago; with lag, the oldest unread record's time."""
        return min((position.horizon for position in self._positions.values()), default=EPOCH)

    def lag(self, partitions: Iterable[tuple[str, int]] | None = None) -> int | None:
        """Records not read yet, in these partitions or in all; None while the broker does not answer."""
        if self.failure:
            return None
        wanted = self._positions if partitions is None else [TopicPartition(*each) for each in partitions]
        return sum(self._positions[each].lag for each in wanted if each in self._positions)

    def handled(self, records: Sequence[Record]) -> None:
        """The last record of each partition is read: while there is lag, its time is the horizon."""
        last = {(record.topic, record.partition): record.timestamp for record in records}
        for where, milliseconds in last.items():
            position = self._positions.get(TopicPartition(*where))
            if position is not None and milliseconds > 0:
                position.read = min(datetime.fromtimestamp(milliseconds / 1000, UTC), clock.now())

    async def follow(self) -> None:
        """Look at the broker for ever; an outage is told in `failure` and waited out."""
        while True:
            try:
                await self._follow()
            except (KafkaError, OSError, TimeoutError) as failure:
                self.failure = f"kafka does not answer ({type(failure).__name__})"
                await asyncio.sleep(self._every)

    async def _follow(self) -> None:
        name = f"{self._group}-progress"
        async with AsyncExitStack() as stack:
            consumer = AIOKafkaConsumer(**self._kafka.client(name))
            stack.push_async_callback(consumer.stop)
            admin = AIOKafkaAdminClient(**self._kafka.client(name))
            stack.push_async_callback(admin.close)
            async with asyncio.timeout(PATIENCE):
                await consumer.start()
                await admin.start()
            looks = 0
            while True:
                async with asyncio.timeout(PATIENCE):
                    if looks % LOOKS_PER_MAP == 0:
                        await self._map(admin)
                    await self._look(admin, consumer)
                looks += 1
                self.failure = None
                await asyncio.sleep(self._every)

    async def _map(self, admin: AIOKafkaAdminClient) -> None:
        for topic in await admin.describe_topics(self._topics):
            for each in topic["partitions"]:
                self._positions.setdefault(TopicPartition(topic["topic"], each["partition"]), Position())

    async def _look(self, admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer) -> None:
        at, partitions = clock.now(), list(self._positions)
        ends = await consumer.end_offsets(partitions)
        said = await admin.list_consumer_group_offsets(self._group, partitions=partitions)
        committed = {each: said[each].offset if each in said else -1 for each in partitions}
        if fresh := [each for each in partitions if committed[each] < 0]:
            committed |= await consumer.beginning_offsets(fresh)
        for each, position in self._positions.items():
            position.look(at, committed[each], ends[each])
        LAG.labels(self._group).set(sum(position.lag for position in self._positions.values()))
        BEHIND.labels(self._group).set((clock.now() - self.horizon()).total_seconds())
