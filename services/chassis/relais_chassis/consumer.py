"""A reader of topics on plain aiokafka: fetch a batch, hand it over, commit, in that order.

Stands between Kafka and a handler. It never commits what the handler has not finished, and never skips a record."""

import asyncio
from collections.abc import Iterable

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError

from relais_chassis.kafka import Record
from relais_chassis.reading import Handler, Reading, Subscription

log = structlog.get_logger(__name__)


class Reader:
    """Reads topics in a consumer group; made and used as `FaustReader` is."""

    def __init__(self, of: Subscription, handler: Handler) -> None:
        self._of = of
        self._reading = Reading("aiokafka", of, handler)
        self._stopping = asyncio.Event()
        self.check = self._reading.check
        self.horizon = self._reading.horizon

    def stop(self) -> None:
        """Finish the batch in hand, commit it and leave the group; `run` returns then."""
        self._stopping.set()

    async def run(self) -> None:
        """Read until `stop`; raises what the handler raised, or Stalled, with nothing committed since."""
        if not await self._reading.until_up(self._stopping):
            return
        consumer = self._new_consumer()
        try:
            await consumer.start()
            listener = _Rebalance(self._reading, self._of.stop_within * 0.75)
            consumer.subscribe(self._of.topics, listener=listener)
            await self._until_stopped(consumer, listener)
        finally:
            await self._leave(consumer)

    async def _leave(self, consumer: AIOKafkaConsumer) -> None:
        try:
            await asyncio.wait_for(consumer.stop(), self._of.stop_within)
        except TimeoutError:
            log.warning("the consumer did not stop in time", group=self._of.group, seconds=self._of.stop_within)

    async def _until_stopped(self, consumer: AIOKafkaConsumer, listener: "_Rebalance") -> None:
        loop = asyncio.create_task(self._loop(consumer, listener))
        others = [
            asyncio.create_task(self._reading.progress.follow()),
            asyncio.create_task(self._reading.watch()),
        ]
        try:
            done, _ = await asyncio.wait([loop, *others], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (loop, *others):
                task.cancel()
            await asyncio.gather(loop, *others, return_exceptions=True)

    async def _loop(self, consumer: AIOKafkaConsumer, listener: "_Rebalance") -> None:
        while not self._stopping.is_set():
            round_ = listener.round
            fetched = await self._fetch(consumer)
            if not fetched:
                continue
            async with listener.batch_in_hand:
                if listener.round != round_:  # fetched around a rebalance: read these again, if they are still ours
                    _go_back(consumer, fetched)
                    continue
                records = [record for part in fetched.values() for record in part]
                await self._reading.handle(records)
                await self._commit(consumer, {where: part[-1].offset + 1 for where, part in fetched.items()})

    async def _fetch(self, consumer: AIOKafkaConsumer) -> dict[TopicPartition, list[Record]]:
        fetching = asyncio.create_task(consumer.getmany(timeout_ms=1000, max_records=self._of.max_batch))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait([fetching, stopping], return_when=asyncio.FIRST_COMPLETED)
            return fetching.result() if fetching.done() and not self._stopping.is_set() else {}
        finally:
            fetching.cancel()
            stopping.cancel()

    async def _commit(self, consumer: AIOKafkaConsumer, offsets: dict[TopicPartition, int]) -> None:
        try:
            await consumer.commit(offsets)
        except (CommitFailedError, IllegalStateError) as failure:
            # The partitions went to somebody else meanwhile, who reads these records again.
            log.warning("batch handled but not committed", group=self._of.group, reason=type(failure).__name__)

    def _new_consumer(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            group_id=self._of.group,
            group_instance_id=self._of.instance,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=6000,
            heartbeat_interval_ms=1500,
            rebalance_timeout_ms=int(self._of.stop_within * 1500),
            max_poll_records=self._of.max_batch,
            **self._of.kafka.client(self._of.instance or self._of.group),
        )


def _go_back(consumer: AIOKafkaConsumer, fetched: dict[TopicPartition, list[Record]]) -> None:
    for partition in consumer.assignment() & set(fetched):
        consumer.seek(partition, fetched[partition][0].offset)


class _Rebalance(ConsumerRebalanceListener):  # type: ignore[misc]
    """Lets the batch in hand finish before partitions go, so that the next reader does not repeat it."""

    def __init__(self, reading: Reading, patience: float) -> None:
        self._reading, self._patience = reading, patience
        self.batch_in_hand = asyncio.Lock()  # never held while fetching: a fetch waits for the rebalance itself
        self.round = 0

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        try:
            async with asyncio.timeout(self._patience), self.batch_in_hand:
                self.round += 1
        except TimeoutError:
            self.round += 1
            log.warning("partitions taken back with a batch in hand; its records will be read again")
        self._reading.revoked()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._reading.assigned(assigned)
