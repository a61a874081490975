"""Texts that no database keeps are found in the bytes of an event, and named where they stand."""

import json

import pytest

from relais_contracts.bounds import holds_nul, nul_at


@pytest.mark.parametrize(
    ("data", "places"),
    [
        ({"name": "Ada"}, []),
        ({"name": "A\0da", "n": 1, "none": None}, ["/name"]),
        ({"steps": [{"step": "a"}, {"step": "\0"}], "x": "\0"}, ["/steps/1/step", "/x"]),
        ({"a/b": {"c~d": ["\0"]}}, ["/a~1b/c~0d/0"]),
        ({"at": {"a\0": "b", "c\0": "d"}}, ["/at"]),
        ("\0", [""]),
        ({"path": "C:\\u0000"}, []),
        ({"path": "C:\\\\u0000 \\\0"}, ["/path"]),
        ({"path": "é\\\\\0"}, ["/path"]),
    ],
)
def test_it_is_named_where_it_stands(data: object, places: list[str]) -> None:
    for ascii in (True, False):
        told = json.dumps(data, ensure_ascii=ascii).encode()
        assert nul_at(told) == places
        assert holds_nul(told) == bool(places)
