"""High-water marks: what a record's place says, and what moves a mark."""

import pytest

from chassis.toy import World, next_of, record
from relais_chassis.commands import Accepted, FromLog, Rejected, Skipped
from relais_chassis.marks import Mark, Place
from relais_chassis.stored_records import StoredRecord
from relais_contracts.codec import to_kafka
from relais_contracts.envelope import CloudEvent

FREE, HOLED, POISONED = Mark(4), Mark(4, parked=True, first=7), Mark(4, parked=True, first=5)


@pytest.mark.parametrize(
    ("mark", "sequence", "expected"),
    [
        (FREE, 1, Place.REPEATED),
        (FREE, 4, Place.REPEATED),
        (FREE, 5, Place.NEXT),
        (FREE, 6, Place.AFTER_A_HOLE),
        (Mark(), 1, Place.NEXT),
        (Mark(), 2, Place.AFTER_A_HOLE),
        (HOLED, 5, Place.NEXT),
        (HOLED, 6, Place.BEHIND_PARKED),
        (HOLED, 7, Place.BEHIND_PARKED),
        (HOLED, 4, Place.REPEATED),
        (POISONED, 5, Place.BEHIND_PARKED),
        (POISONED, 6, Place.BEHIND_PARKED),
    ],
)
def test_the_place_of_a_record_that_must_follow_the_last(mark: Mark, sequence: int, expected: Place) -> None:
    assert mark.place(FromLog("case/1", sequence, False, record("case/1", sequence))) is expected


@pytest.mark.parametrize(
    ("mark", "sequence", "expected"),
    [
        (FREE, 4, Place.REPEATED),
        (FREE, 5, Place.NEXT),
        (FREE, 90, Place.NEXT),
        (POISONED, 90, Place.BEHIND_PARKED),
    ],
)
def test_on_a_compacted_topic_any_greater_version_is_taken(mark: Mark, sequence: int, expected: Place) -> None:
    assert mark.place(FromLog("offer/1", sequence, True, record("offer/1", sequence))) is expected


def test_a_record_taken_up_again_must_still_be_the_next() -> None:
    def resumed(sequence: int) -> FromLog:
        return FromLog("case/1", sequence, False, record("case/1", sequence), resumed=True)

    assert POISONED.place(resumed(5)) is Place.NEXT
    assert POISONED.place(resumed(6)) is Place.BEHIND_PARKED
    assert HOLED.place(resumed(7)) is Place.AFTER_A_HOLE
    assert HOLED.place(resumed(8)) is Place.BEHIND_PARKED


async def test_a_record_that_comes_again_is_skipped(world: World) -> None:
    first = [next_of("case/1", sequence, "a") for sequence in (1, 2)]
    assert [type(answer) for answer in await world.transactor.transact(first)] == [Accepted, Accepted]
    again = [next_of("case/1", sequence, "a") for sequence in (1, 2, 3, 3)]
    assert [type(answer) for answer in await world.transactor.transact(again)] == [Skipped, Skipped, Accepted, Skipped]
    assert await world.said("chain/1") == ["a", "a", "a"]
    assert await world.mark("case/1") == 3


async def test_a_refused_record_moves_the_mark(world: World) -> None:
    [answer] = await world.transactor.transact([next_of("case/1", 1, "no")])
    assert isinstance(answer, Rejected)
    assert await world.mark("case/1") == 1


async def test_a_record_that_asks_nothing_moves_the_mark(world: World) -> None:
    await world.handler([record("case/1", 1, "ignored"), record("case/1", 2, "a")])
    assert await world.said("chain/1") == ["a"]
    assert await world.mark("case/1") == 2


async def test_an_unknown_type_moves_the_mark(world: World) -> None:
    event = CloudEvent("case/1/1", "/relais/other", "org.relais.case.not-yet-invented.v9", b"{}", sequence=1)
    headers, value = to_kafka(event)
    await world.handler([StoredRecord("relais.cases", 0, 1, 0, b"case/1", value, tuple(headers)), record("case/1", 2)])
    assert await world.said("chain/1") == ["hello"]
    assert await world.mark("case/1") == 2


async def test_what_one_record_asks_is_done_altogether_or_not_at_all(world: World) -> None:
    await world.handler([record("case/1", 1, "a+b+c"), record("case/2", 1, "a+crash")])
    assert await world.said("chain/1") == ["a", "b", "c"]
    assert await world.said("chain/2") == []
    assert (await world.mark("case/1"), await world.mark("case/2")) == (1, 0)
    await world.handler([record("case/1", 1, "a+b+c")])
    assert await world.said("chain/1") == ["a", "b", "c"]


async def test_versions_left_out_by_compaction_are_no_hole(world: World) -> None:
    versions = [record("offer/1", sequence, f"v{sequence}", topic="relais.directory") for sequence in (3, 9, 4)]
    await world.handler(versions)
    assert await world.said("chain/1") == ["v3", "v9"]
    assert await world.mark("offer/1") == 9
