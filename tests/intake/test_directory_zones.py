"""Lists of mixed zone codes become one zone that covers what each code covers; a code that covers nothing is named."""

import pytest

from relais_contracts.directory import Zone
from relais_intake.directory.adapters import zones
from relais_intake.directory.adapters.lines import Unfit
from relais_intake.directory.adapters.zones import zone_named, zone_of
from relais_territories import FRANCE, Commune, France
from relais_territories.zoning import Zoning


def commune(code: str) -> Commune:
    found = FRANCE.commune(code)
    assert found is not None
    return found


LOUHANS, MACON = commune("71263"), commune("71270")
BRESSE = [one.code for one in FRANCE.communes() if one.epci == LOUHANS.epci]


def named(*territories: str) -> tuple[Zone, bool]:
    zone, assumed = zone_named(territories, LOUHANS, "zone")
    assert zone is not None
    return zone, assumed


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
    zone, assumed = zone_of(codes, LOUHANS)
    assert zone is not None
    assert (zone.kind, assumed) == (kind, widened)
    assert abs(len(zone.codes) - count) <= (5 if kind == "commune" and count > 2 else 0)


def test_an_unknown_zone_code_is_named() -> None:
    assert zone_of([], LOUHANS) == (None, False)
    with pytest.raises(Unfit, match="zone_eligibilite: ZZ"):
        zone_of(["71", "ZZ"], LOUHANS)


@pytest.mark.parametrize(
    ("codes", "within"),
    [
        (("departement:20", "commune:13055"), ("13055", "2A004", "2B033")),
        (("commune:75112", "commune:75113", "departement:93"), ("75112", "75113", "93001")),
        (("commune:01003", "epci:200070308"), ("01165",)),  # Amareins, merged into Francheleins
        (("departement:39", "region:26"), ()),
        (("departement:39", "departement:71", "epci:200093201"), ("39300", "71263", "59350")),
    ],
)
def test_no_code_of_a_mixed_list_is_lost(codes: tuple[str, ...], within: tuple[str, ...]) -> None:
    zone, assumed = named(*codes)
    meant = FRANCE.zone(zone.kind, zone.codes, "71263")
    for code in codes:
        kind, _, bare = code.partition(":")
        for one in FRANCE.communes():
            lies_in = FRANCE.territories_of(one)
            if lies_in & FRANCE.zone(kind, [bare], "71263"):
                assert lies_in & meant, (code, one)
    assert set(within) <= set(zone.codes)
    assert not assumed


def test_regions_and_departements_become_departements_and_nothing_is_added() -> None:
    assert named("region:26", "departement:39") == (
        Zone(kind="departement", codes=("21", "39", "58", "71", "89")),
        False,
    )


def test_an_area_without_a_table_is_the_one_that_stands_in_for_it_and_that_is_said() -> None:
    zone, assumed = named("bassin-de-vie:71263", "commune:71270")
    assert (zone.codes, assumed) == (tuple(sorted([*BRESSE, "71270"])), True)


def test_an_area_with_a_table_is_its_communes(monkeypatch: pytest.MonkeyPatch) -> None:
    bassins = Zoning({"71263": "71263", "71473": "71263", "71270": "71270"})
    monkeypatch.setattr(zones, "FRANCE", France(zonings={"bassin-de-vie": bassins}))
    assert named("bassin-de-vie:71263", "commune:71270") == (
        Zone(kind="commune", codes=("71263", "71270", "71473")),
        False,
    )


def test_a_code_that_covers_no_commune_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zones, "FRANCE", France(zonings={"zone-emploi": Zoning({"71999": "2604"})}))
    with pytest.raises(Unfit, match="zone: zone-emploi:2604 covers no commune"):
        zone_named(["zone-emploi:2604", "departement:71"], MACON, "zone")
