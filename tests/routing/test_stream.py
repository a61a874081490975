"""Routing as it runs: events of the other services in, hand-offs out, on the real broker and database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from builders import a_case, a_partner, an_offer, requested
from relais_chassis.dead_letters import list_letters
from relais_chassis.migrations import migrate
from relais_chassis.postgres import Database
from relais_chassis.run import Process
from relais_contracts.catalogue import parse
from relais_contracts.envelope import CloudEvent, Payload
from relais_contracts.handoffs import HandoffAccepted, HandoffLapsed, HandoffProposed
from relais_contracts.topics import HANDOFFS
from relais_routing.app import build
from relais_routing.chain.policy import PACKAGED
from relais_routing.settings import Settings
from routers import record, stream_of
from servers import Servers
from streams import Streams, streams_on


class Running:
    """Routing workers on topics of their own."""

    def __init__(self, settings: Settings, streams: Streams) -> None:
        self.settings, self.streams, self._sequences = settings, streams, dict[str, int]()

    def record(self, payload: Payload, case: str = "", data: bytes | None = None) -> Any:
        stream = stream_of(payload, case)
        self._sequences[stream] = self._sequences.get(stream, 0) + 1
        return record(payload, stream, self._sequences[stream], self.settings.topic_prefix, data)

    async def tell(self, *payloads: Payload, case: str = "") -> None:
        await self.streams.publish([self.record(payload, case) for payload in payloads])

    async def proposals(self, *cases: str) -> dict[str, HandoffProposed]:
        """The first proposal of each case, once they are all there."""
        await self.streams.until(lambda seen: set(cases) <= {e.subject for e in seen if _is(e, HandoffProposed)})
        found = [event for event in self.streams.seen if _is(event, HandoffProposed)]
        return {str(event.subject): parse(event) for event in reversed(found)}  # type: ignore[misc]


def _is(event: CloudEvent, model: type[Payload]) -> bool:
    return event.type == model.TYPE


@asynccontextmanager
async def worker(settings: Settings) -> AsyncIterator[Process]:
    """One worker, stopped with grace at the end."""
    process = Process("routing", settings.stop_within)
    working = asyncio.create_task(process.work(lambda process: build(process, settings)))
    try:
        yield process
    finally:
        process.stopping.set()
        assert await working == 0


@pytest.fixture(params=["faust", "plain"])
async def running(
    request: pytest.FixtureRequest,
    stack: Servers,
    postgres: str,
    topic_prefix: str,
    topics: Callable[..., Awaitable[list[str]]],
    tmp_path: Path,
) -> AsyncIterator[Running]:
    """Topics, schema and settings; no worker yet."""
    await topics(topic_prefix)
    await migrate(postgres, "routing", "relais_routing")
    keys = tmp_path / "jwks.json"
    keys.write_text('{"keys": []}')
    settings = Settings(
        kafka=stack.kafka, postgres=postgres, topic_prefix=topic_prefix, jwks=str(keys), reader=request.param
    )
    async with streams_on(stack.kafka, [topic_prefix + HANDOFFS.name]) as streams:
        yield Running(settings, streams)


async def test_events_in_hand_offs_out(running: Running) -> None:
    case = str(uuid4())
    async with worker(running.settings):
        await running.tell(a_partner(), an_offer())
        await running.tell(*a_case(), case=case)
        proposed = (await running.proposals(case))[case]
        await running.tell(requested("accept", handoff=proposed.handoff), case=case)
        seen = await running.streams.until(lambda seen: any(_is(event, HandoffAccepted) for event in seen))
    chain = [event for event in seen if event.subject == case]
    assert [event.id for event in chain] == [f"chain/{case}/{version}" for version in range(1, len(chain) + 1)]
    accepted = next(event for event in chain if _is(event, HandoffAccepted))
    assert accepted.causationid == f"actions/{case}/1"
    committed = [event for event in seen if event.type == "org.relais.draw.committed.v1"]
    assert proposed.commitment in [parse(event).commitment for event in committed]  # type: ignore[attr-defined]


async def test_a_poisoned_record_on_each_topic_stops_nobody_else(running: Running, postgres: str) -> None:
    good, bad, acting = str(uuid4()), str(uuid4()), str(uuid4())
    async with worker(running.settings):
        await running.tell(a_partner(), an_offer())
        await running.tell(*a_case(), case=acting)
        await running.proposals(acting)
        poison = b'{"commune": 1}'
        await running.streams.publish(
            [
                running.record(a_case()[0], bad, poison),
                running.record(requested("accept"), acting, b"not json"),
                running.record(an_offer(offer="greta-71.broken"), "", b"{}"),
            ]
        )
        await running.tell(*a_case()[1:], case=bad)
        await running.tell(*a_case(), case=good)
        assert (await running.proposals(good))[good].offer
    async with Database(postgres, "routing") as database, database.connection() as conn:
        letters = await list_letters(conn)
        parked = {row["stream"] for row in await conn.fetch("select stream from mark where parked")}
    assert {letter.record.topic.removeprefix(running.settings.topic_prefix) for letter in letters} == {
        "relais.cases",
        "relais.actions",
        "relais.directory",
    }
    assert parked == {f"case/{bad}", f"actions/{acting}", "offer/greta-71.broken"}


async def test_an_outage_lapses_nobody_who_answered_in_time(running: Running, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(PACKAGED.read_text().replace("day_seconds = 86400", "day_seconds = 0.5"))
    settings = running.settings.model_copy(update={"policy": policy})
    answered, silent = str(uuid4()), str(uuid4())
    async with worker(settings):
        await running.tell(a_partner(), an_offer())
        await running.tell(*a_case(), case=answered)
        await running.tell(*a_case(), case=silent)
        handoff = (await running.proposals(answered, silent))[answered].handoff
    await running.tell(requested("accept", handoff=handoff), case=answered)
    await asyncio.sleep(4)
    async with worker(settings):
        await running.streams.until(lambda seen: any(_is(e, HandoffLapsed) and e.subject == silent for e in seen))
    chain = [event.type for event in running.streams.seen if event.subject == answered]
    assert HandoffAccepted.TYPE in chain
    assert HandoffLapsed.TYPE not in chain


async def test_two_workers_share_the_cases_and_a_stopped_one_loses_none(running: Running) -> None:
    cases = [str(uuid4()) for _ in range(60)]
    async with AsyncExitStack() as workers:
        first = worker(running.settings)
        await first.__aenter__()
        await workers.enter_async_context(worker(running.settings))
        await running.tell(a_partner(), an_offer())
        for case in cases[:30]:
            await running.tell(*a_case(), case=case)
        await first.__aexit__(None, None, None)
        for case in cases[30:]:
            await running.tell(*a_case(), case=case)
        await running.proposals(*cases)
    proposals = [event.subject for event in running.streams.seen if _is(event, HandoffProposed)]
    assert sorted(map(str, proposals)) == sorted(cases)
