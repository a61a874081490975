"""What may be committed is what is acknowledged without a gap, whatever order the acknowledgements came in."""

from random import Random
from types import SimpleNamespace
from typing import cast

from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from relais_chassis.faust_batches import Ledger, Part
from relais_chassis.kafka import Record

CASES = TP("cases", 0)


def part(first: int, last: int, tp: TP = CASES) -> Part:
    return Part(tp, cast(list[Record], [SimpleNamespace(offset=offset) for offset in range(first, last + 1)]))


def test_nothing_is_committable_before_the_first_is_acknowledged() -> None:
    ledger = Ledger()
    first, second = part(100, 100), part(101, 102)
    ledger.enter([first, second])
    second.acked = True
    assert ledger.committable(CASES) is None
    first.acked = True
    assert ledger.committable(CASES) == 103


def test_looking_forgets_nothing_and_a_commit_forgets_what_the_broker_took() -> None:
    ledger = Ledger()
    first, second = part(0, 4), part(5, 9)
    ledger.enter([first, second])
    first.acked = True
    assert ledger.committable(CASES) == 5
    assert ledger.committable(CASES) == 5, "the commit may have failed"
    ledger.committed(CASES, 5)
    assert ledger.committable(CASES) is None
    second.acked = True
    assert ledger.committable(CASES) == 10


def test_records_that_come_again_after_a_seek_take_the_place_of_the_old_ones() -> None:
    ledger = Ledger()
    old = part(5, 9)
    ledger.enter([part(0, 4), old])
    again = part(3, 9)
    ledger.enter([again])
    old.acked = True
    assert ledger.committable(CASES) is None
    again.acked = True
    assert ledger.committable(CASES) == 10


def test_partitions_do_not_wait_for_each_other() -> None:
    ledger, other = Ledger(), TP("cases", 1)
    ledger.enter([part(0, 4), ready := part(7, 9, other)])
    ready.acked = True
    assert ledger.committable(CASES) is None
    assert ledger.committable(other) == 10
    assert set(ledger) == {CASES, other}
    ledger.clear()
    assert list(ledger) == []


@given(st.lists(st.integers(1, 5), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_never_past_what_is_open(sizes: list[int], shuffled: Random) -> None:
    ledger, parts, offset = Ledger(), list[Part](), 0
    for size in sizes:
        parts.append(part(offset, offset + size - 1))
        offset += size
    ledger.enter(parts)
    order = list(parts)
    shuffled.shuffle(order)
    committed = 0
    for acked in order:
        acked.acked = True
        committed = ledger.committable(CASES) or committed
        assert committed == min((each.first for each in parts if not each.acked), default=offset)
        ledger.committed(CASES, committed)
