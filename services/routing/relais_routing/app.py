"""Routing as a process: the stream, the relay, the sweeps and the questions, all on one database.

Puts the parts together and starts nothing twice. What each part does stands in its own file.
"""

from datetime import datetime, timedelta

from relais_chassis import clock
from relais_chassis.access import Access
from relais_chassis.consumer import Reader
from relais_chassis.event_log import EventLog
from relais_chassis.faust_stream import FaustReader
from relais_chassis.limits import Rate
from relais_chassis.outbox import LetterOutbox, LogOutbox
from relais_chassis.postgres import Database
from relais_chassis.records import RecordHandler
from relais_chassis.relay import Relay
from relais_chassis.resuming import Resuming
from relais_chassis.run import Process
from relais_chassis.sweep import Sweep
from relais_chassis.transact import Transactor
from relais_routing import clocks, demand, door, draws, unmet
from relais_routing.duplicates import Duplicates
from relais_routing.impartiality import watch
from relais_routing.impartiality.watch import Watch
from relais_routing.model import RoutingModel, RoutingState
from relais_routing.options import Options
from relais_routing.questions import Questions
from relais_routing.settings import Settings
from relais_routing.shares import Shares
from relais_routing.stream import GROUP, TOPICS, asks

SOURCE = "/relais/routing"


async def build(process: Process, settings: Settings) -> None:
    """Add every part of routing to the process, the door last."""
    policy = settings.read_policy()
    database = await process.stack.enter_async_context(
        Database(settings.postgres, "routing", min_size=settings.pool_min, max_size=settings.pool_max)
    )
    log = EventLog(SOURCE)
    model = RoutingModel(policy)
    transactor: Transactor[RoutingState] = Transactor(database, log, model)
    relay = Relay(database, LogOutbox(log, settings.topic_prefix), settings.broker)
    letters = Relay(database, LetterOutbox("routing"), settings.broker)
    transactor.on_commit += [relay.wake, letters.wake]
    handler = RecordHandler(transactor, asks, prefix=settings.topic_prefix)
    make = FaustReader if settings.reader == "faust" else Reader
    reader = make(settings.subscription(TOPICS, GROUP, settings.max_batch), handler)
    process.health.add("database", database.check)

    async with database.connection() as conn:
        await model.live.refresh(conn)
    await Sweep("draws", 60, draws.find, transactor, clock.now).once()
    process.add("relay", relay)
    process.add("dead letters", letters)
    for sweep in sweeps(transactor, reader, policy.day_seconds):
        process.add(sweep.name, sweep)
    process.add("impartiality", Watch(database, model.live, model.taken))
    process.add("resuming", Resuming(database, handler))
    process.add("stream", reader)
    at = door.Door(Access(settings.jwks, origins=settings.allowed_origins), Rate(50, 200))
    routers = [
        Options(database, model, at).router(),
        Duplicates(database, model, at).router(),
        Questions(database, at).router(),
        Shares(database, at).router(),
    ]
    process.serve(door.app(routers, process.health, settings.allowed_origins), settings.host, settings.port)


def sweeps(transactor: Transactor[RoutingState], reader: Reader | FaustReader, day_seconds: float) -> list[Sweep]:
    """What looks at the clock; often enough for the policy's days.

    Clocks go by the reader's horizon: what a partner has answered in time is read before its clock runs out. They
    leave intake's relay a moment to publish what it took in last.
    """
    often = min(5.0, max(0.2, day_seconds / 20))
    moment = timedelta(seconds=often)

    def horizon() -> datetime:
        return reader.horizon() - moment

    return [
        Sweep("clocks", often, clocks.find, transactor, horizon),
        Sweep("unmet", min(1.0, often), unmet.find, transactor, clock.now),
        Sweep("demand", min(1.0, often), demand.find, transactor, clock.now),
        Sweep("draws", 60, draws.find, transactor, clock.now),
        Sweep("alarms", 60, watch.find, transactor, clock.now),
    ]
