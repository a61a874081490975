"""Intake as a process: what it said yes to is on its topic once, in order, whatever happens to it."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

import builders as a
from intake.doors import sent
from intake.process import Process
from relais_contracts.cases import CasePayload
from relais_contracts.handoffs import HandoffAccepted


def case_of(number: int) -> str:
    return str(UUID(int=number))


def story(number: int) -> list[object]:
    """Six events of one case, with ids that stay the same when they are sent again."""
    events = [event for event in a.a_case() if isinstance(event, CasePayload)]
    return [sent(event, id=f"{number}/{place}", case=case_of(number)) for place, event in enumerate(events)]


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await condition():
            await asyncio.sleep(0.05)


async def test_from_the_door_to_the_topic_and_back(intake: Process) -> None:
    assert await intake.batch([{**each, "subject": a.CASE} for each in story(0) if isinstance(each, dict)]) == [202] * 6

    async def all_there() -> bool:
        return len(await intake.published()) == 6

    await until(all_there)
    events = await intake.published()
    assert [(event.id, event.sequence) for event in events] == [(f"case/{a.CASE}/{n}", n) for n in range(1, 7)]
    assert {(event.source, event.subject) for event in events} == {("/relais/intake", a.CASE)}
    assert [event.causationid for event in events] == [f"0/{n}" for n in range(6)]

    await intake.tell(a.a_handoff(), 1, cause=f"case/{a.CASE}/6")
    await intake.tell(a.a_handoff(HandoffAccepted), 2)
    partner = intake.who("partner", a.PARTNER)

    async def accepted() -> bool:
        seen = await intake.get(f"/v1/handoffs/{a.handoff()}", partner)
        return seen.status_code == 200 and seen.json()["state"] == "accepted"

    await until(accepted)
    traced = (await intake.get(f"/v1/events?source=/{a.OPERATOR}&id=0/5")).json()
    assert traced["published"] is True
    assert [each["event"] for each in traced["routing"]] == [f"chain/{a.CASE}/1"]
    assert await intake.end(signal.SIGTERM) == 0
    requests = [line for line in intake.lines if line["event"] == "requests"]
    assert requests[0]["answers"] == {"accepted": 6}
    batches = [line for line in intake.lines if line["event"] == "batch"]
    assert sum(line["records"] for line in batches) == 2


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_what_was_answered_is_there_once_however_intake_ends(intake: Process, how: signal.Signals) -> None:
    answered: dict[int, list[int]] = {}

    async def send(number: int) -> None:
        answered[number] = await intake.batch(story(number))

    sending = [asyncio.create_task(send(number)) for number in range(1, 61)]
    await until(lambda: _some(answered, 10))
    status = await intake.end(how)
    assert (status == 0) == (how == signal.SIGTERM)
    await asyncio.gather(*sending)
    yes = [number for number, statuses in answered.items() if statuses == [202] * 6]
    assert len(yes) >= 10

    await intake.start()
    for number in range(1, 61):
        statuses = await intake.batch(story(number))
        assert set(statuses) <= {200, 202}, statuses
        if number in yes:
            assert statuses == [200] * 6, "what was answered was stored"

    async def all_there() -> bool:
        return len({event.id for event in await intake.published()}) == 60 * 6

    await until(all_there)
    seen: dict[str, int] = {}
    for event in await intake.published():
        assert event.subject is not None
        last = seen.get(event.subject, 0)
        assert event.sequence is not None
        assert event.sequence <= last + 1, "a hole"
        seen[event.subject] = max(last, event.sequence)
    assert seen == {case_of(number): 6 for number in range(1, 61)}


async def _some(answered: dict[int, list[int]], wanted: int) -> bool:
    return len(answered) >= wanted
