"""Senders at work side by side, killed and stopped, between receivers that hang, fail and answer."""

import asyncio
from uuid import uuid4

import asyncpg
from aiohttp import web

from builders import PARTNER, a_handoff
from notifications.receiver import Received, a_receiver
from notifications.world import World
from relais_contracts.handoffs import HandoffAccepted
from relais_notifications.deliveries.sender import Sending


async def test_a_failing_and_a_hanging_endpoint_slow_nobody_else(world: World) -> None:
    free = asyncio.Event()

    async def hang(received: Received) -> web.Response:
        await free.wait()
        return web.Response()

    async with (
        a_receiver(hang) as slow,
        a_receiver(lambda r: web.Response(status=500)) as failing,
        a_receiver() as good,
    ):
        await world.endpoint("operator", "slow", slow.url)
        await world.endpoint("operator", "failing", failing.url)
        await world.endpoint("operator", "good", good.url)
        for operator in ("slow", "failing", "good"):
            for _ in range(60):
                case = str(uuid4())
                await world.hear(a_handoff(case=case, operator=operator), case=case)
        async with world.sender(Sending(within=20, poll=0.02, at_once=500, allow_private=True)):
            await world.until("select count(*) = 60 from delivery where state = 'delivered'")
            assert len(good.received) == 60
            assert slow.most_in_flight <= 8
            free.set()
    counts = await world.rows("select state, count(*) from delivery group by state")
    assert dict(counts)["delivered"] >= 60


async def test_several_senders_share_the_work_and_send_nothing_twice(world: World) -> None:
    async with a_receiver() as partner:
        await world.endpoint("partner", PARTNER, partner.url, max_in_flight=32)
        for _ in range(100):
            case = str(uuid4())
            await world.hear(a_handoff(case=case), a_handoff(HandoffAccepted, case=case), case=case)
        async with world.sender(), world.sender(), world.sender():
            await world.settled()
    assert len(partner.received) == len({received.id for received in partner.received}) == 200


async def test_what_a_killed_sender_had_claimed_is_sent_when_its_lease_ends(world: World) -> None:
    never = asyncio.Event()

    async def answer(received: Received) -> web.Response:
        if len(partner.received) <= 1:
            await never.wait()
        return web.Response()

    async with a_receiver(answer) as partner:
        await world.endpoint("partner", PARTNER, partner.url)
        await world.hear(a_handoff(), a_handoff(HandoffAccepted))
        killed = world.killed_sender(Sending(within=0.5, margin=0.2, poll=0.02, allow_private=True))
        async with killed:
            await partner.until(lambda: len(partner.received) == 1)
        assert await world.states() == {"pending": 2}
        async with world.sender():
            await world.settled()
        never.set()
    first, again, following = partner.received
    assert first.id == again.id != following.id


async def test_a_stop_finishes_what_is_in_flight_and_gives_the_rest_back(world: World) -> None:
    free = asyncio.Event()

    async def answer(received: Received) -> web.Response:
        await free.wait()
        return web.Response()

    async with a_receiver(answer) as partner:
        await world.endpoint("partner", PARTNER, partner.url, max_in_flight=2)
        for _ in range(8):
            case = str(uuid4())
            await world.hear(a_handoff(case=case), case=case)
        async with world.sender() as sender:
            await partner.until(lambda: len(partner.received) == 2)
            sender.stop()
            free.set()
    assert await world.states() == {"delivered": 2, "pending": 6}
    assert (await world.rows("select count(*) from lane where claim is not null"))[0][0] == 0


async def test_connections_cut_by_the_database_lose_nothing(world: World) -> None:
    admin = await asyncpg.connect(world.dsn)
    async with a_receiver() as partner:
        await world.endpoint("partner", PARTNER, partner.url)
        async with world.sender():
            for number in range(40):
                case = str(uuid4())
                await world.hear(a_handoff(case=case), a_handoff(HandoffAccepted, case=case), case=case)
                if number % 10 == 5:
                    await admin.execute(
                        "select pg_terminate_backend(pid) from pg_stat_activity "
                        "where application_name = 'relais notifications'"
                    )
            await world.settled()
    await admin.close()
    assert len({received.id for received in partner.received}) == 80
