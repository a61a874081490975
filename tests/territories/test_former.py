"""Codes of other times: communes merged, merged again, renumbered, restored; régions and départements renumbered."""

import pytest

from relais_territories import FRANCE, commune, territories_of


@pytest.mark.parametrize(("old", "today", "why"), [
    ("01340", "01015", "merged in 2016"),
    ("59355", "59350", "associated with Lille in 2000"),
    ("71114", "71263", "merged with Louhans in 1973"),
    ("93059", "93066", "merged in 2025"),
    ("49149", "49261", "a delegated commune of Gennes-Val-de-Loire"),
    ("20033", "2B033", "Corsica was the département 20 until 1976"),
    ("75023", "92023", "a commune of the Seine until 1968"),
    ("97123", "97701", "Saint-Barthélemy belonged to Guadeloupe until 2007"),
    ("97127", "97801", "Saint-Martin belonged to Guadeloupe until 2007"),
])  # fmt: skip
def test_a_commune_of_another_time_is_todays(old: str, today: str, why: str) -> None:
    found = commune(old)
    assert found, why
    assert found.code == today
    assert FRANCE.zone("commune", [old], "71263") == {f"commune:{today}"}


def test_every_chain_of_mergers_ends_in_a_commune_of_today() -> None:
    assert len(FRANCE.table.former) > 4_800
    for old, (_, head) in FRANCE.table.former.items():
        found = commune(old)
        assert found
        assert found.code in FRANCE.table.lines
        assert old in FRANCE.table.lines or found == commune(head)


def test_a_merged_commune_lies_in_todays_epci() -> None:
    merged = commune("59355")
    lille = commune("59350")
    assert merged
    assert lille
    assert "epci:200093201" in territories_of(merged)
    assert territories_of(merged) == territories_of(lille)


@pytest.mark.parametrize(("code", "name", "left"), [
    ("85165", "L'Oie", "85084"), ("76095", "Bihorel", "76108"), ("15031", "Celles", "15141"),
])  # fmt: skip
def test_a_commune_restored_is_itself_again(code: str, name: str, left: str) -> None:
    found, merger = commune(code), commune(left)
    assert found
    assert merger
    assert (found.code, found.name) == (code, name)
    assert found.latitude
    assert territories_of(found).isdisjoint({f"commune:{left}"})


def test_corsicas_old_departement_is_both_of_todays() -> None:
    assert FRANCE.is_known("departement", "20")
    assert FRANCE.name_of("departement:20") == "Corse"
    assert FRANCE.zone("departement", ["20", "06"], "2A004") == {"departement:2A", "departement:2B", "departement:06"}


def test_a_region_before_2016_is_its_departements_and_no_wider() -> None:
    assert FRANCE.is_known("region", "26")
    assert FRANCE.name_of("region:26") == "Bourgogne"
    assert FRANCE.zone("region", ["26"], "71263") == {f"departement:{code}" for code in ("21", "58", "71", "89")}
    lons = commune("39300")
    assert lons
    assert FRANCE.zone("region", ["26"], "71263").isdisjoint(territories_of(lons))
    assert FRANCE.zone("region", ["43"], "71263") & territories_of(lons)


def test_the_regions_before_2016_cover_each_departement_of_the_new_ones_once() -> None:
    from relais_territories.former import FORMER

    parts = [part for old, (_, parts) in FORMER.items() if old.startswith("region:") for part in parts]
    assert len(parts) == len(set(parts))
    merged = {"27", "28", "32", "44", "75", "76", "84"}
    assert {part.partition(":")[2] for part in parts} == {
        code for code, (_, region) in FRANCE.table.departements.items() if region in merged
    }


def test_lands_without_a_road_between_them_are_apart() -> None:
    def land(code: str) -> str:
        found = commune(code)
        assert found
        return found.land

    assert land("97501") != land("97502")
    assert land("97302") != land("97353") == land("97362")
    assert land("97608") == land("97611")
    assert land("85113") == "yeu"
    assert land("85113") != land("85191")
    assert land("17369") == land("17300") == ""
