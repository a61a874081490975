"""What is taken of INSEE's tables: which columns, which edition, by which names; and what is refused, line by line."""

from collections.abc import Iterator

import pytest

from relais_cli.insee import NoTable, Sheet
from relais_cli.living_areas import Areas, Chosen, Fault, chosen


def sheet(name: str, *lines: str) -> Sheet:
    return Sheet(name, iter([line.split(",") for line in lines]))


def read(*sheets: Sheet) -> Areas:
    areas = Areas()
    areas.read(sheets)
    return areas


def bassins(*sheets: Sheet) -> Chosen:
    found = chosen(read(*sheets), "BV")
    assert found
    return found


def test_the_newest_edition_is_taken_and_insees_own_before_a_derived_one() -> None:
    assert bassins(sheet("t", "code,bv2012,bv2022_derived,BV2022", "71263,71076,71270,71263")).column == "BV2022"
    found = bassins(sheet("t", "code,bv2012,bv2022_derived", "71263,,71270"))
    assert (found.edition, found.column, found.areas["71263"]) == ("BV2022", "BV2022_DERIVED", "71270")


@pytest.mark.parametrize(
    "names",
    [
        sheet("labels", "NIVGEO,CODGEO,LIBGEO", "BV2022,71263,Louhans", "DEP,71,Saône-et-Loire"),
        sheet("labels", "millesime,code,libelle,nb_communes", "2012,71263,Autrefois", "2022,71263,Louhans"),
        sheet("labels", "BV2022,LIBELLE", "71263,Louhans"),
    ],
)
def test_names_come_from_a_table_of_areas(names: Sheet) -> None:
    table = sheet("communes", "A title above", "", "CODGEO,BV2022", "71263,71263")
    assert bassins(table, names).names == {"71263": "Louhans"}


def test_names_come_from_the_table_of_communes_too() -> None:
    table = sheet("t", "CODGEO,LIBGEO,BV2022,LIBBV2022", "71263,Louhans-Châteaurenaud,71263,Louhans")
    assert bassins(table).names == {"71263": "Louhans"}


def test_codes_that_do_not_fit_together_are_refused_with_their_line() -> None:
    areas = read(
        sheet(
            "t", "CODGEO,BV2022", "99999,71263", "71263,712", "71270,71270", "71270,71076", "39300,39300", "59350,ZZZZZ"
        ),
        sheet("names", "BV2022,LIBELLE", "71270,Mâcon"),
    )
    found = chosen(areas, "BV")
    assert found
    assert found.areas["71270"] == "71270"
    assert "39300" in found.without
    assert areas.faults == [
        Fault("t", 2, "99999 is not a commune of France, nor was it one"),
        Fault("t", 3, "712 is no code of BV2022"),
        Fault("t", 5, "71270 lies in 71076 here, in 71270 by line 4 of t"),
        Fault("t", 6, "39300 is not among the names of BV2022"),
    ]


def test_a_commune_merged_since_gives_todays_its_area_unless_that_has_one() -> None:
    assert bassins(sheet("t", "CODGEO,BV2022", "01340,01034")).areas["01015"] == "01034"
    assert bassins(sheet("t", "CODGEO,BV2022", "01340,01034", "01015,01093")).areas["01015"] == "01093"


def test_a_commune_that_the_table_leaves_out_takes_its_nearest_neighbours_area() -> None:
    found = bassins(sheet("t", "CODGEO,BV2022", "85084,85084", "85215,85215"))
    assert found.filled["85165"] == "85084", "L’Oie left Essarts-en-Bocage, 5 km away, in 2024"
    assert found.areas["85165"] == "85084"
    assert "85113" in found.without, "the Île d’Yeu has no EPCI and no neighbour"


def test_arrondissements_keep_their_own_line() -> None:
    assert bassins(sheet("t", "CODGEO,BV2022", "75112,75056")).areas["75112"] == "75056"


def test_a_kind_without_a_table_is_none() -> None:
    assert chosen(read(sheet("t", "CODGEO,BV2022", "71263,71263")), "ZE") is None


def empty() -> Iterator[list[str]]:
    yield from ([] for _ in range(100))


def test_what_is_no_table_is_said() -> None:
    with pytest.raises(NoTable):
        read(sheet("readme", "Documentation"), Sheet("empty", empty()))
