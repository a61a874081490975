"""Nobody's phone number or mail address stays in a text, however it is written; days, hours and web addresses do."""

import json

import pytest

from intake.directory_files import given, turned
from relais_contracts.directory import OfferDeclared, PartnerDeclared
from relais_intake.directory.adapters.contacts import scrubbed
from relais_intake.directory.adapters.lines import Line

NEED = "se-former--trouver-sa-formation"


@pytest.mark.parametrize(
    "number",
    [
        "0612345678",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "06-12-34-56-78",
        "06/12/34/56/78",
        "06  12  34  56  78",
        "06 . 12 . 34 . 56 . 78",
        "06\u00a012\u00a034\u00a056\u00a078",
        "06\u202f12\u202f34\u202f56\u202f78",
        "06\u201112\u201134\u201156\u201178",
        "06\n12 34 56 78",
        "(06) 12 34 56 78",
        "0 800 123 456",
        "0 800 12 34 56",
        "0590 12 34 56",
        "+33612345678",
        "+33 6 12 34 56 78",
        "+33 (0)6 12 34 56 78",
        "+33\u00a0(0)\u00a06\u00a012\u00a034\u00a056\u00a078",
        "0033 6 12 34 56 78",
        "+262 692 12 34 56",
        "00262 692 12 34 56",
        "+590 690 12 34 56",
        "+594 (0)694 12 34 56",
        "+596 696 12-34-56",
        "+687 12 34 56",
        "+689 87 12 34 56",
        "+32 470 12 34 56",
        "ada.martin@ml.example",
    ],
)
def test_a_number_is_taken_out_however_it_is_written(number: str) -> None:
    for text in (f"Appeler le {number}.", f"Tél.:{number}", number, f"{number} / {number}", f"{number}/{number}"):
        assert not any(letter.isdigit() or letter == "@" for letter in scrubbed(text)), text


@pytest.mark.parametrize(
    "text",
    [
        "Du 01/09/2026 au 05/10/2026 à 9 h",
        "01/02/2026 - 03/04/2026",
        "12/01/2026 09/02/2026",
        "01/02/26 - 03/04/26",
        "2026-01-02/2026-03-04",
        "01.02.2026 10.30",
        "09.00 - 12.00 / 14.00 - 17.00",
        "08.30-12.00/13.30-17.00",
        "Mo-Fr 09:00-12:00,13:30-17:00",
        "06000 Nice, 06100 Nice",
        "SIRET 842 001 234 00056",
        "FR 06 123456789",
        "de 16 à 25 ans, 35 h, 4 mois",
        "https://agir.example/atelier/0612345678?id=0612345678",
    ],
)
def test_days_hours_codes_and_addresses_stay(text: str) -> None:
    assert scrubbed(text) == text


def test_names_of_services_and_organisations_are_read_for_it_too() -> None:
    structure = {"id": "s", "nom": "Mission locale 03 85 00 00 00", "code_insee": "71263"}
    service = {**structure, "id": "o", "structure_id": "s", "thematiques": [NEED], "nom": "CV : ada@ml.example"}
    (partner, offer), _ = turned({"structures": [structure], "services": [service]})
    table = f"partner,partner_name,offer,name,needs,commune\ns,Greta 0385000000,o,Bilan 0385000000,{NEED},71263\n"
    flat = [
        {**service, "structure_name": structure["nom"], "source": "dora", "code_postal": "71500", "commune": "Louhans"}
    ]
    assert isinstance(partner, PartnerDeclared)
    assert isinstance(offer, OfferDeclared)
    assert (partner.name, offer.name) == ("Mission locale [téléphone retiré]", "CV : [courriel retiré]")
    lines = [item.line for item in given(table.encode(), json.dumps(flat).encode()) if isinstance(item, Line)]
    assert len(lines) == 4
    for line in lines:
        assert "retiré" in line.decode()
        assert not any(personal in line.replace(b" ", b"") for personal in (b"0385000000", b"ada@"))
