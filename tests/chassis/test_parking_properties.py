"""Whatever the wire does to the records of some streams, a refill and a replay bring every one of them home, once."""

from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.toy import World, record
from relais_chassis import dead_letters
from relais_chassis.records import RecordHandler
from relais_chassis.resuming import Resuming

STREAMS, LENGTH = 3, 6
places = st.tuples(st.integers(0, STREAMS - 1), st.integers(1, LENGTH))
deliveries = st.lists(st.lists(places, max_size=8), max_size=6)
numbers = count()


@given(deliveries=deliveries, poison=st.sets(places, max_size=3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_record_is_applied_once_and_in_order(
    world: World, deliveries: list[list[tuple[int, int]]], poison: set[tuple[int, int]]
) -> None:
    """Lost, doubled and out of order, some of them poisonous: first as they come, then all again after the mending."""
    run = next(numbers)
    broken = True

    def stream(number: int) -> str:
        return f"case/{run}-{number}"

    def asks(event, payload):  # type: ignore[no-untyped-def]
        number, sequence = int(event.subject.rpartition("-")[2]), event.sequence
        if broken and (number, sequence) in poison:
            raise ValueError("not understood yet")
        return world.asks(event, payload)

    handler = RecordHandler(world.transactor, asks, in_a_row=1000)
    for batch in deliveries:
        await handler([record(stream(number), sequence, f"w{sequence}") for number, sequence in batch])
        for number in range(STREAMS):
            said = await world.said(f"chain/{run}-{number}")
            assert said == [f"w{sequence}" for sequence in range(1, len(said) + 1)]
            assert await world.mark(stream(number)) == len(said)

    broken = False
    resuming = Resuming(world.database, handler)
    await handler([record(stream(number), at, f"w{at}") for number in range(STREAMS) for at in range(1, LENGTH + 1)])
    async with world.database.transaction() as conn:
        for letter in await dead_letters.list_letters(conn, limit=1000):
            await dead_letters.replay(conn, letter.id)
    await resuming.once()
    await handler([record(stream(number), at, f"w{at}") for number in range(STREAMS) for at in range(1, LENGTH + 1)])
    await resuming.once()
    for number in range(STREAMS):
        assert await world.said(f"chain/{run}-{number}") == [f"w{at}" for at in range(1, LENGTH + 1)]
    assert await world.value("select count(*) from parked") == 0
    assert await world.value("select count(*) from mark where parked or resume") == 0
    assert await world.value("select count(*) from dead_letter where state <> 'replayed'") == 0
