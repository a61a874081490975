"""Where the board's places lie, and that nobody fills its memory by inventing them."""

from builders import MACON
from relais_notifications.board.places import (
    ASKED_KEPT,
    COMMUNES_KEPT,
    COUNTRY,
    OUTLINES_KEPT,
    choices,
    departements,
    is_known,
    outline,
    place,
)


def test_a_commune_lies_in_its_departement_and_every_territory_around_it() -> None:
    found = place(MACON)
    assert found.departement == "71"
    assert {f"commune:{MACON}", "departement:71", "region:27", COUNTRY} < set(found.territories)


def test_an_unknown_commune_lies_in_its_departement_and_nowhere_else() -> None:
    assert place("71999").territories == ("commune:71999", "departement:71", COUNTRY)
    assert place("97499").departement == "974"


def test_territories_turn_into_departements() -> None:
    assert departements(f"commune:{MACON}") == departements("departement:71") == ("71",)
    assert "71" in departements("region:27")
    assert len(departements(COUNTRY)) > 100
    assert departements("epci:000000000") == departements("region:00") == ()


def test_what_there_is_not_is_not_known() -> None:
    assert all(map(is_known, (COUNTRY, "region:27", "departement:2A", f"commune:{MACON}", "departement:987")))
    assert not any(map(is_known, ("country:DE", "region:0", "departement:123", "commune:71999", "planet:1", "")))


def test_invented_territories_are_not_all_remembered() -> None:
    for number in range(COMMUNES_KEPT + 100):
        place(f"{number:07}")
    for number in range(ASKED_KEPT + 100):
        departements(f"epci:{number}")
    assert place.cache_info().currsize <= COMMUNES_KEPT
    assert departements.cache_info().currsize <= ASKED_KEPT
    assert outline.cache_info().maxsize == choices.cache_info().maxsize == OUTLINES_KEPT
    place.cache_clear()
