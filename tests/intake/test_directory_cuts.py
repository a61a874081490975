"""A file cut anywhere: rows before the cut are taken, the cut is said once with its place, nothing raises."""

import json
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from relais_contracts.catalogue import parse
from relais_contracts.codec import Unreadable, from_json
from relais_contracts.directory import OfferDeclared
from relais_contracts.envelope import Payload
from relais_intake.directory.adapters.files import lines, recognised
from relais_intake.directory.adapters.lines import Cut, Item, Left, Line
from relais_intake.directory.adapters.reading import known
from relais_intake.directory.lines import LONGEST_LINE

NEED = "se-former--trouver-sa-formation"
SERVICES = [
    {"id": f"o{n}", "structure_id": "s", "nom": f"Offre {n}", "code_insee": "71263", "thematiques": [NEED]}
    for n in range(1, 4)
]
STRUCTURES = [{"id": "s", "nom": "Structure", "code_insee": "71263", "reseaux_porteurs": ["adie"]}]
DOCUMENT = json.dumps({"services": SERVICES, "structures": STRUCTURES}).encode()
LIST = json.dumps(SERVICES).encode()
HEADER = b"partner,partner_name,offer,name,needs,commune,audiences\n"
TABLE = HEADER + b"".join(f"p{n},P,o{n},N,{NEED},71263,jeunes|femmes\n".encode() for n in range(1, 4))
KNOWN = known()


def taken(content: bytes) -> list[Item]:
    return [item for _, item in lines([recognised(BytesIO(content), KNOWN)], "demo")]


def payloads(found: list[Item]) -> list[Payload]:
    return [parse(from_json(item.line)) for item in found if isinstance(item, Line)]


def offers(found: list[Item]) -> list[str]:
    return [payload.offer for payload in payloads(found) if isinstance(payload, OfferDeclared)]


def own() -> bytes:
    return b"".join(item.line + b"\n" for item in taken(LIST) if isinstance(item, Line))


@pytest.mark.parametrize(
    ("content", "row"),
    [(LIST[: LIST.index(b"Offre 3")], 3), (TABLE[:-30], 4), (own()[:-30], 3), (TABLE[:-2] + b'","x', 4)],
    ids=["JSON", "CSV", "NDJSON", "CSV inside quotes"],
)
def test_rows_before_a_cut_are_taken_and_the_cut_has_its_row_and_byte(content: bytes, row: int) -> None:
    found = taken(content)
    assert offers(found) == ["o1", "o2"]
    (cut,) = [item for item in found if not isinstance(item, Line)]
    assert isinstance(cut, Cut)
    assert (cut.row, cut.byte) == (row, len(content))


@pytest.mark.parametrize(
    ("content", "row", "why"),
    [
        (TABLE[:-8], 4, "no line end"),
        (TABLE[:-1], 4, "no line end"),
        (TABLE[:-1].replace(b"jeunes|femmes", b'"jeunes"'), 4, "no line end"),
        (HEADER + b",", 2, "after 2 of 7 columns"),
        (HEADER[:-1], 1, "inside its header"),
    ],
    ids=["inside a list", "whole row", "behind quotes", "empty first cell", "header"],
)
def test_a_last_line_without_an_end_is_a_cut_however_whole_it_looks(content: bytes, row: int, why: str) -> None:
    *_, cut = taken(content)
    assert isinstance(cut, Cut)
    assert (cut.row, cut.byte) == (row, len(content))
    assert why in cut.reason


def test_a_cut_document_is_said_once_and_services_whose_structure_it_may_have_taken_are_left() -> None:
    *rest, cut = taken(DOCUMENT[:-20])
    assert isinstance(cut, Cut)
    assert [(item.entry, item.reason) for item in rest if isinstance(item, Left)] == [
        (f"offer/o{n}", "structure_id: s is not among the structures before the cut") for n in range(1, 4)
    ]
    early = json.dumps({"structures": STRUCTURES, "services": SERVICES}).encode()
    assert offers(taken(early[:-20])) == ["o1", "o2"]


@pytest.mark.parametrize(
    ("whole", "known_from"),
    [(LIST, LIST.index(b"}") + 1), (DOCUMENT, 1), (TABLE, len(HEADER)), (own(), 1)],
    ids=["list", "document", "table", "own lines"],
)
def test_wherever_a_file_is_cut_each_entry_taken_is_as_the_whole_has_it(whole: bytes, known_from: int) -> None:
    """Only a cut behind a whole line cannot be seen; every other is said once, at the end of what was read."""
    every = payloads(taken(whole))
    for end in range(known_from, len(whole)):
        found = taken(whole[:end])
        kept = payloads(found)
        assert [one for one in every if one in kept] == kept, end
        cuts = [place for place, item in enumerate(found, 1) if isinstance(item, Cut)]
        behind_a_line = whole[:end].endswith(b"\n") or whole[end - 1 : end + 1] == b"}\n"
        assert cuts == ([] if behind_a_line else [len(found)]), end
    assert every
    assert known_from < len(whole) / 2


@pytest.mark.parametrize(
    ("beginning", "refused"), [(LIST[: LIST.index(b"}")], 126), (HEADER[:-1], 49)], ids=["list", "table"]
)
def test_cut_before_its_format_can_be_told_a_file_is_refused_with_what_was_expected(
    beginning: bytes, refused: int
) -> None:
    """A list is told by its first row, a table by its header; a header may end where a shorter one would: a cut."""
    reasons = []
    for end in range(1, len(beginning) + 1):
        try:
            (only,) = taken(beginning[:end])
        except Unreadable as unreadable:
            reasons.append(unreadable.expected)
        else:
            assert isinstance(only, Cut), end
            assert "inside its header" in only.reason
    assert len(reasons) == refused
    assert all(reasons)


def test_a_broken_place_in_the_middle_is_a_cut() -> None:
    (*_, cut) = taken(LIST.replace(b'"Offre 2"', b"Offre 2"))
    assert isinstance(cut, Cut)
    assert cut.row == 2


def test_a_line_too_long_is_left_and_the_next_is_read() -> None:
    (first, *_) = own().splitlines()
    found = taken(first + b"\n" + b"x" * (2 * LONGEST_LINE) + b"\n" + first + b"\n")
    assert [type(item) for item in found] == [Line, Left, Line]
    assert [item.row for item in found] == [1, 2, 3]


@pytest.mark.parametrize("long", [b"x" * (2 * LONGEST_LINE), b'p9,"P\n' + b"x" * (2 * LONGEST_LINE) + b'\n",o9'])
def test_a_row_too_long_is_left_and_the_next_is_read(long: bytes) -> None:
    first, second, third = TABLE.splitlines(keepends=True)[1:]
    found = taken(HEADER + first + long + b"\n" + second + third)
    assert [item.row for item in found if isinstance(item, Left)] == [3]
    assert offers(found) == ["o1", "o2", "o3"]


VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False, allow_infinity=False) | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
FIELDS = [
    *("id", "structure_id", "nom", "source", "date_maj", "description", "thematiques", "publics", "type", "frais"),
    *("zone_eligibilite", "modes_accueil", "latitude", "longitude", "code_insee", "commune", "code_postal"),
    *("lien_source", "nombre_semaines", "volume_horaire_hebdomadaire", "mobilisable_par", "structure_name"),
    *("site_web", "reseaux_porteurs", "siret", "courriel"),
]
WHOLE = {**SERVICES[0], "source": "dora", "structure_name": "S", "commune": "Louhans", "code_postal": "71500"}


@settings(max_examples=300, deadline=None)
@given(some.dictionaries(some.sampled_from(FIELDS), VALUES, max_size=4), some.sampled_from(["id", "structure_name"]))
def test_any_row_becomes_entries_or_a_reason(change: dict[str, Any], kind: str) -> None:
    first = {key: value for key, value in WHOLE.items() if kind == "structure_name" or key != "structure_name"}
    row = {**first, **change}
    try:
        content = json.dumps([{**first, "nom": "avant"}, row]).encode()
    except UnicodeEncodeError:
        return
    for item in taken(content):
        assert isinstance(item, Line | Left)
        if isinstance(item, Line):
            parse(from_json(item.line))


@settings(max_examples=200, deadline=None)
@given(some.binary(max_size=200))
def test_any_bytes_below_a_header_are_rows_reasons_or_a_cut(content: bytes) -> None:
    for item in taken(HEADER + content):
        assert isinstance(item, Line | Left | Cut)


@settings(max_examples=200, deadline=None)
@given(some.binary(max_size=200))
def test_any_bytes_are_read_or_no_format(content: bytes) -> None:
    with suppress(Unreadable):
        assert all(isinstance(item, Line | Left | Cut) for item in taken(content))
