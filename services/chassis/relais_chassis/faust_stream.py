"""A reader of topics on Faust: membership, assignment, fetching, flow control and graceful stop are Faust's.

Stands between Kafka and a handler, in the place of `Reader`. It decides nothing, stores nothing, and never lets a
handler's exception reach Faust, which would acknowledge the batch all the same."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any, cast

import faust
import structlog
from faust.auth import SASLCredentials, SSLCredentials
from faust.types import TP, StreamT
from faust.types.auth import AuthProtocol

from relais_chassis.faust_batches import Batch, BatchConsumer, BatchTransport
from relais_chassis.kafka import Kafka
from relais_chassis.reading import Handler, Reading, Subscription

log = structlog.get_logger(__name__)
ONE_DAY = 86_400.0


class _App(faust.App):
    logger = logging.getLogger("faust.app")

    def _create_directories(self) -> None:
        """Nothing: stock makes folders for tables, and this app has none."""


class FaustReader:
    """Reads topics in a consumer group; made and used as `Reader` is."""

    def __init__(self, of: Subscription, handler: Handler) -> None:
        self._of = of
        self._reading = Reading("faust", of, handler)
        self._stopping = asyncio.Event()
        self._fatal: asyncio.Future[None] | None = None
        self.check = self._reading.check
        self.horizon = self._reading.horizon

    def stop(self) -> None:
        """Finish the batch in hand, commit it and leave the group; `run` returns then."""
        self._stopping.set()

    async def run(self) -> None:
        """Read until `stop`; raises what the handler raised, or Stalled, with nothing committed since."""
        if not await self._reading.until_up(self._stopping):
            return
        self._fatal = asyncio.get_running_loop().create_future()
        app = self._new_app()
        try:
            await app.start()
            await self._until_stopped(app)
        finally:
            if self._fatal.done():
                _consumer(app).patience = 2.0  # the batch in hand is parked and will never be finished
            await self._leave(app)

    async def _until_stopped(self, app: faust.App) -> None:
        assert self._fatal is not None
        waiting: list[asyncio.Future[Any]] = [
            self._fatal,
            asyncio.ensure_future(self._stopping.wait()),
            asyncio.ensure_future(app.wait(asyncio.Event().wait())),  # returns when Faust has crashed
            asyncio.ensure_future(self._reading.progress.follow()),
            asyncio.ensure_future(self._reading.watch()),
        ]
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
            if not self._stopping.is_set():
                raise RuntimeError("faust has stopped by itself") from app.crash_reason
        finally:
            for each in waiting[1:]:
                each.cancel()
            await asyncio.gather(*waiting[1:], return_exceptions=True)

    async def _leave(self, app: faust.App) -> None:
        try:
            await asyncio.wait_for(app.stop(), self._of.stop_within)
        except TimeoutError:
            log.warning("faust did not stop in time", group=self._of.group, seconds=self._of.stop_within)

    async def _read(self, stream: StreamT[Any]) -> None:
        try:
            async for event in cast(faust.Stream[Any], stream).noack().events():
                await self._reading.handle(cast(Batch, event.message).records)
                event.ack()
        except asyncio.CancelledError:
            raise
        except BaseException as failure:  # noqa: BLE001  told by run(), which ends
            await self._park(failure)

    async def _park(self, failure: BaseException) -> None:
        """Never return and never raise: Faust would acknowledge the batch, and its records would be lost."""
        assert self._fatal is not None
        if not self._fatal.done():
            self._fatal.set_exception(failure)
        await asyncio.Event().wait()

    def _new_app(self) -> faust.App:
        app = _App(
            self._of.group,
            broker=[f"kafka://{server}" for server in self._of.kafka.servers.split(",")],
            broker_credentials=_credentials(self._of.kafka),
            broker_client_id=self._of.instance or self._of.group,
            consumer_group_instance_id=self._of.instance,
            consumer_auto_offset_reset="earliest",
            broker_max_poll_records=self._of.max_batch,
            broker_session_timeout=6.0,
            broker_heartbeat_interval=1.5,
            broker_rebalance_timeout=self._of.stop_within * 1.5,
            broker_max_poll_interval=ONE_DAY,  # a batch may wait out a database; the watchdog sees what hangs
            broker_commit_interval=1.0,
            stream_wait_empty=True,
            stream_buffer_maxsize=2,
            web_enabled=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            table_standby_replicas=0,  # else Faust's own assignor, made for tables, deals out the partitions
            store="memory://",
            autodiscover=False,
            loop=asyncio.get_running_loop(),
        )
        app.transport = BatchTransport(app.conf.broker_consumer, app)
        topic = app.topic(*self._of.topics, key_serializer="raw", value_serializer="raw", value_type=bytes)
        app.agent(topic, concurrency=1, name=self._of.group)(self._read)
        app.on_partitions_assigned.connect(self._on_assigned)
        app.on_partitions_revoked.connect(self._on_revoked)
        app.finalize()
        _consumer(app).patience = self._of.stop_within * 0.75
        return app

    async def _on_assigned(self, _app: Any, /, *given: Iterable[TP], **_: Any) -> None:
        self._reading.assigned(given[0])

    async def _on_revoked(self, _app: Any, /, *_taken: Iterable[TP], **_: Any) -> None:
        self._reading.revoked()


def _consumer(app: faust.App) -> BatchConsumer:
    assert isinstance(app.consumer, BatchConsumer)
    return app.consumer


def _credentials(kafka: Kafka) -> SSLCredentials | SASLCredentials | None:
    access = kafka.client(kafka.servers)
    if kafka.protocol == "PLAINTEXT":
        return None
    if kafka.protocol == "SSL":
        return SSLCredentials(access["ssl_context"])
    credentials = SASLCredentials(
        username=kafka.username,
        password=kafka.password,
        mechanism=kafka.mechanism,
        ssl_context=access.get("ssl_context"),
    )
    if kafka.protocol == "SASL_PLAINTEXT":
        credentials.protocol = AuthProtocol.SASL_PLAINTEXT
    return credentials
