"""What is taken of places: the same by key and by column, and a batch's own over what is known."""

import pytest

from relais_routing.matching.taken import Taken, key_of, number_of


def column(taken: Taken, *keys: str) -> list[int]:
    numbers = [number_of(key) for key in keys]
    found: list[int] = taken.column[numbers].tolist()
    return found


def test_counts_are_told_by_key_and_by_column() -> None:
    taken = Taken([("a", 2), ("b", 0)])
    assert column(taken, "a", "b", "never said", "") == [2, 0, 0, 0]
    taken["a"] = 3
    taken.update([("c", 1)])
    assert (dict(taken), len(taken)) == ({"a": 3, "b": 0, "c": 1}, 3)
    assert column(taken, "a", "c") == [3, 1]
    assert key_of(number_of("a")) == "a"


def test_keys_that_come_later_have_their_place_in_the_column() -> None:
    taken = Taken([("a", 2)])
    assert column(taken, "a") == [2]
    for number in range(1_000):
        number_of(f"later {number}")
    taken["later 999"] = 7
    assert column(taken, "a", "later 0", "later 999") == [2, 0, 7]


def test_a_batch_lays_its_own_over_what_is_known() -> None:
    known = Taken([("a", 2), ("b", 1)])
    taken = Taken(below=known)
    assert column(taken, "a", "b", "c") == [2, 1, 0]
    taken["a"] = taken.get("a", 0) + 1
    taken["c"] = 1
    assert (dict(taken), len(taken)) == ({"a": 3, "b": 1, "c": 1}, 3)
    assert ("b" in taken, "c" in taken, "d" in taken, taken["b"]) == (True, True, False, 1)
    assert column(taken, "a", "b", "c") == [3, 1, 1]
    assert (dict(known), column(known, "a", "c")) == ({"a": 2, "b": 1}, [2, 0])
    with pytest.raises(KeyError):
        taken["d"]
    with pytest.raises(KeyError):
        Taken()["d"]


def test_counts_of_another_kind_are_taken_as_they_are() -> None:
    taken = Taken([("a", 2)])
    assert Taken.of(taken) is taken
    assert dict(Taken.of({"a": 1})) == {"a": 1}
