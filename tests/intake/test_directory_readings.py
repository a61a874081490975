"""Tables become entries by readings: the plain format, the real files, one's own; what cannot be placed says why."""

from collections import Counter
from io import BytesIO

import pytest

from reference import reference
from relais_contracts.catalogue import parse
from relais_contracts.codec import Unreadable, from_json
from relais_contracts.directory import DirectoryPayload, OfferDeclared, PartnerDeclared
from relais_intake.directory.adapters.entries import COLUMNS
from relais_intake.directory.adapters.files import lines, recognised
from relais_intake.directory.adapters.lines import Item, Left, Line, Unfit
from relais_intake.directory.adapters.named import commune_named
from relais_intake.directory.adapters.reading import known, read
from relais_intake.directory.checks import problems

HEADER = "partner,partner_name,offer,name,needs,commune,zone,latitude,longitude,audiences"
NEED = "se-former--trouver-sa-formation"
OWN = """
title = "Nos lieux"
header = ["Lieu", "Ville", "CP"]
[ids]
prefix = "nous"
from = ["Lieu"]
[columns]
partner_name = "Lieu"
city = "Ville"
post_code = "CP"
[constants]
actor = "guidance-centre"
needs = "choisir-un-metier--confirmer-son-choix-de-metier"
"""


def items(content: str | bytes, *own: str) -> list[Item]:
    file = BytesIO(content.encode() if isinstance(content, str) else content)
    return [item for _, item in lines([recognised(file, [*map(read, own), *known()])], "demo")]


def entries(found: list[Item]) -> list[DirectoryPayload]:
    payloads = [parse(from_json(item.line)) for item in found if isinstance(item, Line)]
    assert all(isinstance(payload, DirectoryPayload) for payload in payloads)
    return [payload for payload in payloads if isinstance(payload, DirectoryPayload)]


def left(found: list[Item]) -> list[tuple[int, str]]:
    return [(item.row, item.reason) for item in found if not isinstance(item, Line)]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_plain_table_is_taken_column_by_column(separator: str) -> None:
    row = f"p1,Greta,o1,Atelier,{NEED}|{NEED},71263,departement:71|commune:71263,46.63,5.22,jeunes"
    found = items("\ufeff" + f"{HEADER}\n{row}\n".replace(",", separator))
    partner, offer = entries(found)
    assert isinstance(partner, PartnerDeclared)
    assert (partner.partner, partner.name, partner.commune) == ("p1", "Greta", "71263")
    assert isinstance(offer, OfferDeclared)
    assert (offer.offer, offer.needs, offer.audiences, offer.actor) == ("o1", (NEED,), ("jeunes",), "training-body")
    assert (offer.zone.kind, "71263" in offer.zone.codes) == ("commune", True)
    assert set(offer.assumed) == {"actor", "modes"}
    assert problems(offer) == []


def test_a_partner_comes_once_and_may_come_alone() -> None:
    rows = [f"p1,Greta,o1,A,{NEED},71263,,,,", f"p1,Greta,o2,B,{NEED},71105,,,,", "cep,Un opérateur,,,,71263,,,,"]
    found = items("\n".join([HEADER, *rows, ""]))
    kinds = [type(one).__name__ for one in entries(found)]
    assert kinds == ["PartnerDeclared", "OfferDeclared", "OfferDeclared", "PartnerDeclared"]
    (other,) = left(items("\n".join([HEADER, rows[0], f"p1,Gretta,o2,B,{NEED},71263,,,,", ""])))
    assert other == (3, "partner/p1 is in row 2 already, otherwise")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"p,Greta,o,A,{NEED},99999,,,,", "commune not found: 99999"),
        (f"p,Greta,o,A,{NEED},,,,,", "no commune is given"),
        ("p,Greta,o,A,voler,71263,,,,", "needs: voler is not a code"),
        ("p,Greta,o,A,,71263,,,,", "needs: nothing is given"),
        (f"p,Greta,o,A,{NEED},71263,71,,,", "zone: 71 is not known; a code says its kind"),
        (f"p,Greta,o,A,{NEED},71263,departement:99,,,", "zone: departement:99"),
        (f"p,Greta,o,A,{NEED},71263,,46.6,,", "longitude: missing"),
        (f"p,Greta,o,A,{NEED},71263,,x,5,", "latitude: x is not a number"),
        (f"p,Greta,o,A,{NEED},71263,,,,martiens", "audiences: martiens"),
        (f",Greta,o,A,{NEED},71263,,,,", "partner: nothing is given"),
        (f"p,,o,A,{NEED},71263,,,,", "partner_name: nothing is given"),
        (f"p,Greta,o,A,{NEED},71263,,", "8 columns instead of 10"),
        ('p,Greta,o,"A"x,,71263,,,,', "not readable as CSV"),
    ],
)
def test_a_bad_row_of_a_table_gives_its_reason_and_stops_nothing(row: str, reason: str) -> None:
    found = items(f"{HEADER}\n{row}\nq,Q,oq,A,{NEED},71263,,,,\n")
    ((number, why),) = left(found)
    assert number == 2
    assert reason in why
    assert len(entries(found)) == 2


def test_bytes_of_another_encoding_are_left_with_their_row() -> None:
    found = items(f"{HEADER}\np,Bâti,o,A,{NEED},71263,,,,\n".encode("latin-1"))
    assert left(found) == [(2, "not UTF-8 text; save the file as UTF-8")]


@pytest.mark.parametrize("header", ["partner,partner_name,audience", "Nom,Ville", "partner,partner_name,partner"])
def test_a_header_that_is_not_known_is_no_format(header: str) -> None:
    with pytest.raises(Unreadable):
        items(f"{header}\na,b,c\n")


def test_ones_own_reading_reads_ones_own_table() -> None:
    found = items("CP,Lieu,Ville\n71500,La Maison,LOUHANS\n00000,Ailleurs,ATLANTIS\n", OWN)
    partner, offer = entries(found)
    assert isinstance(offer, OfferDeclared)
    assert isinstance(partner, PartnerDeclared)
    assert (partner.partner.startswith("nous--"), partner.commune, offer.name) == (True, "71263", "La Maison")
    assert set(offer.assumed) == {"actor", "needs", "modes", "zone", "at"}
    assert [number for number, _ in left(found)] == [3]


def test_a_row_whose_kind_the_reading_does_not_know_still_says_which_entry_it_is() -> None:
    header = "id,kind,name,address1,address2,post_code,city,department,lat,lon"
    (row,) = items(f"{header}\n7,CCAS,CCAS,,,71500,LOUHANS,71,,\n")
    assert isinstance(row, Left)
    assert (row.entry, row.reason) == (
        "offer/les-emplois--7--accueil",
        "kind: nothing is known of CCAS in this reading",
    )


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "",
        'title = "x"\nheader = ["a"]\n[columns]\nwrong = "a"',
        OWN.replace('["Lieu", "Ville", "CP"]', "[]"),
    ],
)
def test_a_reading_that_cannot_be_read_says_so(text: str) -> None:
    with pytest.raises(Unreadable):
        read(text)


def test_the_plain_reading_has_every_column_but_those_of_other_files() -> None:
    (plain,) = [one for one in known() if one.closed]
    assert set(COLUMNS) - set(plain.columns) == {"departement", "named_in", "seat"}


@pytest.mark.parametrize(
    ("text", "departement", "name"),
    [
        ("Agence Pôle emploi BOURG EN BRESSE", "01", "Bourg-en-Bresse"),
        ("Agence Pôle emploi CHALON NORD", "71", "Chalon-sur-Saône"),
        ("15-ML ST FLOUR", "15", "Saint-Flour"),
        ("Agence LE CREUSOT", "71", "Le Creusot"),
        ("Agence Pôle emploi AJACCIO", "20", "Ajaccio"),
    ],
)
def test_an_agencys_town_is_the_one_its_name_names(text: str, departement: str, name: str) -> None:
    assert commune_named(text, departement).name == name


@pytest.mark.parametrize(
    ("text", "departement", "reason"),
    [
        ("Agence CLERMONT JOUHAUX", "63", "no commune of 63"),
        ("15-ML ST FLOUR MAURIAC", "15", r"several .* mauriac \(15120\), saint flour \(15187\)"),
        ("Agence MONISTROL", "43", "several communes of 43"),
        ("ML SUD", "71", "no commune of 71"),
        ("x", "99", "no commune of 99"),
    ],
)
def test_a_town_that_is_not_certain_is_not_guessed(text: str, departement: str, reason: str) -> None:
    with pytest.raises(Unfit, match=reason):
        commune_named(text, departement)


@pytest.mark.parametrize(
    ("file", "taken", "left_out", "refused"),
    [
        ("prescribers_les_emplois.csv", 988, 15, [527, 936, 937, 985]),
        ("points_relais_conseil_vae.csv", 340, 19, []),
        ("missions_locales.csv", 448, 2, []),
        ("agences_france_travail.csv", 830, 64, []),
    ],
)
def test_the_real_files_are_taken_and_every_row_is_accounted_for(
    file: str, taken: int, left_out: int, refused: list[int]
) -> None:
    path = reference("partners", file)
    found = items(path.read_bytes())
    offers = [one for one in entries(found) if isinstance(one, OfferDeclared)]
    assert (len(offers), sum(isinstance(item, Left) for item in found)) == (taken, left_out)
    assert Counter(type(one).__name__ for one in entries(found))["PartnerDeclared"] == taken
    assert all({"actor", "needs", "zone", "modes"} <= set(one.assumed) for one in offers)
    wrong = [item.row for item in found if isinstance(item, Line) if problems(entries([item])[0])]
    assert wrong == refused
