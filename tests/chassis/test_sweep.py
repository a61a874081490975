"""Sweeps: they ask, the state answers; more than one batch is done at once, faults do not stop them."""

import asyncio
from datetime import datetime

from chassis.toy import NOON, World, say
from relais_chassis.commands import Command
from relais_chassis.postgres import Connection
from relais_chassis.sweep import Sweep


class Due:
    """Streams that are due; asking with a time tells which."""

    def __init__(self, *words: str) -> None:
        self.words, self.asked = list(words), list[tuple[datetime, int]]()

    async def __call__(self, conn: Connection, now: datetime, limit: int) -> list[Command]:
        assert await conn.fetchval("select 1") == 1
        self.asked.append((now, limit))
        taken, self.words = self.words[:limit], self.words[limit:]
        return [say(f"chain/{index}", word) for index, word in enumerate(taken)]


async def test_what_is_due_is_asked_for_at_the_time_given(world: World) -> None:
    due = Due("a", "no")
    sweep = Sweep("clocks", 60, due, world.transactor, lambda: NOON)
    assert await sweep.once() is False
    assert due.asked == [(NOON, 500)]
    assert await world.said("chain/0") == ["a"]


async def test_a_full_batch_is_followed_by_the_next_at_once(world: World) -> None:
    sweep = Sweep("clocks", 60, Due("a", "b", "c"), world.transactor, lambda: NOON, limit=2)
    assert await sweep.once() is True
    assert await sweep.once() is False
    assert await world.said("chain/0") == ["a", "c"]


async def test_a_full_batch_that_moves_nothing_is_not_repeated_at_once(world: World) -> None:
    for words in (["no", "nothing"], ["crash", "crash"]):
        assert await Sweep("clocks", 60, Due(*words), world.transactor, lambda: NOON, limit=2).once() is False


async def test_it_runs_until_it_is_stopped(world: World) -> None:
    due = Due("a")
    sweep = Sweep("clocks", 0.01, due, world.transactor, lambda: NOON)
    running = asyncio.create_task(sweep.run())
    while len(due.asked) < 3:
        await asyncio.sleep(0.005)
    sweep.stop()
    await asyncio.wait_for(running, 5)
    assert await world.said("chain/0") == ["a"]
