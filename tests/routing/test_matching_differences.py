"""Where two records differ is said field by field."""

from relais_routing.matching.differences import differences


def test_equal_records_have_no_difference() -> None:
    assert list(differences({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]})) == []


def test_each_field_that_differs_has_a_line() -> None:
    stored = {"rules": "1", "candidates": [{"offer": "a", "free": 1}, {"offer": "b"}], "gone": None}
    again = {"rules": "2", "candidates": [{"offer": "a", "free": True}], "new": "x" * 100}
    assert list(differences(stored, again)) == [
        "candidates[0].free: 1 stored, true made again",
        'candidates[1]: {"offer":"b"} stored, nothing made again',
        "gone: null stored, nothing made again",
        f'new: nothing stored, "{"x" * 78}… made again',
        'rules: "1" stored, "2" made again',
    ]
