"""States: snapshots keep the cost of a command flat, and are never more than what the log says."""

from chassis.toy import World, say
from relais_chassis.commands import Accepted, Repeated

LONG = 3000


async def _log_rows_read(world: World) -> int:
    """Rows of the log that were read since the start."""
    async with world.database.connection() as conn:
        await conn.execute("select pg_stat_force_next_flush()")
    return await world.value("select idx_tup_fetch + seq_tup_read from pg_stat_user_tables where relname = 'log'")


async def test_a_long_history_costs_no_more_than_a_short_one(world: World) -> None:
    await world.transactor.transact([say("chain/long", "a") for _ in range(LONG)])
    world.model.evolved, before = 0, await _log_rows_read(world)
    [answer] = await world.transactor.transact([say("chain/long", "b")])
    assert isinstance(answer, Accepted)
    assert answer.events[0].version == LONG + 1
    assert world.model.evolved == 1
    assert await _log_rows_read(world) == before


async def test_a_snapshot_thrown_away_is_folded_anew_from_the_log(world: World) -> None:
    await world.transactor.transact([say("chain/1", word) for word in ("a", "b")])
    async with world.database.connection() as conn:
        await conn.execute("delete from snapshot")
    [answer] = await world.transactor.transact([say("chain/1", "c", "m1")])
    assert isinstance(answer, Accepted)
    assert answer.reply == {"said": ["a", "b", "c"]}
    assert answer.events[0].version == 3


async def test_a_stream_that_keeps_no_snapshot_is_folded_each_time(world: World) -> None:
    world.model.keep_snapshots = False
    await world.transactor.transact([say("chain/1", "a")])
    [answer] = await world.transactor.transact([say("chain/1", "b", "m1")])
    assert isinstance(answer, Accepted)
    assert (answer.reply, answer.events[0].version) == ({"said": ["a", "b"]}, 2)
    assert await world.value("select count(*) from snapshot") == 0


async def test_a_rolled_back_batch_leaves_every_state_as_it_was(world: World) -> None:
    await world.transactor.transact([say("chain/1", "a", "m1"), say("chain/1", "crash", "m2")])
    assert await world.transactor.transact([say("chain/1", "a", "m1")]) == [Repeated({"said": ["a"]})]
    assert await world.said("chain/1") == ["a"]
