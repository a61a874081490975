"""The live board: a snapshot, then every change after it, whatever order transactions commit in."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from builders import CASE, MONDAY, OPERATOR, OTHER_CASE, OTHER_OPERATOR, a_case, a_handoff, days
from notifications.board_facts import BoardStore, a_board, moved
from relais_chassis.postgres import Database
from relais_contracts import handoffs as h
from relais_contracts.cases import CaseTransferred
from relais_notifications.board import changes, store
from relais_notifications.board.live import WAITING_MOST, Live
from relais_notifications.board.positions import Position, position
from relais_notifications.board.present import message
from relais_notifications.board.streaming import stream
from relais_notifications.board.views import View, view

NOW = MONDAY + days(1)
NO_SNAPSHOTS = [
    "5:3:",
    "0:3:",
    "1000000:1000005:1000003,1000002",
    "1000000:1000005:999999",
    "1000000:1000005:1000005",
    "9999999999999999999:9999999999999999999:",
    "99999999999999999999:99999999999999999999:",
    "١٠:١٥:",
    "10:15:\n",
]
COORDINATOR = view("coordinator", "dreets", ["departement:71"], {})


@dataclass
class Told:
    """One message of a stream."""

    event: str
    data: Any
    id: str | None


class Browser:
    """Reads one board's stream as an EventSource would."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks

    async def next(self, event: str) -> Told:
        """The next message of a kind; others are passed over."""
        async for chunk in self._chunks:
            fields = dict(line.split(": ", 1) for line in chunk.decode().strip().split("\n") if ": " in line[1:])
            if fields.get("event") == event:
                return Told(event, json.loads(fields["data"]), fields.get("id"))
        raise AssertionError(f"the stream ended without {event}")


@dataclass
class World:
    """A board, and the live part that follows it."""

    board: BoardStore
    live: Live

    @asynccontextmanager
    async def browser(self, seen: View = COORDINATOR, name: str = "open", last: str | None = None) -> Any:
        """An open board."""
        chunks = stream(self.live, self.board.database, lambda: NOW, seen, name, last)
        yield Browser(chunks)
        await chunks.aclose()  # type: ignore[attr-defined]


@pytest.fixture
async def world(postgres: str) -> AsyncIterator[World]:
    async with a_board(postgres) as board:
        live = Live(board.database, lambda: NOW, every=0.02)
        running = asyncio.create_task(live.run())
        yield World(board, live)
        live.stop()
        await running


async def test_a_board_opens_with_what_is_there_and_hears_what_comes(world: World) -> None:
    await world.board.hear(*a_case(), a_handoff())
    async with world.browser() as browser:
        first = await browser.next("snapshot")
        assert first.data["counts"]["awaiting-answer"] == 1
        assert [item["state"] for item in first.data["items"]] == ["proposed"]
        assert first.data["position"] == first.id
        await world.board.hear(moved(h.HandoffAccepted, "accepted"))
        told = await browser.next("changes")
        assert [(item["state"], item["list"]) for item in told.data["items"]] == [("accepted", "to-schedule")]
        counted = await browser.next("counts")
        assert (counted.data["counts"]["awaiting-answer"], counted.data["counts"]["to-schedule"]) == (0, 1)


async def test_a_slow_transaction_that_commits_late_is_not_missed(world: World) -> None:
    """A cursor "greater than the last" would step over it: its numbers are smaller than those already told."""
    database, history = world.board.database, world.board.history
    late = history.fact(a_handoff())
    async with database.connection() as slow:
        transaction = slow.transaction()
        await transaction.start()
        await store.keep(slow, [late])
        async with world.browser() as browser:
            first = await browser.next("snapshot")
            assert first.data["items"] == []
            await world.board.hear(a_handoff(case=OTHER_CASE), case=OTHER_CASE)
            quick = await browser.next("changes")
            assert [item["case"] for item in quick.data["items"]] == [OTHER_CASE] * 2
            await transaction.commit()
            told = await browser.next("changes")
            assert {item["case"] for item in told.data["items"]} == {CASE}


async def test_what_the_snapshot_shows_is_not_told_again(world: World) -> None:
    async with world.browser() as watching:
        await watching.next("snapshot")
        await world.board.hear(a_handoff())
        async with world.browser() as browser:
            first = await browser.next("snapshot")
            assert len(first.data["items"]) == 1
            await world.board.hear(a_handoff(step="other"))
            told = await browser.next("changes")
            assert {item["step"] for item in told.data["items"]} == {"other"}


async def test_what_happens_while_a_board_opens_is_told_unless_it_is_shown(world: World) -> None:
    board = await world.live.enter(COORDINATOR)
    await world.board.hear(a_handoff())
    async with changes.snapshot(world.board.database) as (_, here):
        await world.board.hear(a_handoff(case=OTHER_CASE), case=OTHER_CASE)
        while OTHER_CASE not in {change.row.get("case") for found, _ in board.early for change in found}:
            await asyncio.sleep(0.01)
    assert board.waiting.empty()
    board.shown(here)
    told = board.waiting.get_nowait()
    assert told is not None
    assert OTHER_CASE.encode() in told.body
    assert CASE.encode() not in told.body
    assert board.waiting.empty()
    world.live.leave(board)


async def test_a_browser_that_returns_hears_what_it_missed(world: World) -> None:
    async with world.browser() as browser:
        left_at = (await browser.next("snapshot")).id
    await world.board.hear(a_handoff())
    async with world.browser(last=left_at) as browser:
        told = await browser.next("changes")
        assert {item["step"] for item in told.data["items"]} == {"digital"}
        assert (await browser.next("counts")).data["counts"]["awaiting-answer"] == 1
        await world.board.hear(moved(h.HandoffAccepted, "accepted"))
        await browser.next("changes")
        counted = await browser.next("counts")
        assert (counted.data["counts"]["awaiting-answer"], counted.data["counts"]["to-schedule"]) == (0, 1)


async def test_a_position_too_old_or_never_given_gets_a_snapshot(world: World) -> None:
    await world.board.hear(a_handoff())
    async with changes.snapshot(world.board.database) as (_, here):
        old = here.text
    await world.board.hear(moved(h.HandoffAccepted, "accepted"))
    async with world.board.database.connection() as conn:
        await conn.execute("update board_change set at = at - interval '1 day'")
        moment = await conn.fetchval("select now() - interval '1 hour'")
    await changes.forget(world.board.database, moment)
    for last in (old, "tomorrow", "1:2:3;drop table board_item", *NO_SNAPSHOTS):
        async with world.browser(last=last) as browser:
            first = await browser.next("snapshot")
            assert [item["state"] for item in first.data["items"]] == ["accepted"]


async def test_a_flood_is_told_as_one_word_and_nothing_after_it_is_missed(world: World) -> None:
    async with world.browser() as browser:
        await browser.next("snapshot")
        await world.board.hear(*(a_handoff(step=f"step-{number}") for number in range(changes.TOO_MANY // 2 + 1)))
        await browser.next("stale")
        await world.board.hear(a_handoff(case=OTHER_CASE), case=OTHER_CASE)
        told = await browser.next("changes")
        assert {item["case"] for item in told.data["items"]} == {OTHER_CASE}


async def test_boards_hear_only_what_their_rights_show(world: World) -> None:
    elsewhere = view("coordinator", "dreets", ["departement:69"], {})
    async with world.browser(elsewhere) as browser, world.browser() as mine:
        await browser.next("snapshot")
        await mine.next("snapshot")
        await world.board.hear(a_handoff())
        await mine.next("changes")
        await world.board.hear(a_handoff(case=OTHER_CASE, commune="69123"), case=OTHER_CASE)
        told = await browser.next("changes")
        assert {item["case"] for item in told.data["items"]} == {OTHER_CASE}


async def test_a_transferred_case_leaves_the_old_operators_board(world: World) -> None:
    await world.board.hear(*a_case(), a_handoff())
    async with world.browser(view("operator", OPERATOR, [], {})) as browser:
        first = await browser.next("snapshot")
        await world.board.hear(CaseTransferred(operator=OPERATOR, to=OTHER_OPERATOR))
        told = await browser.next("changes")
        assert first.data["items"][0]["id"] in told.data["gone"]


async def test_a_board_that_cannot_keep_up_is_let_go(world: World) -> None:
    board = await world.live.enter(COORDINATOR)
    for number in range(WAITING_MOST + 1):
        board.send(message("counts", {"counts": {"overdue": number}}))
    assert [board.waiting.get_nowait() for _ in range(board.waiting.qsize())] == [None]
    world.live.leave(board)
    assert world.live.number == 0


async def test_a_browser_that_leaves_before_its_board_is_there_is_forgotten(postgres: str) -> None:
    async with a_board(postgres), Database(postgres, "notifications", max_size=1) as database:
        live = Live(database, lambda: NOW)
        async with database.connection():  # the only one: whoever enters waits
            entering = asyncio.create_task(live.enter(COORDINATOR))
            while not live.number:
                await asyncio.sleep(0)
            entering.cancel()
            with pytest.raises(asyncio.CancelledError):
                await entering
        assert live.number == 0


def test_a_position_knows_what_it_has_seen() -> None:
    here = position("10:15:12,14")
    assert [here.has_seen(txid) for txid in (9, 10, 12, 13, 14, 15)] == [True, True, False, True, False, False]
    assert position("10:10:") == Position("10:10:", 10, 10, frozenset())


@pytest.mark.parametrize("text", ["10:15", "", *NO_SNAPSHOTS])
def test_what_postgresql_would_not_take_is_no_position(text: str) -> None:
    with pytest.raises(ValueError, match=r"position|snapshot"):
        position(text)
