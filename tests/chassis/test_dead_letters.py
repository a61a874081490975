"""Dead letters: kept to the bit, listed, taken up again; what cannot be read stops nobody."""

import pytest

from chassis.toy import World, record
from relais_chassis import dead_letters
from relais_chassis.dead_letters import UnknownLetter
from relais_chassis.parking import TooManyLetters
from relais_chassis.records import RecordHandler
from relais_chassis.resuming import Resuming
from relais_chassis.stored_records import StoredRecord, read_headers, write_headers

NOISE = bytes(range(256))


def _noise(offset: int) -> StoredRecord:
    return StoredRecord("relais.cases", 3, offset, 17, NOISE, NOISE, (("ce_id", NOISE), ("x", b"\x00"), ("x", b"2")))


async def test_what_cannot_be_read_is_kept_to_the_bit_and_the_rest_goes_on(world: World) -> None:
    await world.handler([record("case/1", 1, "a"), _noise(5), record("case/1", 2, "b")])
    assert await world.said("chain/1") == ["a", "b"]
    async with world.database.connection() as conn:
        [letter] = await dead_letters.list_letters(conn)
        assert await dead_letters.show(conn, letter.id) == letter
    assert letter.record == _noise(5)
    assert (letter.stream, letter.sequence, letter.waiting) == (None, None, 0)


async def test_the_same_record_again_is_the_same_letter(world: World) -> None:
    await world.handler([_noise(5), _noise(6)])
    await world.handler([_noise(5), _noise(6)])
    assert await world.value("select count(*) from dead_letter") == 2


async def test_a_record_without_its_place_in_a_stream_cannot_be_read(world: World) -> None:
    placed = record("case/1", 1)
    headers = tuple(header for header in placed.headers if header[0] != "ce_sequence")
    await world.handler([StoredRecord("relais.cases", 0, 1, 0, placed.key, placed.value, headers)])
    assert await world.value("select count(*) from dead_letter where stream is null") == 1


async def test_a_stream_whose_name_cannot_be_stored_cannot_be_read(world: World) -> None:
    await world.handler([record("case/\0", 1), record("case/2", 1)])
    assert await world.value("select count(*) from dead_letter where stream is null") == 1
    assert await world.said("chain/2") == ["hello"]


async def test_too_many_unreadable_in_a_row_stop_the_consumer_before_they_are_acknowledged(world: World) -> None:
    handler = RecordHandler(world.transactor, world.asks, in_a_row=10)
    good = [record("case/1", n) for n in (1, 2)]
    await handler([*map(_noise, range(8)), good[0], *map(_noise, range(8, 16)), good[1]])
    with pytest.raises(TooManyLetters):
        await handler([_noise(offset) for offset in range(20, 31)])
    assert await world.value("select count(*) from dead_letter") == 16


async def test_the_run_is_counted_across_batches(world: World) -> None:
    handler = RecordHandler(world.transactor, world.asks, in_a_row=10)
    await handler([_noise(offset) for offset in range(6)])
    with pytest.raises(TooManyLetters):
        await handler([_noise(offset) for offset in range(6, 12)])


async def test_an_unreadable_letter_is_read_again_when_asked(world: World) -> None:
    await world.handler([_noise(1)])
    resuming = Resuming(world.database, world.handler)
    assert await resuming.once() == 0
    async with world.database.transaction() as conn:
        [letter] = await dead_letters.list_letters(conn)
        await dead_letters.replay(conn, letter.id)
    assert await resuming.once() == 0
    assert await world.value("select count(*) from dead_letter where state = 'open'") == 1


async def test_an_unreadable_letter_that_can_be_read_now_is_applied(world: World) -> None:
    await world.handler([_noise(1)])
    async with world.database.transaction() as conn:
        now = record("case/1", 1, "a")
        await conn.execute(
            "update dead_letter set state = 'again', key = $1, value = $2, headers = $3",
            now.key, now.value, write_headers(now.headers),
        )  # fmt: skip
    assert await Resuming(world.database, world.handler).once() == 1
    assert await world.said("chain/1") == ["a"]
    assert await world.value("select count(*) from dead_letter where state = 'replayed'") == 1


async def test_a_letter_is_replayed_once(world: World) -> None:
    await world.handler([_noise(1)])
    async with world.database.transaction() as conn:
        with pytest.raises(UnknownLetter):
            await dead_letters.replay(conn, 999)
        [letter] = await dead_letters.list_letters(conn)
        await dead_letters.discard(conn, letter.id)
        with pytest.raises(UnknownLetter):
            await dead_letters.replay(conn, letter.id)
        assert await dead_letters.list_letters(conn) == []


def test_headers_survive_to_the_bit() -> None:
    headers = (("a", NOISE), ("a", b""), ("é", "é".encode()))
    assert read_headers(write_headers(headers)) == headers
