"""What the built-in table knows: communes of today and yesterday, arrondissements, overseas, their territories."""

import pytest

from relais_territories import FRANCE, commune, distance, territories_of


def test_a_commune_lies_in_its_territories() -> None:
    louhans = commune("71263")
    assert louhans
    assert territories_of(louhans) == {
        "commune:71263", "epci:200071579", "departement:71", "region:27", "country:FR",
    }  # fmt: skip


def test_an_island_may_have_no_epci() -> None:
    yeu = commune("85113")
    assert yeu
    assert territories_of(yeu) == {"commune:85113", "departement:85", "region:52", "country:FR"}


def test_an_arrondissement_lies_in_its_city() -> None:
    for code, city in (("75112", "75056"), ("69383", "69123"), ("13202", "13055")):
        found = commune(code)
        assert found
        assert found.parent == city
        parent = commune(city)
        assert parent
        assert territories_of(found) == territories_of(parent) | {f"commune:{code}"}


def test_a_commune_merged_since_gives_todays() -> None:
    today = commune("01340")
    assert today
    assert today.code == "01015"
    assert all(commune(old) for old in FRANCE.table.former)


def test_an_unknown_code_is_none() -> None:
    assert commune("71999") is None
    assert commune("") is None


@pytest.mark.parametrize(("code", "departement", "region"), [
    ("97105", "971", "01"), ("97209", "972", "02"), ("97302", "973", "03"), ("97411", "974", "04"),
    ("97611", "976", "06"), ("2A004", "2A", "94"), ("98818", "988", "988"), ("97502", "975", "975"),
    ("97701", "977", "977"), ("97801", "978", "978"),
])  # fmt: skip
def test_overseas_and_corsica_are_included(code: str, departement: str, region: str) -> None:
    found = commune(code)
    assert found
    assert (found.departement, found.region) == (departement, region)
    assert found.land


def test_every_commune_has_a_place_but_for_the_far_islands() -> None:
    without = {c.departement for c in FRANCE.communes() if c.latitude is None}
    assert without == {"984", "986", "987", "988", "989"}
    assert sum(1 for _ in FRANCE.communes()) > 34_000


def test_distances_are_whole_metres() -> None:
    lille, roubaix, papeete = commune("59350"), commune("59512"), commune("98735")
    assert lille
    assert roubaix
    assert papeete
    assert 8_500 < (distance(lille, roubaix) or 0) < 10_500
    assert distance(lille, lille) == 0
    assert distance(lille, papeete) is None
    assert distance(papeete, lille) is None


def test_zones_mean_territories() -> None:
    assert FRANCE.zone("commune", ["01340", "99999"], "71263") == {"commune:01015", "commune:99999"}
    assert FRANCE.zone("departement", ["71", "39"], "71263") == {"departement:71", "departement:39"}
    assert FRANCE.zone("country", ["FR"], "71263") == {"country:FR"}


@pytest.mark.parametrize(("territory", "name"), [
    ("commune:71263", "Louhans-Châteaurenaud"), ("departement:71", "Saône-et-Loire"), ("country:FR", "France"),
    ("region:27", "Bourgogne-Franche-Comté"), ("epci:200071579", "CC Bresse Louhannaise Intercom'"),
])  # fmt: skip
def test_territories_have_names(territory: str, name: str) -> None:
    assert FRANCE.name_of(territory) == name
    kind, _, code = territory.partition(":")
    assert FRANCE.is_known(kind, code)


def test_what_is_not_known_has_no_name() -> None:
    for kind in ("commune", "departement", "region", "epci", "country", "bassin-de-vie", "zone-emploi", "planet"):
        assert FRANCE.name_of(f"{kind}:00") is None
        assert not FRANCE.is_known(kind, "00")
