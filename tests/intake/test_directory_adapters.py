"""Other makers' files become our lines: nothing is dropped in silence, everything assumed is marked."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from relais_contracts.catalogue import parse
from relais_contracts.codec import Unreadable, from_json
from relais_contracts.directory import DirectoryPayload, OfferDeclared, PartnerDeclared
from relais_intake.directory.adapters.actors import actor_of
from relais_intake.directory.adapters.files import lines
from relais_intake.directory.adapters.lines import Left, line_of
from relais_intake.directory.adapters.zones import zone_of
from relais_intake.directory.checks import problems
from relais_intake.directory.entry import stream_of

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
STRUCTURE = {
    "source": "dora",
    "id": "dora--s1",
    "nom": "Mission locale",
    "date_maj": "2026-01-02",
    "commune": "Louhans",
    "code_postal": "71500",
    "reseaux_porteurs": ["mission-locale"],
}
SERVICE = {
    "source": "dora",
    "structure_id": "dora--s1",
    "id": "dora--o1",
    "nom": "Atelier CV",
    "date_maj": "2026-01-02",
    "description": "Un atelier.",
    "code_insee": "71263",
    "latitude": 46.63,
    "longitude": 5.22,
    "thematiques": ["preparer-sa-candidature--realiser-un-cv-et-ou-une-lettre-de-motivation"],
    "publics": ["jeunes"],
    "modes_accueil": ["en-presentiel", "a-distance"],
    "zone_eligibilite": ["71"],
    "score_qualite": 0.7,
}
ROW = {
    "nom": "Atelier CV",
    "structure_name": "Mission locale",
    "source": "dora",
    "commune": "LOUHANS",
    "code_postal": "71500",
    "latitude": None,
    "longitude": None,
    "lien_source": None,
    "thematiques": ["se-former--trouver-sa-formation"],
}


def turned(document: object) -> tuple[list[DirectoryPayload], list[Left]]:
    found, left = [], []
    for _, line in lines(json.dumps(document).encode(), "demo"):
        if isinstance(line, Left):
            left.append(line)
        else:
            payload = parse(from_json(line))
            assert isinstance(payload, DirectoryPayload)
            found.append(payload)
    return found, left


def offers(document: object) -> list[OfferDeclared]:
    return [one for one in turned(document)[0] if isinstance(one, OfferDeclared)]


def test_data_inclusion_is_taken_field_by_field() -> None:
    found, left = turned({"structures": [STRUCTURE], "services": [SERVICE]})
    assert left == []
    partner, offer = found
    assert isinstance(partner, PartnerDeclared)
    assert (partner.partner, partner.group, partner.commune) == ("dora--s1", "mission-locale", "71263")
    assert isinstance(offer, OfferDeclared)
    assert (offer.offer, offer.partner, offer.actor) == ("dora--o1", "dora--s1", "employment-service")
    assert (offer.audiences, offer.modes) == (("jeunes",), ("in-person", "remote"))
    assert (offer.zone.kind, offer.zone.codes, offer.quality) == ("departement", ("71",), 0.7)
    assert offer.assumed == ("actor",)


def test_what_data_inclusion_leaves_open_is_assumed_and_marked() -> None:
    bare = {**SERVICE, "publics": None, "modes_accueil": None, "zone_eligibilite": None, "latitude": None}
    (offer,) = offers({"structures": [STRUCTURE], "services": [bare]})
    assert (offer.audiences, offer.modes, offer.zone.codes) == ((), ("in-person",), ("71",))
    assert offer.at is not None
    assert set(offer.assumed) == {"actor", "zone", "at", "modes", "audiences"}
    assert problems(offer) == []


def test_everybody_welcome_is_no_restriction() -> None:
    (offer,) = offers({"services": [{**SERVICE, "publics": ["tous-publics", "jeunes"]}]})
    assert offer.audiences == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"code_insee": None, "commune": "Atlantis", "code_postal": "99999"}, "commune not found"),
        ({"thematiques": []}, "no thématique"),
        ({"thematiques": ["se-former--voler"]}, "/needs/0"),
        ({"id": ""}, "/offer"),
    ],
)
def test_a_bad_row_gives_its_reason_and_stops_nothing(change: dict[str, Any], reason: str) -> None:
    found, left = turned([STRUCTURE, {**SERVICE, **change}, SERVICE])
    assert len(found) == 2
    assert [one.row for one in left] == [2]
    assert reason in left[0].reason


def test_a_flat_list_gets_ids_communes_and_marks() -> None:
    found, left = turned(
        [ROW, {**ROW, "nom": "Autre"}, {**ROW, "commune": "Atlantis"}, {**ROW, "nom": "", "structure_name": "X"}]
    )
    assert [type(one).__name__ for one in found] == [
        "PartnerDeclared",
        "OfferDeclared",
        "OfferDeclared",
        "PartnerDeclared",
        "OfferDeclared",
    ]
    offer = found[1]
    assert isinstance(offer, OfferDeclared)
    assert offer.at is not None
    assert offer.at.commune == "71263"
    assert set(offer.assumed) == {"actor", "zone", "audiences", "modes", "at"}
    assert [one.row for one in left] == [3]
    unnamed = found[4]
    assert isinstance(unnamed, OfferDeclared)
    assert unnamed.name == "X"
    assert "name" in unnamed.assumed


def test_one_link_shared_by_two_services_makes_two_offers() -> None:
    linked = {**ROW, "lien_source": "https://dora.example/x"}
    ids = [one.offer for one in offers([linked, {**linked, "nom": "Autre"}])]
    assert len(set(ids)) == 2
    (alone,) = offers([linked])
    assert alone.offer not in ids


def test_a_flat_row_that_does_not_fit_is_left() -> None:
    _, left = turned([{**ROW, "thematiques": None}])
    assert "/needs" in left[0].reason


def test_the_same_entry_has_the_same_id_and_another_has_not() -> None:
    (offer,) = offers([ROW])
    assert line_of(offer, "demo") == line_of(offer, "demo")
    changed = offer.model_copy(update={"name": "Autre"})
    assert from_json(line_of(offer, "demo")).id != from_json(line_of(changed, "demo")).id


def test_our_own_lines_pass_as_they_are() -> None:
    (offer,) = offers([ROW])
    line = line_of(offer, "demo")
    assert list(lines(line + b"\n\n" + line + b"\n", "x")) == [(1, line), (3, line)]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'"x"', b"[1]", b"nonsense", b'{"services": [1]}', b"{'a'"])
def test_a_file_of_no_known_format_says_what_is_expected(content: bytes) -> None:
    with pytest.raises(Unreadable):
        list(lines(content, "demo"))


@pytest.mark.parametrize(
    ("codes", "kind", "count", "widened"),
    [
        (["71"], "departement", 1, False),
        (["71263", "71105"], "commune", 2, False),
        (["71", "france"], "country", 1, False),
        (["2A", "200093201"], "commune", 219, False),
        ([*(f"{n:02d}" for n in range(1, 20)), "200093201"], "departement", 20, True),
    ],
)
def test_zones_become_of_one_kind(codes: list[str], kind: str, count: int, widened: bool) -> None:
    zone, assumed = zone_of(codes)
    assert zone is not None
    assert (zone.kind, assumed) == (kind, widened)
    assert abs(len(zone.codes) - count) <= (5 if kind == "commune" and count > 2 else 0)


def test_unknown_zone_codes_are_no_zone() -> None:
    assert zone_of(["99999", "ZZ"]) == (None, False)


def test_the_network_beats_the_needs() -> None:
    needs = ["se-former--trouver-sa-formation", "numerique--acquerir-un-equipement", "sante--acces-aux-soins"]
    assert actor_of(["unknown", "adie"], needs) == "business-creation-support"
    assert actor_of([], needs) == "social-support"
    assert actor_of([], needs[:2]) == "training-body"


def test_the_whole_real_sample_becomes_offers() -> None:
    path = SHARED / "services" / "services_sample_lille_auteuil.json"
    if not path.exists():
        pytest.skip("the reference data are not beside this checkout")
    found, left = turned(json.loads(path.read_text()))
    assert left == []
    assert Counter(isinstance(one, OfferDeclared) for one in found)[True] == 581
    assert len({(one.TYPE, stream_of(one)) for one in found}) == len(found)
    assert [one for one in found if problems(one)] == []
