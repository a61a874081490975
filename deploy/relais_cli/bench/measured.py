"""One measurement in a process of its own: `python -m relais_cli.bench.measured SPEC RESULT`.

Runs a variant with the parts and the settings of a real process (uvloop, JSON log lines, Faust or the plain reader,
the relay) and writes what it took. It checks nothing: that is done from outside.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any, Final

import uvloop

from relais_chassis import logs
from relais_chassis.consumer import Reader
from relais_chassis.event_log import EventLog
from relais_chassis.faust_stream import FaustReader
from relais_chassis.outbox import LogOutbox
from relais_chassis.postgres import Database
from relais_chassis.reading import Subscription
from relais_chassis.records import RecordHandler
from relais_chassis.relay import Relay
from relais_chassis.run import spare_the_collector
from relais_chassis.transact import Transactor
from relais_cli.bench import bare, echo
from relais_cli.bench.ground import SCHEMA
from relais_cli.bench.spec import Spec
from relais_cli.bench.stopwatch import Stopwatch, Taken
from relais_routing import stream
from relais_routing.chain.policy import Policy
from relais_routing.model import RoutingModel

Readers = type[Reader] | type[FaustReader]


async def stored(spec: Spec, make: Readers, job: str, *, published: bool = False) -> Taken:
    """A handler on a reader, every batch committed in PostgreSQL; with `published`, until the relay has sent all."""
    log = EventLog("/relais/routing")
    async with Database(spec.dsn, SCHEMA, min_size=2) as database:
        model: Any = await _routing(database) if job == "routing" else echo.ECHO
        asks = stream.asks if job == "routing" else echo.asks
        transactor: Transactor[Any] = Transactor(database, log, model)
        watch = Stopwatch({(topic, partition): end for topic, partition, end in spec.ends})
        handler = watch.around(RecordHandler(transactor, asks, prefix=spec.prefix))
        reader = make(Subscription(spec.topics, spec.out, spec.kafka), handler)
        running = [asyncio.create_task(reader.run())]
        parts: list[Any] = [reader]
        if published:
            relay = Relay(database, LogOutbox(log, spec.out), spec.kafka)
            transactor.on_commit.append(relay.wake)
            parts.append(relay)
            running.append(asyncio.create_task(relay.run()))
        try:
            await _or_failure(watch.read.wait(), running)
            if published:
                await _or_failure(_all_sent(relay, spec.events, watch), running)
        finally:
            for part in parts:
                part.stop()
            await asyncio.gather(*running)
    return watch.taken()


async def _routing(database: Database) -> RoutingModel:
    """Routing as it stands after its start: the directory is in memory before the first record comes."""
    model = RoutingModel(Policy.read())
    async with database.connection() as conn:
        await model.live.refresh(conn)
    return model


async def _all_sent(relay: Relay, events: int, watch: Stopwatch) -> None:
    while relay.published < events:
        await asyncio.sleep(0.001)
    watch.stop()


async def _or_failure(wanted: Any, running: list["asyncio.Task[None]"]) -> None:
    """Wait, but not beside a part that has ended."""
    waiting = asyncio.ensure_future(wanted)
    done, _ = await asyncio.wait([waiting, *running], return_when=asyncio.FIRST_COMPLETED)
    if waiting not in done:
        waiting.cancel()
        for task in done:
            task.result()
        raise RuntimeError("a part has ended unasked")


VARIANTS: Final[dict[str, Callable[[Spec], Coroutine[Any, Any, Taken]]]] = {
    "pass-through": bare.pass_through,
    "transaction-per-message": partial(bare.transactional, batch=1),
    "transaction-per-batch": partial(bare.transactional, batch=bare.BATCH),
    "echo-faust": partial(stored, make=FaustReader, job="echo"),
    "echo-plain": partial(stored, make=Reader, job="echo"),
    "echo-published": partial(stored, make=FaustReader, job="echo", published=True),
    "routing-faust": partial(stored, make=FaustReader, job="routing"),
    "routing-plain": partial(stored, make=Reader, job="routing"),
    "routing-published": partial(stored, make=FaustReader, job="routing", published=True),
}


def main() -> None:
    """Measure once."""
    spec, result = Spec.load(Path(sys.argv[1])), Path(sys.argv[2])
    logs.configure("bench")
    spare_the_collector()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        taken = runner.run(VARIANTS[spec.variant](spec))
    result.write_text(json.dumps(taken.as_json()))


if __name__ == "__main__":
    main()
