"""Webhooks on a real database and to real receivers: what is owed arrives, in order, whatever a receiver does."""

import asyncio
from collections import defaultdict
from datetime import timedelta
from uuid import uuid4

import pytest
from aiohttp import web
from standardwebhooks.webhooks import Webhook

from builders import CASE, MACON, OPERATOR, PARTNER, a_handoff
from notifications.receiver import Received, a_receiver
from notifications.world import FAST, World
from relais_contracts.codec import from_json
from relais_contracts.handoffs import HandoffAccepted, HandoffNoted, HandoffProposed, HandoffStarted, StepDone
from relais_notifications.deliveries.schedule import Schedule
from relais_notifications.deliveries.sender import Sending
from relais_notifications.deliveries.signature import written

STARTED = a_handoff(HandoffStarted, state="active", next="outcome")


async def test_a_receiver_verifies_what_it_gets_with_the_secret_it_was_shown(world: World) -> None:
    async with a_receiver() as partner:
        _, secret = await world.endpoint("partner", PARTNER, partner.url)
        await world.hear(a_handoff())
        async with world.sender():
            await world.settled()
    [received] = partner.received
    Webhook(written(secret)).verify(received.body, received.headers)
    assert received.headers["content-type"] == "application/cloudevents+json"
    event = from_json(received.body)
    assert (event.type, event.id, event.subject) == (HandoffProposed.TYPE, f"chain/{CASE}/1", CASE)
    assert await world.states() == {"delivered": 1}


async def test_each_recipient_gets_its_own_and_only_the_types_it_wants(world: World) -> None:
    async with a_receiver() as partner, a_receiver() as operator, a_receiver() as stranger:
        await world.endpoint("partner", PARTNER, partner.url)
        await world.endpoint("operator", OPERATOR, operator.url, types=[HandoffAccepted.TYPE])
        await world.endpoint("partner", "somebody-else", stranger.url)
        await world.endpoint("operator", PARTNER, stranger.url)
        await world.hear(a_handoff(), a_handoff(HandoffAccepted))
        async with world.sender():
            await world.settled()
    assert [from_json(r.body).type for r in partner.received] == [HandoffProposed.TYPE, HandoffAccepted.TYPE]
    assert [from_json(r.body).type for r in operator.received] == [HandoffAccepted.TYPE]
    assert stranger.received == []


async def test_a_failure_is_tried_again_under_the_same_id_until_it_succeeds(world: World) -> None:
    answers = iter([500, 302, 400, 204])

    def answer(received: Received) -> web.Response:
        return web.Response(status=next(answers), headers={"location": "/elsewhere"})

    async with a_receiver(answer) as partner:
        await world.endpoint("partner", PARTNER, partner.url)
        await world.hear(a_handoff())
        async with world.sender():
            await world.settled()
    assert len(partner.received) == 4
    assert len({received.id for received in partner.received}) == 1
    attempts = await world.rows("select status, error from delivery_attempt order by at")
    assert [attempt["status"] for attempt in attempts] == [500, 302, 400, 204]
    [row] = await world.rows("select state, attempts, last_status, last_error from delivery")
    assert tuple(row) == ("delivered", 4, 204, None)


async def test_a_receiver_that_is_not_there_is_tried_again(world: World) -> None:
    async with a_receiver() as partner:
        url = partner.url
    await world.endpoint("partner", PARTNER, url)
    await world.hear(a_handoff())
    async with world.sender():
        await world.until("select attempts >= 3 from delivery")
    [row] = await world.rows("select state, last_status, last_error from delivery")
    assert (row["state"], row["last_status"]) == ("pending", None)
    assert "cannot connect" in row["last_error"]


async def test_a_receiver_that_does_not_answer_in_time_is_tried_again(world: World) -> None:
    never = asyncio.Event()

    async def answer(received: Received) -> web.Response:
        if len(partner.received) == 1:
            await never.wait()
        return web.Response(status=200)

    async with a_receiver(answer) as partner:
        await world.endpoint("partner", PARTNER, partner.url)
        await world.hear(a_handoff())
        async with world.sender(Sending(within=0.3, poll=0.02, allow_private=True, schedule=FAST.schedule)):
            await world.settled()
        never.set()
    errors = [row["error"] for row in await world.rows("select error from delivery_attempt order by at")]
    assert errors == ["no answer within 0.3 s", None]


async def test_after_its_time_a_delivery_is_abandoned_and_stays_visible(world: World) -> None:
    async with a_receiver(lambda received: web.Response(status=500)) as partner:
        await world.endpoint("partner", PARTNER, partner.url)
        await world.hear(a_handoff(), a_handoff(HandoffAccepted))
        schedule = Schedule(delays=(timedelta(milliseconds=20),), give_up=timedelta(milliseconds=200))
        async with world.sender(Sending(poll=0.02, allow_private=True, schedule=schedule)):
            await world.settled()
    rows = await world.rows("select state, reason from delivery order by position")
    assert [row["state"] for row in rows] == ["abandoned", "abandoned"]
    assert "the last answer was 500" in rows[0]["reason"]
    assert (await world.rows("select * from delivery_count"))[0] == (2, 0, 0, 2)
    assert await world.rows("select * from lane") == []


async def test_gone_disables_the_endpoint_and_abandons_what_waits(world: World) -> None:
    async with a_receiver(lambda received: web.Response(status=410)) as partner:
        endpoint, _ = await world.endpoint("partner", PARTNER, partner.url, max_in_flight=1)
        await world.hear(a_handoff(), a_handoff(HandoffAccepted), STARTED)
        async with world.sender():
            await world.until("select state = 'gone' from endpoint where id = $1", endpoint)
            await world.settled()
        await world.hear(a_handoff(HandoffNoted, state="active"))
    assert len(partner.received) == 1
    assert await world.states() == {"abandoned": 3}
    assert await world.rows("select * from lane") == []


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_endpoint_is_left_alone_for_as_long_as_it_asks(world: World, status: int) -> None:
    def answer(received: Received) -> web.Response:
        if len(partner.received) == 1:
            return web.Response(status=status, headers={"retry-after": "2"})
        return web.Response()

    async with a_receiver(answer) as partner:
        await world.endpoint("partner", PARTNER, partner.url, max_in_flight=1)
        for _ in range(5):
            case = str(uuid4())
            await world.hear(a_handoff(case=case), case=case)
        async with world.sender():
            await world.until("select count(*) > 0 from endpoint_health where paused_until is not null")
            await world.settled()
    attempts = [row["at"] for row in await world.rows("select at from delivery_attempt order by at")]
    assert len(attempts) == 6
    assert all(at - attempts[0] >= timedelta(seconds=1.9) for at in attempts[1:])


async def test_a_case_is_told_in_order_though_the_first_message_fails(world: World) -> None:
    failures: dict[str, int] = defaultdict(int)

    def answer(received: Received) -> web.Response:
        failures[received.id] += 1
        return web.Response(status=200 if failures[received.id] > 2 else 500)

    async with a_receiver(answer) as partner:
        await world.endpoint("partner", PARTNER, partner.url)
        cases = [str(uuid4()) for _ in range(10)]
        for case in cases:
            await world.hear(a_handoff(case=case), a_handoff(HandoffAccepted, case=case), case=case)
            await world.hear(a_handoff(HandoffStarted, case=case, state="active"), case=case)
        async with world.sender():
            await world.settled()
    firsts: dict[str, list[str]] = defaultdict(list)
    for received in partner.received:
        event = from_json(received.body)
        assert event.subject
        if event.id not in firsts[event.subject]:
            firsts[event.subject].append(event.id)
    assert firsts == {case: [f"chain/{case}/{n}" for n in (1, 2, 3)] for case in cases}
    assert len(partner.received) == 90


async def test_a_private_address_is_never_connected_to(world: World) -> None:
    async with a_receiver() as inside:
        port = inside.url.split(":")[2].split("/")[0]
        for host in ("127.0.0.1", "localhost", "2130706433"):
            await world.endpoint("partner", PARTNER, f"https://{host}:{port}/")
        await world.hear(a_handoff())
        async with world.sender(Sending(poll=0.02, allow_private=False, schedule=FAST.schedule)):
            await world.until("select count(*) = 3 from delivery where attempts >= 1")
    assert inside.received == []
    errors = await world.rows("select distinct last_error from delivery")
    assert all("public Internet" in row["last_error"] for row in errors)


async def test_both_secrets_sign_after_a_rotation(world: World) -> None:
    async with a_receiver() as partner:
        endpoint, old = await world.endpoint("partner", PARTNER, partner.url)
        new = await world.rotated(endpoint, "partner", PARTNER)
        await world.hear(a_handoff())
        async with world.sender():
            await world.settled()
    for secret in (old, new):
        Webhook(written(secret)).verify(partner.received[0].body, partner.received[0].headers)


async def test_a_record_that_comes_again_owes_nothing_again(world: World) -> None:
    await world.endpoint("partner", PARTNER, "http://127.0.0.1:9/")
    command = world.command(a_handoff())
    await world.transactor.transact([command])
    await world.transactor.transact([command])
    await world.transactor.transact([command, world.command(a_handoff(HandoffAccepted))])
    assert await world.states() == {"pending": 2}


async def test_a_step_done_reaches_the_operator(world: World) -> None:
    async with a_receiver() as operator:
        await world.endpoint("operator", OPERATOR, operator.url)
        need = a_handoff().need
        done = {"operator": OPERATOR, "actor": "training-body", "need": need, "commune": MACON}
        await world.hear(StepDone(step="digital", owner="nobody", outcome="achieved", **done))
        async with world.sender():
            await world.settled()
    assert [from_json(received.body).type for received in operator.received] == [StepDone.TYPE]


async def test_old_events_are_not_owed_to_a_new_endpoint(world: World) -> None:
    await world.hear(a_handoff())
    await world.endpoint("partner", PARTNER, "http://127.0.0.1:9/")
    assert await world.states() == {}
