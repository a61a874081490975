"""Other makers' files become our lines: nothing is dropped in silence, everything assumed is marked."""

import json
from typing import Any

import pytest

from intake.directory_files import ROW, given, offers, turned
from relais_contracts.catalogue import parse
from relais_contracts.codec import Unreadable, from_json
from relais_contracts.directory import OfferDeclared, PartnerDeclared
from relais_intake.directory.adapters.actors import actor_of
from relais_intake.directory.adapters.lines import Line, line_of
from relais_intake.directory.checks import problems
from relais_intake.directory.entry import stream_of

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
    bare = {**SERVICE, "publics": None, "modes_accueil": None, "zone_eligibilite": None}
    bare |= {"latitude": None, "longitude": None}
    (offer,) = offers({"structures": [STRUCTURE], "services": [bare]})
    assert (offer.audiences, offer.modes, offer.zone.codes) == ((), ("in-person",), ("71",))
    assert offer.at is not None
    assert set(offer.assumed) == {"actor", "zone", "at", "modes", "audiences"}
    assert problems(offer) == []


WHOLE_STRUCTURE = {
    **STRUCTURE,
    "siret": "12345678900017",
    "site_web": "www.ml.example",
    "horaires_accueil": "Mo-Fr 09:00-12:00",
}
WHOLE_SERVICE = {
    **SERVICE,
    "type": "atelier",
    "adresse": "12 rue des Bordes",
    "complement_adresse": "Bâtiment B",
    "conditions_acces": "Apporter son CV",
    "frais": "payant",
    "frais_precisions": "5 euros",
    "publics_precisions": "Moins de 26 ans",
    "mobilisable_par": ["usagers", "professionnels"],
    "modes_mobilisation": ["telephoner"],
    "mobilisation_precisions": "Appeler le 03 85 00 00 00 ou ecrire a ada.martin@ml.example",
    "lien_mobilisation": "https://ml.example/rdv",
    "lien_source": "https://dora.example/un service",
    "nombre_semaines": 3,
    "volume_horaire_hebdomadaire": 2.5,
    "contact_nom_prenom": "Ada Martin",
    "courriel": "ada.martin@ml.example",
    "telephone": "0385000000",
}


def test_every_field_of_the_schema_has_its_place() -> None:
    items = given(json.dumps({"services": [WHOLE_SERVICE], "structures": [WHOLE_STRUCTURE]}).encode())
    partner, offer = (parse(from_json(item.line)) for item in items if isinstance(item, Line))
    assert isinstance(partner, PartnerDeclared)
    assert (partner.siret, partner.site, str(partner.updated)) == (
        "12345678900017",
        "https://www.ml.example",
        "2026-01-02",
    )
    assert isinstance(offer, OfferDeclared)
    assert (offer.source, str(offer.updated)) == ("dora", "2026-01-02")
    assert offer.mobilisation is not None
    assert offer.details is not None
    assert offer.mobilisation.model_dump(mode="json") == {
        "by": ["usagers", "professionnels"],
        "ways": ["telephoner"],
        "link": "https://ml.example/rdv",
        "note": "Appeler le [téléphone retiré] ou ecrire a [courriel retiré]",
    }
    assert offer.details.model_dump() == {
        "kind": "atelier",
        "description": "Un atelier.",
        "address": "12 rue des Bordes Bâtiment B",
        "opening_hours": "Mo-Fr 09:00-12:00",
        "conditions": "Apporter son CV",
        "audiences_note": "Moins de 26 ans",
        "fees": "payant",
        "fees_note": "5 euros",
        "weeks": 3,
        "hours_a_week": 2.5,
        "link": "https://dora.example/un%20service",
    }
    whole = b"".join(item.line for item in items if isinstance(item, Line))
    assert not any(personal in whole for personal in (b"Ada", b"ada.martin", b"0385000000", b"03 85 00"))


def test_files_are_read_together_structures_first_whatever_their_order() -> None:
    found, left = turned([SERVICE], [STRUCTURE])
    assert left == []
    assert [type(one) for one in found] == [PartnerDeclared, OfferDeclared]
    assert found == turned({"services": [SERVICE], "structures": [STRUCTURE]})[0]


def test_what_only_informs_is_left_out_with_a_note() -> None:
    odd = {
        **SERVICE,
        "description": "mot " * 800,
        "nombre_semaines": 0,
        "volume_horaire_hebdomadaire": "beaucoup",
        "lien_source": "mailto:x",
        "date_maj": "hier",
    }
    *_, item = given(json.dumps([odd]).encode())
    assert isinstance(item, Line)
    offer = parse(from_json(item.line))
    assert isinstance(offer, OfferDeclared)
    assert offer.details is not None
    assert offer.details.description is not None
    assert offer.details.description.endswith("mot …")
    assert len(offer.details.description) <= 2000
    assert (offer.updated, offer.details.weeks, offer.details.hours_a_week, offer.details.link) == (None,) * 4
    fields = {note.partition(":")[0] for note in item.notes}
    assert fields == {"description", "nombre_semaines", "volume_horaire_hebdomadaire", "lien_source", "date_maj"}


def test_a_service_without_a_place_stands_with_its_structure() -> None:
    nowhere = {key: value for key, value in SERVICE.items() if key not in ("code_insee", "latitude", "longitude")}
    (offer,) = offers({"structures": [STRUCTURE], "services": [nowhere]})
    assert offer.at is not None
    assert (offer.at.commune, "at" in offer.assumed) == ("71263", True)
    _, left = turned([nowhere])
    assert "no commune is given" in left[0].reason


@pytest.mark.parametrize(
    ("latitude", "longitude", "noted"),
    [
        (46.63, 5.22, False),
        (46.655, 5.30, False),  # the next commune, of the same EPCI
        (46.735, 5.50, True),
    ],
)
def test_a_point_in_a_commune_of_another_epci_is_taken_and_noted(
    latitude: float, longitude: float, noted: bool
) -> None:
    (item,) = given(json.dumps([{**SERVICE, "latitude": latitude, "longitude": longitude}]).encode())
    assert isinstance(item, Line)
    notes = [note for note in item.notes if note.startswith("latitude, longitude: this point is in ")]
    assert bool(notes) == noted, item.notes
    assert all("not in Louhans" in note for note in notes)


def test_a_second_row_about_the_same_is_left_and_says_which_was_first() -> None:
    found, left = turned([SERVICE, {**SERVICE, "nom": "Autrement"}, SERVICE])
    assert len(found) == 1
    assert [one.reason for one in left] == [
        "offer/dora--o1 is in row 1 already, otherwise",
        "offer/dora--o1 is in row 1 already",
    ]


def test_a_service_that_names_no_structure_is_left_and_never_an_organisation() -> None:
    alone = {key: value for key, value in SERVICE.items() if key != "structure_id"}
    for rows in ([alone], [STRUCTURE, alone], [{**alone, "thematiques": []}]):
        found, left = turned(rows)
        assert [type(one) for one in found] == [PartnerDeclared] * (len(rows) - 1)
        assert [(one.row, one.entry) for one in left] == [(len(rows), "offer/dora--o1")]
    assert left[0].reason.startswith("thematiques: none is given")
    assert turned([alone])[1][0].reason == "structure_id: nothing is given"


def test_everybody_welcome_is_no_restriction() -> None:
    (offer,) = offers({"services": [{**SERVICE, "publics": ["tous-publics", "jeunes"]}]})
    assert offer.audiences == ()


def test_the_same_entry_has_the_same_id_and_another_has_not() -> None:
    (offer,) = offers([ROW])
    assert line_of(offer, "demo") == line_of(offer, "demo")
    changed = offer.model_copy(update={"name": "Autre"})
    assert from_json(line_of(offer, "demo")).id != from_json(line_of(changed, "demo")).id


def test_our_own_lines_pass_as_they_are() -> None:
    (offer,) = offers([ROW])
    line = line_of(offer, "x")
    stream = stream_of(offer)
    assert given(line + b"\n\n" + line + b"\n") == [Line(1, line, stream), Line(3, line, stream)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"code_insee": None, "commune": "Atlantis", "code_postal": "99999"}, "commune not found: Atlantis 99999"),
        ({"thematiques": []}, "thematiques: none"),
        ({"thematiques": ["se-former--voler"]}, "thematiques: se-former--voler is not a code"),
        ({"thematiques": "se-former"}, "thematiques: a list"),
        ({"publics": ["tous-publics", "martiens"]}, "publics: martiens is not a code"),
        ({"modes_accueil": ["telepathie"]}, "modes_accueil: telepathie is not a code"),
        ({"type": "miracle"}, "type: miracle is not a code"),
        ({"frais": "cher"}, "frais: cher is not a code"),
        ({"mobilisable_par": ["martiens"]}, "mobilisable_par: martiens is not a code"),
        ({"modes_mobilisation": ["crier"]}, "modes_mobilisation: crier is not a code"),
        ({"zone_eligibilite": ["71", "99"]}, "zone_eligibilite: 99 is no"),
        ({"latitude": "nord"}, "latitude: nord is not a number"),
        ({"longitude": None}, "longitude: missing"),
        ({"latitude": 146.6}, "no point on earth"),
        ({"nom": 3}, "nom: a text"),
        ({"id": ""}, "id: nothing is given"),
    ],
)
def test_a_bad_row_gives_its_reason_and_stops_nothing(change: dict[str, Any], reason: str) -> None:
    found, left = turned([STRUCTURE, {"id": "dora--o0", **SERVICE, **change}, {**SERVICE, "id": "dora--o2"}])
    assert len(found) == 2
    assert [one.row for one in left] == [2]
    assert reason in left[0].reason


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'"x"', b"[1]", b"nonsense", b'{"services": 1}', b"a;b\n1;2"])
def test_a_file_of_no_known_format_says_what_is_expected(content: bytes) -> None:
    with pytest.raises(Unreadable):
        given(content)


def test_the_network_beats_the_needs() -> None:
    needs = ["se-former--trouver-sa-formation", "numerique--acquerir-un-equipement", "sante--acces-aux-soins"]
    assert actor_of(["unknown", "adie"], needs) == "business-creation-support"
    assert actor_of([], needs) == "social-support"
    assert actor_of([], needs[:2]) == "training-body"
