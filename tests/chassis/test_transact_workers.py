"""Several workers at once: versions follow one another in the log's order of reading, rooms never run over."""

import asyncio
from collections.abc import Sequence

from chassis.toy import NOON, Take, World, say
from relais_chassis.commands import Answer, Command, Repeated, Reused
from relais_chassis.decider import Shortage
from relais_chassis.outbox import START, Cursor, LogOutbox
from relais_chassis.postgres import Connection
from relais_chassis.transact import Transactor

STREAMS, ROUNDS, WORKERS = 20, 25, 4


async def _rooms(world: World, **free: int) -> None:
    async with world.database.connection() as conn:
        await conn.executemany("insert into room values ($1, $2)", list(free.items()))


def _take(room: str, stream: str) -> Command:
    return Command(stream, Take(room), None, NOON)


def _kinds(answers: Sequence[Answer]) -> list[str]:
    return [type(answer).__name__ for answer in answers]


async def test_a_reader_of_the_log_never_meets_version_2_before_version_1(world: World) -> None:
    """Four workers write the same streams, in opposite orders, while a reader follows the log."""
    seen: dict[str, list[int]] = {}
    place = START

    async def follow(conn: Connection) -> int:
        nonlocal place
        chunk = await LogOutbox(world.log).read(conn, place, 100, NOON)
        for message in chunk.messages:
            stream, _, version = dict(message.headers)["ce_id"].decode().rpartition("/")
            seen.setdefault(stream, []).append(int(version))
        place = Cursor(*chunk.end)
        return chunk.rows

    async def write(worker: int) -> None:
        streams = [f"chain/{i}" for i in range(STREAMS)][:: 1 if worker % 2 else -1]
        for _ in range(ROUNDS):
            await world.transactor.transact([say(stream, "a") for stream in streams])

    async with world.database.connection() as conn, asyncio.TaskGroup() as group:
        writers = [group.create_task(write(worker)) for worker in range(WORKERS)]
        while not all(writer.done() for writer in writers):
            await follow(conn)
            await asyncio.sleep(0)
        while await follow(conn):
            continue
    assert seen == {f"chain/{i}": list(range(1, ROUNDS * WORKERS + 1)) for i in range(STREAMS)}


async def test_an_event_of_a_slow_transaction_is_not_skipped(world: World) -> None:
    """Its position is smaller and it commits later: `position > last` would lose it."""
    holds, go_on = asyncio.Event(), asyncio.Event()

    async def slow(conn: Connection) -> None:
        await conn.execute("select pg_current_xact_id()")
        holds.set()
        await go_on.wait()

    outbox = LogOutbox(world.log)
    world.model.before_closing = slow
    first = asyncio.create_task(world.transactor.transact([say("chain/slow", "a")]))
    await holds.wait()
    world.model.before_closing = None
    await world.transactor.transact([say("chain/fast", "a")])
    async with world.database.connection() as conn:
        assert (await outbox.read(conn, START, 10, NOON)).rows == 0
        go_on.set()
        await first
        chunk = await outbox.read(conn, START, 10, NOON)
    assert {message.key for message in chunk.messages} == {b"chain/slow", b"chain/fast"}


async def test_an_aborted_transaction_leaves_no_gap(world: World) -> None:
    await world.transactor.transact([say("chain/1", "a"), say("chain/1", "crash"), say("chain/1", "b")])
    async with world.database.connection() as conn:
        chunk = await LogOutbox(world.log).read(conn, START, 10, NOON)
    assert [dict(message.headers)["ce_sequence"] for message in chunk.messages] == [b"1", b"2"]


async def test_two_workers_that_get_the_same_message_store_it_once(world: World) -> None:
    async def send(stream: str, digest: bytes) -> Answer:
        return (await world.transactor.transact([say(stream, "a", "m1", digest)]))[0]

    same = await asyncio.gather(*(send("chain/1", b"1") for _ in range(6)))
    assert sorted(_kinds(same)) == ["Accepted", *["Repeated"] * 5]
    other = await asyncio.gather(send("chain/8", b"1"), send("chain/9", b"2"))
    assert {type(answer) for answer in other} == {Reused, Repeated}


async def test_the_same_id_on_two_streams_at_once_is_stored_once(world: World) -> None:
    """Their locks differ, so only the inbox's key stands between them."""
    both = asyncio.Barrier(2)

    async def meet(conn: Connection) -> None:
        world.model.before_closing = meet_once if both.n_waiting else meet
        await both.wait()

    async def meet_once(conn: Connection) -> None:
        world.model.before_closing = None
        await both.wait()

    world.model.before_closing = meet
    answers = await asyncio.gather(
        world.transactor.transact([say("chain/1", "a", "m1", b"1")]),
        world.transactor.transact([say("chain/2", "b", "m1", b"2")]),
    )
    assert sorted(_kinds([answer for (answer,) in answers])) == ["Accepted", "Reused"]


async def test_the_last_place_is_taken_once(world: World) -> None:
    await _rooms(world, attic=3)
    wishes = [[_take("attic", f"chain/{worker}-{i}") for i in range(3)] for worker in range(4)]
    answers = await asyncio.gather(*(world.transactor.transact(batch) for batch in wishes))
    kinds = [kind for batch in answers for kind in _kinds(batch)]
    assert (kinds.count("Accepted"), kinds.count("Rejected")) == (3, 9)
    assert await world.value("select free from room") == 0
    assert await world.value("select count(*) from log") == 3


async def test_a_shortage_rolls_the_batch_back_and_decides_again(world: World) -> None:
    await _rooms(world, attic=1)
    other: Transactor[tuple[str, ...]] = Transactor(world.database, world.log, world.model)
    taken: list[Answer] = []

    async def snatch(conn: Connection) -> None:
        world.model.before_closing = None
        taken.extend(await other.transact([_take("attic", "chain/other")]))

    world.model.before_closing = snatch
    answers = await world.transactor.transact([say("chain/1", "a"), _take("attic", "chain/2"), say("chain/3", "b")])
    assert _kinds(taken) == ["Accepted"]
    assert _kinds(answers) == ["Accepted", "Rejected", "Accepted"]
    assert await world.said("chain/1") == ["a"]
    assert await world.said("chain/2") == []


async def test_after_three_shortages_each_command_has_a_transaction_of_its_own(world: World) -> None:
    async def short_three_times(conn: Connection) -> None:
        if len(world.model.closed) <= 3:
            raise Shortage

    world.model.before_closing = short_three_times
    answers = await world.transactor.transact([say("chain/1", "a"), say("chain/2", "no"), say("chain/3", "b")])
    assert _kinds(answers) == ["Accepted", "Rejected", "Accepted"]
    assert world.model.closed == [2, 2, 2, 1, 0, 1]
