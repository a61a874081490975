"""The built-in table against the reference data beside the checkout."""

import csv
import json

from reference import reference
from relais_territories import FRANCE, by_name_and_postcode
from relais_territories.distances import metres


def test_communes_agree_with_the_reference() -> None:
    with reference("communes.csv").open(encoding="utf-8") as file:
        rows = {row["code"]: row for row in csv.DictReader(file)}
    assert {c.code for c in FRANCE.communes()} == set(rows)
    apart = []
    for commune in FRANCE.communes():
        row = rows[commune.code]
        expected = (row["nom"], row["departement"], row["region"], row["epci"], int(row["population"] or 0))
        assert (commune.name, commune.departement, commune.region, commune.epci, commune.population) == expected
        assert "|".join(commune.postcodes) == row["codes_postaux"]
        if row["lat"] and commune.latitude is not None and commune.longitude is not None:
            there = (round(float(row["lat"]) * 100_000), round(float(row["lon"]) * 100_000))
            apart.append(metres(commune.latitude, commune.longitude, *there))
    apart.sort()
    assert len(apart) > 34_800
    assert apart[len(apart) * 99 // 100] < 5_000, "a town hall stands within its commune"


def test_every_real_service_has_a_commune() -> None:
    services = json.loads(reference("services", "services_sample_lille_auteuil.json").read_text("utf-8"))
    missing = [s["commune"] for s in services if not by_name_and_postcode(s["commune"], s["code_postal"])]
    assert missing == []
