"""A flat list of services becomes offers: ids are made, what is absent is assumed, the real sample is whole."""

import json
from collections import Counter

from intake.directory_files import ROW, offers, turned
from reference import reference
from relais_contracts.directory import OfferDeclared
from relais_intake.directory.checks import problems
from relais_intake.directory.entry import stream_of


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
    assert "thematiques: nothing is given" in left[0].reason


def test_the_whole_real_sample_becomes_offers() -> None:
    path = reference("services", "services_sample_lille_auteuil.json")
    found, left = turned(json.loads(path.read_text()))
    assert left == []
    assert Counter(isinstance(one, OfferDeclared) for one in found)[True] == 581
    assert len({(one.TYPE, stream_of(one)) for one in found}) == len(found)
    assert [one for one in found if problems(one)] == []
