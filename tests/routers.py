"""Routing on a real database without a broker: records in, events of the log out.

Tests of the shell hand it the other services' events as the stream would. It matches, reserves and stores for real.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

from builders import a_case, a_partner, an_offer
from relais_chassis import clock
from relais_chassis.commands import Answer, Command
from relais_chassis.event_log import EventLog
from relais_chassis.migrations import migrate
from relais_chassis.postgres import Database
from relais_chassis.records import RecordHandler
from relais_chassis.stored_records import StoredRecord
from relais_chassis.transact import Transactor
from relais_contracts.catalogue import dump, parse
from relais_contracts.codec import to_kafka
from relais_contracts.directory import (
    ClosureDeclared,
    ClosureWithdrawn,
    OfferDeclared,
    OfferWithdrawn,
    PartnerDeclared,
    PartnerWithdrawn,
    PlacesDeclared,
)
from relais_contracts.envelope import CloudEvent, Payload
from relais_contracts.handoffs import HandoffProposed
from relais_contracts.topics import topic_of
from relais_routing import clocks, draws
from relais_routing.chain.commands import CheckClocks, Rematch
from relais_routing.chain.policy import Policy
from relais_routing.matching.offers import place_key
from relais_routing.model import RoutingModel
from relais_routing.stream import asks

E = TypeVar("E", bound=Payload)


def stream_of(payload: Payload, case: str) -> str:
    """The stream intake writes an event on."""
    match payload:
        case PartnerDeclared(partner=key) | PartnerWithdrawn(partner=key):
            return f"partner/{key}"
        case OfferDeclared(offer=key) | OfferWithdrawn(offer=key):
            return f"offer/{key}"
        case PlacesDeclared():
            return f"places/{place_key(payload)}"
        case ClosureDeclared(partner=key, offer=offer) | ClosureWithdrawn(partner=key, offer=offer):
            return f"closure/{key}/{payload.from_}" + (f"/{offer}" if offer else "")
    return f"{'actions' if topic_of(payload.TYPE).name == 'relais.actions' else 'case'}/{case}"


def record(payload: Payload, stream: str, sequence: int, prefix: str = "", data: bytes | None = None) -> StoredRecord:
    """A record as the relay of intake would have published it."""
    event = CloudEvent(
        id=f"{stream}/{sequence}",
        source="/relais/intake",
        type=payload.TYPE,
        data=dump(payload) if data is None else data,
        subject=stream.partition("/")[2],
        time=datetime(2026, 3, 2, tzinfo=UTC),
        sequence=sequence,
    )
    headers, value = to_kafka(event)
    topic = prefix + topic_of(payload.TYPE).name
    return StoredRecord(topic, 0, sequence, 1_772_452_800_000, stream.encode(), value, tuple(headers))


class Router:
    """One worker of routing."""

    def __init__(self, database: Database, sequences: dict[str, int] | None = None) -> None:
        self.database = database
        self.model = RoutingModel(Policy.read())
        self.transactor = Transactor(database, EventLog("/relais/routing"), self.model)
        self.handler = RecordHandler(self.transactor, asks)
        self.sequences = defaultdict(int) if sequences is None else sequences

    def record(self, payload: Payload, case: str = "") -> StoredRecord:
        """The next record of its stream."""
        stream = stream_of(payload, case)
        self.sequences[stream] += 1
        return record(payload, stream, self.sequences[stream])

    async def hears(self, *payloads: Payload, case: str = "") -> list[Answer]:
        """Apply events in one batch."""
        return await self.handler.handle([self.record(payload, case) for payload in payloads])

    async def draws(self) -> None:
        """Commit the draws of today and tomorrow."""
        async with self.database.connection() as conn:
            commands = await draws.find(conn, clock.now(), 10)
        await self.transactor.transact(commands)

    async def checks(self, case: str, now: datetime) -> list[Answer]:
        """The sweep of clocks, for one case."""
        return await self.transactor.transact([Command(f"chain/{case}", CheckClocks(now), None, clock.now())])

    async def rematches(self, case: str) -> list[Answer]:
        """The sweep of unmet steps, for one case."""
        return await self.transactor.transact([Command(f"chain/{case}", Rematch(), None, clock.now())])

    async def said(self, case: str, model: type[E] | None = None) -> Sequence[Any]:
        """What the chain's log says, in order."""
        async with self.database.connection() as conn:
            events = [parse(event) for event in await self.transactor.log.read(conn, f"chain/{case}")]
        return [event for event in events if model is None or isinstance(event, model)]

    async def proposed(self, case: str) -> HandoffProposed:
        """The last hand-off proposed."""
        last: HandoffProposed = (await self.said(case, HandoffProposed))[-1]
        return last

    async def value(self, query: str, *args: object) -> Any:
        """One value of the database."""
        async with self.database.connection() as conn:
            return await conn.fetchval(query, *args)


@asynccontextmanager
async def router_on(postgres: str) -> AsyncIterator[Router]:
    """A migrated schema, today's draw committed, and a worker."""
    await migrate(postgres, "routing", "relais_routing")
    async with Database(postgres, "routing", max_size=8) as database:
        router = Router(database)
        await router.draws()
        yield router


async def a_proposal(router: Router) -> str:
    """A case whose only offer was proposed."""
    case = str(uuid4())
    await router.hears(a_partner(), an_offer())
    await router.hears(*a_case(), case=case)
    return case


async def due(router: Router, days: int) -> list[str]:
    """The cases whose clocks the sweep would look at in so many days."""
    async with router.database.connection() as conn:
        return [each.stream for each in await clocks.find(conn, clock.now() + timedelta(days=days), 10)]
