"""The sender: claims what is owed, signs and posts it, asks the decider what follows, records that.

Any number of workers share the queue; within one each endpoint has its own room, so a slow one holds nobody up.
Killed at any instant it loses nothing: what was not recorded is sent again under the same webhook-id.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag
from prometheus_client import Counter as Metric
from prometheus_client import Histogram

from relais_chassis import clock
from relais_chassis.logs import canonical, tally
from relais_chassis.postgres import Connection, Database
from relais_notifications.deliveries.decider import Again, Attempted, Delivered, EndpointGone, Standing, decide
from relais_notifications.deliveries.post import Answered, Poster
from relais_notifications.deliveries.queue import Claimed, claim, release
from relais_notifications.deliveries.recording import Tried, record
from relais_notifications.deliveries.retiring import retire
from relais_notifications.deliveries.schedule import USUAL, Schedule
from relais_notifications.deliveries.sealing import Sealing
from relais_notifications.deliveries.signature import signed

ATTEMPTS: Final = Metric("relais_webhook_attempts_total", "Webhooks tried, by what followed", ["followed"])
SECONDS: Final = Histogram("relais_webhook_seconds", "Time of one attempt", buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 15))
LATENESS: Final = Histogram(
    "relais_webhook_owed_seconds", "From owed to delivered", buckets=(0.05, 0.1, 0.5, 1, 5, 60, 3600, 86400)
)

OWNERS: Final = 8
"""The claims of a worker are enough for so many owners of endpoints at least."""
GATHER: Final = 0.005
"""Seconds that what is done waits for what is about to be: one transaction records them together."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sending:
    """How one worker sends: seconds for an exchange, claims at most, pause between looks at an idle queue."""

    within: float = 15.0
    margin: float = 5.0
    """The lease is `within` and this: the longest that a killed worker's claim is kept from the others."""
    at_once: int = 500
    poll: float = 0.5
    allow_private: bool = False
    schedule: Schedule = field(default_factory=lambda: USUAL)

    @property
    def share(self) -> int:
        """Claims that one owner may have at a time: however slow its endpoints, the others' messages find a place."""
        return max(self.at_once // OWNERS, 1)

    @property
    def lease(self) -> timedelta:
        """How long a claim holds."""
        return timedelta(seconds=self.within + self.margin)


class Sender:
    """One worker's sender; a part of the process."""

    def __init__(self, database: Database, sealing: Sealing, sending: Sending) -> None:
        self._database, self._sealing, self._sending = database, sealing, sending
        self._poster = Poster(within=sending.within, allow_private=sending.allow_private)
        self._rooms: dict[UUID, _Room] = {}
        self._claimed = 0
        self._unused: list[Claimed] = []
        self._tried: list[Tried] = []
        self._due, self._to_record, self._stopping = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._fault: BaseException | None = None

    def wake(self) -> None:
        """Something may be due now."""
        self._due.set()

    def stop(self) -> None:
        """Claim nothing more; what is in flight is finished and recorded."""
        self._stopping.set()
        self._due.set()

    async def run(self) -> None:
        """Send until `stop`."""
        async with self._poster:
            recording = asyncio.create_task(self._record_all())
            claiming = asyncio.create_task(self._claim_all())
            try:
                done, _ = await asyncio.wait([recording, claiming], return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                await asyncio.gather(*self._tasks)
                self._to_record.set()
                await recording
            finally:
                for task in (recording, claiming, *self._tasks):
                    task.cancel()
                await asyncio.gather(recording, claiming, *self._tasks, return_exceptions=True)

    # Claiming

    async def _claim_all(self) -> None:
        while not self._stopping.is_set():
            if self._fault is not None:
                raise self._fault
            self._due.clear()
            free = self._sending.at_once - self._claimed
            claimed = await self._claim(free) if free > 0 else []
            for each in claimed:
                self._start(each)
            if not claimed:
                await self._idle()

    async def _idle(self) -> None:
        """Wait to be woken, or until the next look: what other workers owe or give back wakes nobody here."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._sending.poll):
                await self._due.wait()

    async def _claim(self, limit: int) -> list[Claimed]:
        async def work(conn: Connection) -> list[Claimed]:
            now = clock.now()
            return await claim(conn, now, now + self._sending.lease, clock.new_id(), limit, self._sending.share)

        return await self._database.in_transaction(work, "claim deliveries")

    # Sending

    def _start(self, claimed: Claimed) -> None:
        self._claimed += 1
        room = self._rooms.get(claimed.endpoint)
        if room is None:
            room = self._rooms[claimed.endpoint] = _Room(claimed.max_in_flight)
        room.users += 1
        task = asyncio.create_task(self._send(claimed, room))
        self._tasks.add(task)
        task.add_done_callback(self._sent)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._fault = task.exception()
            self._due.set()

    async def _send(self, claimed: Claimed, room: "_Room") -> None:
        try:
            async with room.places:
                now = clock.now()
                late = now + timedelta(seconds=self._sending.within) > claimed.until
                if late or room.is_closed(now) or self._stopping.is_set():
                    self._unused.append(claimed)
                else:
                    tried = await self._attempt(claimed)
                    self._tried.append(tried)  # only now: the list is another one by the time the answer is here
                    room.close_after(tried)
        finally:
            room.users -= 1
            if not room.users:
                del self._rooms[claimed.endpoint]
            self._to_record.set()

    async def _attempt(self, claimed: Claimed) -> Tried:
        """Try once; whatever goes wrong is this attempt's failure, recorded and tried again like any other.

        A fault that got out of here would end the process, and meet it again after every start.
        """
        try:
            return self._followed(claimed, await self._answer(claimed))
        except Exception as error:
            told = {"endpoint": str(claimed.endpoint), "delivery": str(claimed.delivery)}
            log.error("an attempt went wrong on our side", **told, exc_info=error)
            return self._followed(claimed, Answered(0, fault=f"an error of the sender: {type(error).__name__}"))

    async def _answer(self, claimed: Claimed) -> Answered:
        at = clock.now()
        try:
            headers = signed(self._secrets(claimed), str(claimed.delivery), at, claimed.event)
        except (KeyError, InvalidTag) as error:
            log.error("a secret cannot be opened", endpoint=str(claimed.endpoint), exc_info=error)
            return Answered(0, fault="the endpoint's secret cannot be opened: rotate it")
        return await self._poster.post(claimed.url, headers, claimed.event, at)

    def _followed(self, claimed: Claimed, answered: Answered) -> Tried:
        attempted = Attempted(clock.now(), random.random(), answered.status, answered.fault, answered.retry_after)
        follows = decide(Standing(claimed.owed, claimed.attempts), attempted, self._sending.schedule)
        return Tried(claimed, attempted, answered.milliseconds, follows)

    def _secrets(self, claimed: Claimed) -> list[bytes]:
        sealed = [claimed.secret] if claimed.secret_before is None else [claimed.secret, claimed.secret_before]
        return [self._sealing.open(each, claimed.endpoint) for each in sealed]

    # Recording

    async def _record_all(self) -> None:
        while not (self._stopping.is_set() and not self._tasks and not self._tried and not self._unused):
            await self._to_record.wait()
            if self._claimed > len(self._tried):
                await asyncio.sleep(GATHER)
            self._to_record.clear()
            tried, self._tried = self._tried, []
            unused, self._unused = self._unused, []
            if tried:
                await self._record(tried)
            if unused:
                await self._release(unused)
            self._claimed -= len(tried) + len(unused)
            self._due.set()

    async def _record(self, tried: Sequence[Tried]) -> None:
        async def work(conn: Connection) -> None:
            await record(conn, tried)

        for endpoint in {t.claimed.endpoint for t in tried if isinstance(t.follows, EndpointGone)}:
            log.warning("an endpoint is gone", endpoint=str(endpoint))
            await retire(self._database, endpoint, "gone", clock.now())  # first: recorded, the next would be claimed
        with canonical("deliveries", attempts=len(tried), endpoints=len({t.claimed.endpoint for t in tried})):
            await self._database.in_transaction(work, "record deliveries")
            _count(tried)

    async def _release(self, unused: Sequence[Claimed]) -> None:
        async def work(conn: Connection) -> None:
            await release(conn, unused, clock.now())

        await self._database.in_transaction(work, "give claims back")


class _Room:
    """The places of one endpoint in this worker; closed once the endpoint asks for patience or is gone."""

    def __init__(self, places: int) -> None:
        self.places = asyncio.Semaphore(places)
        self.users = 0
        self._closed_until: datetime | None = None

    def is_closed(self, now: datetime) -> bool:
        """Whether nothing more may be sent for the moment."""
        return self._closed_until is not None and now < self._closed_until

    def close_after(self, tried: Tried) -> None:
        """Hear what the endpoint said; those that wait for a place here are given back."""
        match tried.follows:
            case Again(paused_until=until) if until is not None:
                self._closed_until = max(until, self._closed_until or until)
            case EndpointGone():
                self._closed_until = tried.claimed.until


def _count(batch: Sequence[Tried]) -> None:
    for followed, number in Counter(type(tried.follows).__name__.lower() for tried in batch).items():
        tally(followed, number)
        ATTEMPTS.labels(followed).inc(number)
    for tried in batch:
        SECONDS.observe(tried.milliseconds / 1000)
        if isinstance(tried.follows, Delivered):
            LATENESS.observe((tried.attempted.at - tried.claimed.owed).total_seconds())
