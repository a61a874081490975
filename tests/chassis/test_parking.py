"""Parking: a record that cannot be applied, or comes after a hole, stops its own stream and nobody else's."""

import pytest

from chassis.toy import Say, World, record
from relais_chassis import dead_letters
from relais_chassis.commands import Parked
from relais_chassis.parking import TooManyLetters
from relais_chassis.records import RecordHandler
from relais_chassis.resuming import Resuming
from relais_chassis.transact import Transactor


async def _replay(world: World) -> int:
    """What the command line does, then what the running service does."""
    async with world.database.transaction() as conn:
        for letter in await dead_letters.list_letters(conn):
            await dead_letters.replay(conn, letter.id)
    return await Resuming(world.database, world.handler).once()


async def test_a_hole_parks_only_its_stream_and_later_records_wait(world: World) -> None:
    await world.handler([record("case/1", n) for n in (1, 3, 4)] + [record("case/2", n) for n in (1, 2)])
    await world.handler([record("case/1", 5)])
    assert await world.said("chain/1") == ["hello"]
    assert await world.said("chain/2") == ["hello", "hello"]
    assert await world.mark("case/1") == 1
    assert await world.value("select count(*) from parked where stream = 'case/1'") == 3
    async with world.database.connection() as conn:
        [letter] = await dead_letters.list_letters(conn)
    assert (letter.stream, letter.sequence, letter.waiting) == ("case/1", 3, 3)
    assert letter.reason == "a hole: 2 was expected, 3 came"


async def test_what_was_missing_fills_the_hole_and_the_rest_follows_in_order(world: World) -> None:
    await world.handler([record("case/1", n, f"w{n}") for n in (1, 4, 5)])
    await world.handler([record("case/1", n, f"w{n}") for n in (2, 3)])
    assert await world.said("chain/1") == ["w1", "w2", "w3"]
    assert await Resuming(world.database, world.handler).once() == 2
    await world.handler([record("case/1", 6, "w6")])
    assert await world.said("chain/1") == [f"w{n}" for n in range(1, 7)]
    assert await world.value("select count(*) from parked") == 0
    assert await world.value("select count(*) from dead_letter where state = 'replayed'") == 1


async def test_a_poisonous_record_parks_its_stream_and_its_batch_goes_on(world: World) -> None:
    batch = [record("case/1", 1, "a"), record("case/2", 1, "b"), record("case/1", 2, "crash")]
    await world.handler([*batch, record("case/1", 3, "c"), record("case/2", 2, "d")])
    assert await world.said("chain/1") == ["a"]
    assert await world.said("chain/2") == ["b", "d"]
    assert await world.mark("case/1") == 1
    async with world.database.connection() as conn:
        [letter] = await dead_letters.list_letters(conn)
    assert letter.reason.startswith("KeyError")
    assert letter.record == record("case/1", 2, "crash")


async def test_replay_resumes_in_order_once_the_fault_is_mended(world: World) -> None:
    await world.handler([record("case/1", n, word) for n, word in ((1, "a"), (2, "crash"), (3, "b"), (4, "c"))])
    mended = _mend(world)
    assert await _replay(mended) == 3
    assert await world.said("chain/1") == ["a", "mended", "b", "c"]
    assert (await world.mark("case/1"), await world.value("select count(*) from parked")) == (4, 0)
    await mended.handler([record("case/1", 5, "d")])
    assert await world.said("chain/1") == ["a", "mended", "b", "c", "d"]


def _mend(world: World) -> World:
    """The next release, which understands what this one crashed on."""
    handler = RecordHandler(
        world.transactor,
        lambda event, payload: [
            (f"chain/{event.subject}", Say("mended") if body == Say("crash") else body)
            for _, body in world.asks(event, payload)
        ],
    )
    world.handler = handler
    return world


async def test_replay_of_what_still_cannot_be_applied_stays_parked(world: World) -> None:
    await world.handler([record("case/1", 1, "crash"), record("case/1", 2, "a")])
    assert await _replay(world) == 0
    assert await world.said("chain/1") == []
    assert await world.value("select count(*) from parked") == 2
    assert await world.value("select count(*) from mark where parked and not resume") == 1
    assert await world.value("select count(*) from dead_letter where state = 'open'") == 1


async def test_a_second_fault_behind_the_first_parks_again_from_there(world: World) -> None:
    await world.handler([record("case/2", n, word) for n, word in enumerate(["crash", "a", "b"], 1)])
    _mend(world)
    async with world.database.connection() as conn:
        await conn.execute("update parked set value = 'not json' where sequence = 2")
    assert await _replay(world) == 1
    assert await world.said("chain/2") == ["mended"]
    assert await world.mark("case/2") == 1
    assert await world.value("select count(*) from parked") == 2
    async with world.database.connection() as conn:
        assert [letter.sequence for letter in await dead_letters.list_letters(conn)] == [2]


async def test_records_that_come_again_while_parked_wait_once(world: World) -> None:
    batch = [record("case/1", 1, "crash"), record("case/1", 2, "a"), record("case/1", 2, "a")]
    for _ in range(2):
        await world.handler(batch)
    assert await world.value("select count(*) from parked") == 2
    assert await world.value("select count(*) from dead_letter") == 1
    assert await world.value("select count(*) from parked where reason like 'KeyError%'") == 1


async def test_live_records_queue_behind_those_that_are_resumed(world: World) -> None:
    await world.handler([record("case/1", n, word) for n, word in ((1, "crash"), (2, "b"))])
    _mend(world)
    await world.handler([record("case/1", 3, "c")])
    assert await _replay(world) == 3
    assert await world.said("chain/1") == ["mended", "b", "c"]


async def test_a_poisonous_record_may_be_given_up(world: World) -> None:
    await world.handler([record("case/1", n, word) for n, word in ((1, "a"), (2, "crash"), (3, "b"))])
    async with world.database.transaction() as conn:
        [letter] = await dead_letters.list_letters(conn)
        await dead_letters.discard(conn, letter.id)
    assert await Resuming(world.database, world.handler).once() == 1
    await world.handler([record("case/1", 4, "c")])
    assert await world.said("chain/1") == ["a", "b", "c"]


async def test_the_last_record_of_a_stream_may_be_given_up(world: World) -> None:
    await world.handler([record("case/1", 1, "crash")])
    async with world.database.transaction() as conn:
        [letter] = await dead_letters.list_letters(conn)
        await dead_letters.discard(conn, letter.id)
    await Resuming(world.database, world.handler).once()
    await world.handler([record("case/1", 2, "a")])
    assert await world.said("chain/1") == ["a"]


async def test_what_is_missing_may_be_given_up(world: World) -> None:
    await world.handler([record("case/1", n, f"w{n}") for n in (1, 4, 5)])
    async with world.database.transaction() as conn:
        [letter] = await dead_letters.list_letters(conn)
        await dead_letters.discard(conn, letter.id)
    assert await Resuming(world.database, world.handler).once() == 2
    assert await world.said("chain/1") == ["w1", "w4", "w5"]


async def test_data_that_do_not_fit_park_the_stream_without_showing_them(world: World) -> None:
    await world.handler([record("case/1", 1, data=b'{"operator": "toy", "reason": {"name": "Jeanne Martin"}}')])
    async with world.database.connection() as conn:
        [letter] = await dead_letters.list_letters(conn)
    assert "/reason" in letter.reason
    assert "Jeanne" not in letter.reason


async def test_what_cannot_be_stored_parks_like_any_other_fault(world: World) -> None:
    """The stream that is asked has a name PostgreSQL refuses: the fault comes from the locks already."""
    handler = RecordHandler(world.transactor, lambda event, payload: [("chain/\0", Say("a"))])
    await handler([record("case/1", 1), record("case/1", 2)])
    async with world.database.connection() as conn:
        [letter] = await dead_letters.list_letters(conn)
    assert (letter.stream, letter.sequence, letter.waiting) == ("case/1", 1, 2)


async def test_more_parked_than_one_stream_may_hold_stops_the_consumer(world: World) -> None:
    transactor: Transactor[tuple[str, ...]] = Transactor(world.database, world.log, world.model, parked_limit=5)
    handler = RecordHandler(transactor, world.asks)
    with pytest.raises(TooManyLetters):
        await handler([record("case/1", n) for n in range(2, 9)])
    assert await world.value("select count(*) from parked") == 0


async def test_too_many_culprits_in_a_row_stop_the_consumer(world: World) -> None:
    handler = RecordHandler(world.transactor, world.asks, in_a_row=3)
    await handler([record(f"case/{n}", 1, "crash") for n in range(3)] + [record("case/9", 1)])
    with pytest.raises(TooManyLetters):
        await handler([record(f"case/1{n}", 1, "crash") for n in range(4)])


async def test_the_answer_says_who_the_culprit_is_and_who_only_waits(world: World) -> None:
    answers = await world.handler.handle([record("case/1", 1, "crash"), record("case/1", 2)])
    assert [answer.culprit for answer in answers if isinstance(answer, Parked)] == [True, False]
