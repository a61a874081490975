"""The feed: one's own events, each once, nothing skipped, whatever else is being written meanwhile."""

import asyncio
from uuid import uuid4

import pytest

from builders import CASE, MACON, OPERATOR, OTHER_OPERATOR, OTHER_PARTNER, PARTNER, a_handoff
from notifications.doors import Doors
from notifications.world import World
from relais_contracts.cases import CaseTransferred
from relais_contracts.codec import from_json
from relais_contracts.handoffs import HandoffAccepted, HandoffNoted
from relais_notifications.feed_store import Cursor, Page

LYON = "69123"


def ids(page: Page) -> list[str]:
    return [from_json(event).id for event in page.events]


async def test_each_reads_its_own(world: World) -> None:
    other = str(uuid4())
    await world.hear(a_handoff(), a_handoff(HandoffNoted, state="active"))
    await world.hear(a_handoff(case=other, partner=OTHER_PARTNER, operator=OTHER_OPERATOR, commune=LYON), case=other)
    mine = [f"chain/{CASE}/1", f"chain/{CASE}/2"]
    assert ids(await world.feed("partner", PARTNER)) == mine
    assert ids(await world.feed("operator", OPERATOR)) == mine
    assert ids(await world.feed("partner", OTHER_PARTNER)) == [f"chain/{other}/1"]
    assert ids(await world.feed("operator", OTHER_OPERATOR)) == [f"chain/{other}/1"]
    assert ids(await world.feed("partner", OPERATOR)) == []


@pytest.mark.parametrize("territory", [f"commune:{MACON}", "departement:71", "region:27", "country:FR"])
async def test_coordinators_read_their_territory(world: World, territory: str) -> None:
    other = str(uuid4())
    await world.hear(a_handoff(case=other, commune=LYON), case=other)
    await world.hear(a_handoff())
    theirs = [f"chain/{other}/1"] if territory == "country:FR" else []
    assert ids(await world.feed("coordinator", territories=[territory])) == [*theirs, f"chain/{CASE}/1"]
    assert ids(await world.feed("coordinator", territories=["departement:13"])) == []
    assert ids(await world.feed("coordinator", territories=[])) == []


async def test_the_cursor_of_an_answer_continues_it(world: World) -> None:
    for _ in range(5):
        await world.hear(a_handoff(HandoffNoted, state="active"), a_handoff(HandoffNoted, state="active"))
    seen: list[str] = []
    cursor = Cursor()
    while (page := await world.feed("partner", PARTNER, after=cursor, limit=3)).events:
        seen += ids(page)
        cursor = page.cursor
    assert seen == [f"chain/{CASE}/{n}" for n in range(1, 11)]
    assert (await world.feed("partner", PARTNER, after=cursor)).cursor == cursor


async def test_a_coordinator_s_cursor_moves_past_what_is_not_theirs(world: World) -> None:
    await world.hear(a_handoff())
    page = await world.feed("coordinator", territories=["departement:13"])
    assert page.events == ()
    assert page.cursor != Cursor()
    await world.hear(a_handoff(HandoffAccepted))
    page = await world.feed("coordinator", territories=["departement:71"], after=page.cursor)
    assert ids(page) == [f"chain/{CASE}/2"]


async def test_a_slow_transaction_makes_nobody_skip_its_events(world: World) -> None:
    """What a slow transaction writes has smaller numbers than what was read meanwhile."""
    slow, quick = str(uuid4()), str(uuid4())
    held, seen = asyncio.Event(), list[str]()
    slow_command = world.command(a_handoff(case=slow), case=slow)

    async def read(cursor: Cursor) -> Cursor:
        page = await world.feed("partner", PARTNER, after=cursor)
        seen.extend(ids(page))
        return page.cursor

    async with world.held_open(slow_command, until=held) as committed:
        await world.hear(a_handoff(case=quick), case=quick)
        cursor = await read(Cursor())
        held.set()
        await committed
    cursor = await read(cursor)
    assert sorted(seen) == sorted([f"chain/{slow}/1", f"chain/{quick}/1"])
    assert await read(cursor) == cursor


async def test_many_writers_and_a_reader_that_follows_them(world: World) -> None:
    cases = [str(uuid4()) for _ in range(60)]
    seen: list[str] = []

    async def write(mine: list[str]) -> None:
        for case in mine:
            await world.hear(a_handoff(case=case), a_handoff(HandoffAccepted, case=case), case=case)

    async def follow() -> None:
        cursor = Cursor()
        while len(seen) < 120:
            page = await world.feed("operator", OPERATOR, after=cursor, limit=7)
            seen.extend(ids(page))
            cursor = page.cursor

    async with asyncio.timeout(60):
        await asyncio.gather(*(write(cases[n::6]) for n in range(6)), follow())
    assert sorted(seen) == sorted(f"chain/{case}/{n}" for case in cases for n in (1, 2))
    for case in cases:
        assert seen.index(f"chain/{case}/1") < seen.index(f"chain/{case}/2")


async def test_a_transferred_case_s_news_go_to_the_new_operator(world: World) -> None:
    await world.hear(a_handoff())
    await world.hear(CaseTransferred(operator=OPERATOR, to=OTHER_OPERATOR))
    await world.hear(a_handoff(HandoffAccepted))
    assert ids(await world.feed("operator", OPERATOR)) == [f"chain/{CASE}/1", f"case/{CASE}/1"]
    assert ids(await world.feed("operator", OTHER_OPERATOR)) == [f"case/{CASE}/1", f"chain/{CASE}/2"]


# Over HTTP


async def test_the_feed_gives_events_and_a_cursor(doors: Doors) -> None:
    await doors.world.hear(a_handoff())
    async with doors.of("partner", PARTNER) as partner:
        first = (await partner.get("/v1/feed")).json()
        assert [event["type"] for event in first["events"]] == ["org.relais.handoff.proposed.v1"]
        assert first["events"][0]["data"]["partner"] == PARTNER
        second = (await partner.get("/v1/feed", params={"after": first["cursor"]})).json()
        assert second == {"events": [], "cursor": first["cursor"]}


async def test_a_waiting_reader_is_woken_by_news(doors: Doors) -> None:
    async with doors.of("partner", PARTNER) as partner:
        waiting = asyncio.create_task(partner.get("/v1/feed", params={"wait": 60}))
        while not doors.world.wakes.waiting:
            await asyncio.sleep(0.005)
        await doors.world.hear(a_handoff())
        answer = (await waiting).json()
    assert [event["id"] for event in answer["events"]] == [f"chain/{CASE}/1"]


async def test_a_wait_without_news_ends_with_the_same_cursor(doors: Doors) -> None:
    async with doors.of("coordinator", "region", "departement:71") as coordinator:
        answer = (await coordinator.get("/v1/feed", params={"wait": 0.05})).json()
    assert answer["events"] == []
    assert answer["cursor"]


@pytest.mark.parametrize("cursor", ["x", "%%%", "MQ", "LTEuMQ", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTkuMQ", "é"])
async def test_a_made_up_cursor_is_refused(doors: Doors, cursor: str) -> None:
    async with doors.of("partner", PARTNER) as partner:
        answer = await partner.get("/v1/feed", params={"after": cursor})
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("not-a-cursor")


@pytest.mark.parametrize("role", ["admin", "directory"])
async def test_other_roles_have_no_feed(doors: Doors, role: str) -> None:
    async with doors.of(role, "somebody") as client:
        answer = await client.get("/v1/feed")
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:relais:problem:wrong-role")


async def test_nobody_reads_without_a_token(doors: Doors) -> None:
    async with doors.client() as nobody:
        assert (await nobody.get("/v1/feed")).status_code == 401


@pytest.mark.parametrize("given", [{"wait": "nan"}, {"wait": "-1"}, {"wait": "61"}, {"limit": "0"}, {"limit": "1001"}])
async def test_waits_and_limits_have_bounds(doors: Doors, given: dict[str, str]) -> None:
    async with doors.of("partner", PARTNER) as partner:
        assert (await partner.get("/v1/feed", params=given)).status_code == 422


async def test_the_hundredth_transaction_comes_after_the_ninety_ninth(world: World) -> None:
    """The order is that of numbers, not of their digits."""
    for transaction in ("100", "9", "10", "99"):
        async with world.database.transaction() as conn:
            await conn.execute(
                "insert into feed (txid, event_id, type, case_id, partner, event)"
                " values ($1::text::xid8, $1, 't', $1, $2, '{}')",
                transaction,
                PARTNER,
            )
    seen, cursor = [], Cursor()
    while (page := await world.feed("partner", PARTNER, after=cursor, limit=1)).events:
        cursor = page.cursor
        seen.append(cursor.txid)
    assert seen == [9, 10, 99, 100]
