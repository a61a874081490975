"""The whole service as a process, between a real broker and real receivers: killed under load it loses nothing."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import httpx
import pytest
from aiohttp import web
from aiokafka import AIOKafkaProducer
from standardwebhooks.webhooks import Webhook

from builders import OPERATOR, PARTNER, a_handoff, a_partner
from notifications.receiver import Received, Receiver, a_receiver
from relais_cli.stack.cluster import Stack
from relais_contracts.catalogue import dump
from relais_contracts.codec import from_json, to_kafka
from relais_contracts.envelope import CloudEvent, Payload
from relais_contracts.handoffs import HandoffAccepted, HandoffStarted
from relais_contracts.identifiers import key_of
from relais_contracts.topics import topic_of_stream


@asynccontextmanager
async def writer(relais: Stack) -> AsyncIterator[Callable[[str, Sequence[Payload]], Awaitable[None]]]:
    """Writes whole streams to their topic, as the relays of intake and routing do."""
    producer = AIOKafkaProducer(bootstrap_servers=relais.kafka, enable_idempotence=True)
    await producer.start()

    async def write(stream: str, payloads: Sequence[Payload]) -> None:
        topic = relais.prefix + topic_of_stream(stream).name
        for sequence, payload in enumerate(payloads, 1):
            event = CloudEvent(
                id=f"{stream}/{sequence}",
                source="/relais/routing",
                type=payload.TYPE,
                data=dump(payload),
                subject=key_of(stream),
                time=datetime.now(UTC),
                sequence=sequence,
            )
            headers, value = to_kafka(event)
            await producer.send(topic, value, key=key_of(stream).encode(), headers=headers)
        await producer.flush()

    yield write
    await producer.stop()


def a_chain(case: str) -> list[Payload]:
    """Three events of one case."""
    return [
        a_handoff(case=case),
        a_handoff(HandoffAccepted, case=case),
        a_handoff(HandoffStarted, case=case, state="active"),
    ]


async def an_endpoint(relais: Stack, role: str, org: str, receiver: Receiver) -> str:
    """An endpoint made at the door; its secret."""
    headers = {"authorization": f"Bearer {relais.keys.token(role, org)}"}
    async with httpx.AsyncClient(base_url=relais.url("notifications"), headers=headers) as client:
        answer = await client.post("/v1/endpoints", json={"url": receiver.url})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["secret"])


async def counted(relais: Stack) -> tuple[int, ...]:
    """Webhooks owed, delivered, pending, abandoned."""
    conn = await asyncpg.connect(relais.superuser)
    try:
        return tuple(await conn.fetchrow("select * from notifications.delivery_count"))
    finally:
        await conn.close()


async def until_counted(relais: Stack, expected: tuple[int, ...]) -> None:
    async with asyncio.timeout(90):
        while await counted(relais) != expected:
            await asyncio.sleep(0.1)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_killed_under_load_it_delivers_everything_in_order(relais: Stack) -> None:
    flaky = 0

    def answer(received: Received) -> web.Response:
        nonlocal flaky
        flaky += 1
        return web.Response(status=500 if flaky % 7 == 0 else 204)

    cases = [str(uuid4()) for _ in range(150)]
    async with a_receiver(answer) as partner, a_receiver() as operator, writer(relais) as write:
        secret = await an_endpoint(relais, "partner", PARTNER, partner)
        await an_endpoint(relais, "operator", OPERATOR, operator)

        async def write_all() -> None:
            for case in cases:
                await write(f"chain/{case}", a_chain(case))

        writing = asyncio.create_task(write_all())
        for number in (40, 160):
            await partner.until(lambda number=number: len(partner.received) >= number)  # type: ignore[misc]
            await relais.worker("notifications").kill()
        await writing
        await until_counted(relais, (900, 900, 0, 0))
    for receiver in (partner, operator):
        firsts: dict[str, list[str]] = defaultdict(list)
        for received in receiver.received:
            event = from_json(received.body)
            assert event.subject
            if event.id not in firsts[event.subject]:
                firsts[event.subject].append(event.id)
        assert dict(firsts) == {case: [f"chain/{case}/{n}" for n in (1, 2, 3)] for case in cases}
        ids = {from_json(received.body).id: received.id for received in receiver.received}
        assert len(ids) == len({received.id for received in receiver.received}) == 450
    Webhook(secret).verify(partner.received[-1].body, partner.received[-1].headers)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_the_door_tells_the_news_and_a_stop_is_graceful(relais: Stack) -> None:
    case = str(uuid4())
    headers = {"authorization": f"Bearer {relais.keys.token('partner', PARTNER)}"}
    url = relais.url("notifications")
    async with writer(relais) as write, httpx.AsyncClient(base_url=url, headers=headers, timeout=40) as partner:
        await write(f"partner/{PARTNER}", [a_partner()])
        waiting = asyncio.create_task(partner.get("/v1/feed", params={"wait": 30}))
        await write(f"chain/{case}", a_chain(case))
        answer = (await waiting).json()
        seen = [event["id"] for event in answer["events"]]
        while len(seen) < 3:
            more = (await partner.get("/v1/feed", params={"after": answer["cursor"], "wait": 30})).json()
            answer, seen = more, seen + [event["id"] for event in more["events"]]
        assert seen == [f"chain/{case}/{n}" for n in (1, 2, 3)]
        waiting = asyncio.create_task(partner.get("/v1/feed", params={"after": answer["cursor"], "wait": 60}))
        await asyncio.sleep(0.2)
        assert await relais.worker("notifications").stop() == 0
        assert (await waiting).json()["events"] == []
