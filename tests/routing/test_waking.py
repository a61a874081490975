"""Who waits is woken by what two workers tell at once: neither sees the other's change before it is committed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

from builders import OFFER, PARTNER, a_case, a_partner, an_offer, places, requested
from relais_chassis import clock
from relais_chassis.commands import Command
from relais_chassis.model import Decide
from relais_chassis.postgres import Connection
from relais_chassis.records import RecordHandler
from relais_chassis.transact import Transactor
from relais_contracts.directory import PlacesDeclared, Zone
from relais_contracts.envelope import Payload
from relais_routing import unmet
from relais_routing.chain.policy import Policy
from relais_routing.model import RoutingModel, RoutingState
from relais_routing.stream import asks
from routers import Router

NEARBY = an_offer()
ELSEWHERE = an_offer(zone=Zone(kind="departement", codes=("59",)))


async def woken(router: Router) -> list[str]:
    """The chains that the sweep would look at now."""
    async with router.database.connection() as conn:
        return [each.stream for each in await unmet.find(conn, clock.now(), 10)]


class Paused(RoutingModel):
    """A worker that rests once between reading the directory and writing."""

    def __init__(self) -> None:
        super().__init__(Policy.read())
        self.read, self.go_on = asyncio.Event(), asyncio.Event()

    async def open(self, conn: Connection, commands: Sequence[Command]) -> Decide[RoutingState]:
        decide = await super().open(conn, commands)
        self.read.set()
        await self.go_on.wait()
        return decide


@asynccontextmanager
async def meanwhile(router: Router, *told: Payload, case: str = "") -> AsyncIterator[None]:
    """Another worker hears these: it has read the directory before the block, and writes after it."""
    other = Router(router.database, router.sequences)
    paused = Paused()
    other.handler = RecordHandler(Transactor(router.database, other.transactor.log, paused), asks)
    hearing = asyncio.create_task(other.hears(*told, case=case))
    async with asyncio.timeout(20):
        await paused.read.wait()
        yield
        paused.go_on.set()
        await hearing


async def test_an_offer_and_its_partner_declared_at_once_wake_who_waits(router: Router) -> None:
    case = str(uuid4())
    await router.hears(*a_case(), case=case)
    async with meanwhile(router, a_partner()):
        await router.hears(an_offer())
        await router.rematches(case)
        assert await woken(router) == []
    assert await woken(router) == [f"chain/{case}"]
    await router.rematches(case)
    assert (await router.proposed(case)).partner == PARTNER


async def test_places_of_an_offer_that_serves_more_people_at_once_wake_who_waits(router: Router) -> None:
    case = str(uuid4())
    full = PlacesDeclared(offer=OFFER, state="full", at=clock.now())
    await router.hears(a_partner(), ELSEWHERE, full)
    await router.hears(*a_case(), case=case)
    async with meanwhile(router, places(at=clock.now())):
        await router.hears(NEARBY)
        await router.rematches(case)
        assert await woken(router) == []
    assert await woken(router) == [f"chain/{case}"]


async def test_a_place_given_back_by_an_offer_that_serves_more_people_at_once_wakes_who_waits(router: Router) -> None:
    case, before = str(uuid4()), str(uuid4())
    await router.hears(a_partner(), NEARBY)
    await router.hears(*a_case(), case=before)
    await router.hears(places(number=1, at=clock.now()))
    await router.hears(*a_case(), case=case)
    await router.hears(ELSEWHERE)
    handoff = (await router.proposed(before)).handoff
    decline = requested("decline", handoff=handoff, reason="not-eligible", caused_by="partner")
    async with meanwhile(router, decline, case=before):
        await router.hears(NEARBY)
        await router.rematches(case)
        assert await woken(router) == []
    assert await woken(router) == [f"chain/{case}"]
