"""A commune is found by name and post code however an address was typed, and never guessed."""

import pytest

from relais_territories import by_name_and_postcode


@pytest.mark.parametrize(("name", "postcode", "code"), [
    ("Louhans", "71500", "71263"), ("LOUHANS-CHATEAURENAUD", "71500", "71263"), ("Lille", "59000", "59350"),
    ("LILLE CEDEX", "59030", "59350"), ("Lomme", "59160", "59350"), ("Hellemmes", "59260", "59350"),
    ("villeneuve d ascq", "59650", "59009"), ("Villeneuve-d’Ascq", "59491", "59009"), ("st etienne", "42000", "42218"),
    ("ST-ETIENNE Cedex 2", "42007", "42218"), ("HAVRE", "76620", "76351"), ("Paris", "75012", "75112"),
    ("Paris 16", "75116", "75116"), ("Paris Cedex 16", "75775", "75056"), ("Lyon 3ème", "69003", "69383"),
    ("Lyon cedex 03", "69399", "69123"), ("Marseille", "13002", "13202"), ("Ajaccio", "20000", "2A004"),
    ("Bastia Cedex", "20293", "2B033"), ("Ajaccio Cedex", "20180", "2A004"), ("Saint Denis", "97400", "97411"),
    ("Arbignieu", "01300", "01015"), ("L'Abergement de Varey", "01640", "01002"), ("Hoedic", " 56170 ", "56085"),
])  # fmt: skip
def test_found_however_typed(name: str, postcode: str, code: str) -> None:
    found = by_name_and_postcode(name, postcode)
    assert found
    assert found.code == code


@pytest.mark.parametrize(("name", "postcode"), [
    ("Paris", "59000"), ("", "59000"), ("Nulle-Part", "71500"), ("Lille", "00000"), ("Saint", "71500"), ("Lille", ""),
])  # fmt: skip
def test_none_rather_than_a_guess(name: str, postcode: str) -> None:
    assert by_name_and_postcode(name, postcode) is None
