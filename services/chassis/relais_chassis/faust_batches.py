"""Faust's aiokafka transport with a batch of records as its unit, at Faust's own extension point (`app.transport`).

Stands between Faust's fetcher and the one agent of `faust_stream.py`. It decides nothing, and never commits an offset
below which a record is not acknowledged. Each override says what stock does instead (faust-streaming 0.15.3).
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from time import monotonic
from typing import Any, cast

from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage, Message
from faust.types.tuples import ack_lock
from mode.utils.futures import notify

from relais_chassis.kafka import Record


class Part:
    """The records of one partition inside a batch: what the ledger remembers until they are committed."""

    __slots__ = ("acked", "first", "last", "records", "tp")

    def __init__(self, tp: TP, records: Sequence[Record]) -> None:
        self.tp, self.records = tp, records
        self.first, self.last = records[0].offset, records[-1].offset
        self.acked = False


class Batch(ConsumerMessage):
    """What Faust takes for one message: the records of several partitions, acknowledged together."""

    parts: Sequence[Part]

    @classmethod
    def of(cls, parts: Sequence[Part], generation: int) -> "Batch":
        tp, latest = parts[0].tp, parts[-1].records[-1]
        batch = cls(
            topic=tp.topic,
            partition=tp.partition,
            offset=parts[0].last,
            timestamp=latest.timestamp / 1000,
            timestamp_type=0,
            headers=None,
            key=None,
            value=b"",
            checksum=None,
            serialized_key_size=0,
            serialized_value_size=0,
            tp=tp,
            generation_id=generation,
        )
        batch.parts = parts
        return batch

    @property
    def records(self) -> list[Record]:
        """All records, in order within each partition."""
        return [record for part in self.parts for record in part.records]


class Ledger:
    """The batches in hand, per partition in offset order: what may be committed is what is acknowledged without a gap.

    Stock Faust keeps lists of offsets, and commits past one that is still open."""

    def __init__(self) -> None:
        self._parts: defaultdict[TP, deque[Part]] = defaultdict(deque)

    def enter(self, parts: Iterable[Part]) -> None:
        for part in parts:
            line = self._parts[part.tp]
            while line and line[-1].last >= part.first:  # a seek has gone back: these come again
                line.pop()
            line.append(part)

    def committable(self, tp: TP) -> int | None:
        """The offset after the last record acknowledged without a gap; only looked at, for a commit may fail."""
        offset = None
        for part in self._parts[tp]:
            if not part.acked:
                break
            offset = part.last + 1
        return offset

    def committed(self, tp: TP, offset: int) -> None:
        line = self._parts[tp]
        while line and line[0].acked and line[0].last < offset:
            line.popleft()

    def clear(self) -> None:
        self._parts.clear()

    def __iter__(self) -> Iterator[TP]:
        return iter(list(self._parts))


class BatchConsumer(driver.Consumer):
    """Faust's consumer, handing over what one fetch gave as one message."""

    logger = logging.getLogger("faust.consumer")
    patience = 20.0  # seconds that a revocation or a stop waits for the batch in hand

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ledger = Ledger()

    def on_buffer_full(self, tp: TP) -> None:
        """Nothing: stock stops fetching the partition, then sleeps a second; here the full queue holds the drain."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Nothing, as above."""

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Nothing: stock warns of idle streams by the partition of each message; the chassis has its own watchdog."""

    async def _drain_messages(self, fetcher: Any) -> None:
        """Fetch and hand over until stopped; stock makes two tasks per record."""
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):
                generation = self.app.consumer_generation_id
                records, _ = await self._wait_next_records(1.0)
                await asyncio.sleep(0)  # a fetch answered from memory never yields
                if records and not self.should_stop and not await self._hand_over(records, generation):
                    await self._go_back()
        except self.consumer_stopped_errors:
            if not self.app.should_stop:
                raise
        except asyncio.CancelledError:
            if not self.app.should_stop:
                raise

    async def _hand_over(self, records: Mapping[TP, Sequence[Record]], generation: int) -> bool:
        """Pass the batch on; False when the flow was stopped before it was taken."""
        if not self.flow_active or generation != self.app.consumer_generation_id:
            return False
        parts = [Part(TP(tp.topic, tp.partition), part) for tp, part in records.items()]
        self._ledger.enter(parts)
        result = await self.wait_first(self.callback(Batch.of(parts, generation)), self.suspend_flow.wait())
        # Clearing the queues cancels a blocked put while the callback seems to have returned: look at the flag too.
        if result.stopped or self.suspend_flow.is_set():
            return False
        for part in parts:
            self._read_offset[part.tp] = part.last
        return True

    async def _go_back(self) -> None:
        if self.should_stop:
            return
        try:
            await self.perform_seek()
        except Exception as failure:  # noqa: BLE001  a rebalance is under way, and it seeks again
            self.log.warning("seek to committed offsets: %r", failure)

    async def perform_seek(self) -> None:
        """Go to the committed offsets; stock leaves partitions without one where they are."""
        await super().perform_seek()
        fresh = [
            self._new_topicpartition(tp.topic, tp.partition)
            for tp in self.assignment()
            if not self._committed_offset[tp]
        ]
        if fresh:
            await self._thread.seek_to_beginning(*fresh)

    def ack(self, message: Message) -> bool:
        """Acknowledge a batch as a whole; stock keeps one list entry per offset."""
        with ack_lock:
            if message.acked:
                return False
            message.acked = True
            for part in cast(Batch, message).parts:
                part.acked, part.records = True, ()
            self._unacked_messages.discard(message)
            self._n_acked += 1
            notify(self._waiting_for_ack)
            return True

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return (tp for tp in self._ledger if topics is None or tp in topics or tp.topic in topics)

    def _new_offset(self, tp: TP) -> int | None:
        return self._ledger.committable(tp)

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """Commit, and forget only what the broker has taken; stock forgets before it asks."""
        done: bool = await super()._commit(offsets)
        if done:
            for tp, offset in offsets.items():
                self._ledger.committed(tp, offset)
        return done

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Stock waits here for the batch in hand and commits; what is left comes again, to whoever reads it then."""
        await super().on_partitions_revoked(revoked)
        self._ledger.clear()

    async def wait_empty(self) -> None:
        """Wait for the batch in hand, `patience` seconds at most; stock waits for ever and swallows cancellation."""
        end = monotonic() + self.patience
        while self._unacked_messages and not self.should_stop and monotonic() < end:
            await self._wait_for_ack(1.0)
            self._clean_unacked_messages()
        if self._unacked_messages:
            self.log.warning("the batch in hand is not finished; its records will be read again")
        await self.commit()
        await self.commit_and_end_transactions()  # twice: commit() does nothing itself while another one runs


class BatchTransport(driver.Transport):
    """Faust's Kafka transport with the consumer above."""

    Consumer = BatchConsumer
