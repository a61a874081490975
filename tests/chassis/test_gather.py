"""Requests that arrive together share a transaction; nobody waits for ever, and a stop loses nothing accepted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from chassis.toy import World, say
from relais_chassis.commands import Accepted, Failed, Rejected
from relais_chassis.gather import Gather, Unavailable
from relais_chassis.postgres import Connection


@asynccontextmanager
async def running(gather: Gather) -> AsyncIterator[Gather]:
    task = asyncio.create_task(gather.run())
    yield gather
    gather.stop()
    await asyncio.wait_for(task, 10)


async def test_those_that_arrive_together_share_one_transaction(world: World) -> None:
    async with running(Gather(world.transactor)) as gather:
        answers = await asyncio.gather(*(gather.submit(say("chain/1", f"w{i}", f"m{i}")) for i in range(50)))
    assert {type(answer) for answer in answers} == {Accepted}
    assert world.model.closed == [50]
    assert await world.said("chain/1") == [f"w{i}" for i in range(50)]


async def test_while_one_batch_is_stored_the_next_collects(world: World) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    async def hold(conn: Connection) -> None:
        started.set()
        await go_on.wait()

    world.model.before_closing = hold
    async with running(Gather(world.transactor)) as gather:
        first = asyncio.create_task(gather.submit(say("chain/1", "a")))
        await started.wait()
        others = [asyncio.create_task(gather.submit(say("chain/1", "b"))) for _ in range(10)]
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(first, *others)
    assert world.model.closed == [1, 10]


async def test_each_gets_its_own_answer(world: World) -> None:
    async with running(Gather(world.transactor)) as gather:
        answers = await asyncio.gather(*(gather.submit(say("chain/1", word)) for word in ("a", "no", "crash", "b")))
    assert [type(answer) for answer in answers] == [Accepted, Rejected, Failed, Accepted]


async def test_a_group_is_answered_in_its_order(world: World) -> None:
    async with running(Gather(world.transactor, max_batch=2)) as gather:
        answers = await gather.submit_all([say("chain/1", word) for word in ("a", "no", "b")])
    assert [type(answer) for answer in answers] == [Accepted, Rejected, Accepted]


async def test_nobody_waits_longer_than_patience_and_a_repetition_tells(world: World) -> None:
    go_on = asyncio.Event()

    async def hold(conn: Connection) -> None:
        await go_on.wait()

    world.model.before_closing = hold
    async with running(Gather(world.transactor, patience=0.05)) as gather:
        with pytest.raises(Unavailable):
            await gather.submit(say("chain/1", "a", "m1"))
        with pytest.raises(Unavailable):
            await gather.submit(say("chain/1", "b", "m2"))
        world.model.before_closing = None
        go_on.set()
    assert await world.said("chain/1") == ["a"]


async def test_a_full_queue_refuses_at_once(world: World) -> None:
    gather = Gather(world.transactor, max_queue=2, patience=0.01)
    waiting = [asyncio.create_task(gather.submit(say("chain/1", "a"))) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="too much"):
        await gather.submit(say("chain/1", "b"))
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unavailable}


async def test_a_stop_stores_what_is_queued_and_takes_nothing_more(world: World) -> None:
    gather = Gather(world.transactor)
    queued = [asyncio.create_task(gather.submit(say("chain/1", "a"))) for _ in range(3)]
    await asyncio.sleep(0)
    gather.stop()
    await gather.run()
    assert {type(answer) for answer in await asyncio.gather(*queued)} == {Accepted}
    with pytest.raises(Unavailable):
        await gather.submit(say("chain/1", "b"))


async def test_a_fault_of_the_installation_reaches_those_who_wait_and_the_process(world: World) -> None:
    async def forget(conn: Connection) -> None:
        await conn.execute("select * from forgotten_migration")

    world.model.before_closing = forget
    gather = Gather(world.transactor)
    waiting = asyncio.create_task(gather.submit(say("chain/1", "a")))
    outcomes = await asyncio.gather(gather.run(), waiting, return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes] == ["UndefinedTableError"] * 2
