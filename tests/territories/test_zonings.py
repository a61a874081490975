"""Bassins de vie and zones d'emploi: by INSEE's tables where they are laid over, by EPCI where they are not."""

import pytest

from relais_territories import FRANCE, France
from relais_territories.zoning import Zoning

BASSINS = Zoning({"71263": "71263", "71473": "71263", "75056": "75056", "39300": "39300"}, {"71263": "Louhans"})
EMPLOIS = Zoning({"71263": "2604", "75056": "1109"}, {"2604": "Chalon-sur-Saône"})
LAID = France(zonings={"bassin-de-vie": BASSINS, "zone-emploi": EMPLOIS}, overlay="insee-2022")


def lying(code: str) -> frozenset[str]:
    found = LAID.commune(code)
    assert found
    return LAID.territories_of(found)


def test_the_epci_stands_in_without_a_table() -> None:
    assert FRANCE.zone("bassin-de-vie", ["71263"], "71263") == {"epci:200071579"}
    assert FRANCE.zone("zone-emploi", ["2604"], "71263") == {"epci:200071579"}
    assert FRANCE.zone("zone-emploi", ["2604"], "85113") == {"commune:85113"}
    assert FRANCE.zone("zone-emploi", ["2604"], "nowhere") == {"commune:nowhere"}


@pytest.mark.parametrize(
    ("kind", "code", "known"),
    [
        ("bassin-de-vie", "71263", True),
        ("bassin-de-vie", "71114", True),
        ("bassin-de-vie", "XXXX9", False),
        ("bassin-de-vie", "99999", False),
        ("bassin-de-vie", "2604", False),
        ("zone-emploi", "2604", True),
        ("zone-emploi", "94A1", True),
        ("zone-emploi", "71263", False),
        ("zone-emploi", "XXXX", False),
        ("zone-emploi", "", False),
        ("zone-emploi", "²604", False),
    ],
)
def test_without_a_table_a_number_must_look_like_one_and_a_bassins_be_a_communes(
    kind: str, code: str, known: bool
) -> None:
    assert FRANCE.is_known(kind, code) is known


@pytest.mark.parametrize("code", ["9999", "71263", "75056", "71114", ""])
def test_a_zone_demploi_that_the_table_does_not_have_is_none(code: str) -> None:
    assert not LAID.is_known("zone-emploi", code)


def test_insees_tables_are_laid_over() -> None:
    assert {"bassin-de-vie:71263", "zone-emploi:2604"} <= lying("71263")
    assert LAID.zone("bassin-de-vie", ["71263"], "75056") == {"bassin-de-vie:71263"}
    assert LAID.version == FRANCE.version + "+insee-2022"
    assert LAID.is_known("bassin-de-vie", "71263")
    assert not LAID.is_known("bassin-de-vie", "00000")
    assert not LAID.is_known("zone-emploi", "0000")


def test_one_table_alone_leaves_the_other_to_the_epci() -> None:
    france = France(zonings={"bassin-de-vie": BASSINS})
    assert france.zone("bassin-de-vie", ["39300"], "71263") == {"bassin-de-vie:39300"}
    assert france.zone("zone-emploi", ["2604"], "71263") == {"epci:200071579"}


def test_an_arrondissement_lies_where_its_city_does() -> None:
    assert {"bassin-de-vie:75056", "zone-emploi:1109"} <= lying("75112")
    assert lying("75112") == lying("75112")


def test_areas_have_names() -> None:
    assert LAID.name_of("bassin-de-vie:71263") == "Louhans"
    assert LAID.name_of("zone-emploi:2604") == "Chalon-sur-Saône"
    assert LAID.name_of("bassin-de-vie:39300") == "Lons-le-Saunier"
    assert FRANCE.name_of("bassin-de-vie:71263") == "Louhans-Châteaurenaud"
    assert LAID.name_of("zone-emploi:9999") is None


def test_a_bassin_of_another_edition_is_the_one_its_centre_lies_in() -> None:
    assert LAID.is_known("bassin-de-vie", "71473")
    assert LAID.zone("bassin-de-vie", ["71473"], "39300") == {"bassin-de-vie:71263"}
    assert LAID.zone("bassin-de-vie", ["71114"], "39300") == {"bassin-de-vie:71263"}


def test_a_zone_demploi_of_another_edition_is_the_offers_own() -> None:
    assert not LAID.is_known("zone-emploi", "9999")
    assert LAID.zone("zone-emploi", ["9999"], "71263") == {"zone-emploi:2604"}


def test_where_no_area_is_known_at_all_the_epci_stands_in() -> None:
    assert LAID.zone("zone-emploi", ["9999"], "39300") == {"epci:200071116"}
    assert LAID.zone("bassin-de-vie", ["nowhere"], "85113") == {"commune:85113"}
