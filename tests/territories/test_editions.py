"""Every edition that was laid over stays, and is found again by the version that a decision record names."""

from pathlib import Path

import pytest

from relais_territories import FRANCE, France
from relais_territories.editions import edition, keep
from relais_territories.overlay import overlaid


def a_file(folder: Path, area: str, edition: str = "BV2022") -> Path:
    file = folder / "territories.csv"
    file.write_text(f"CODGEO,{edition},LIB{edition}\n71270,{area},Une aire\n", "utf-8")
    return file


def area_of_macon(france: France | None) -> str | None:
    macon = france and france.commune("71270")
    assert france
    assert macon
    return next((each for each in france.territories_of(macon) if each.startswith("bassin-de-vie:")), None)


def test_every_edition_is_found_again_by_its_version(tmp_path: Path) -> None:
    editions = tmp_path / "editions"
    first = keep(a_file(tmp_path, "71270"), editions).version
    second = keep(a_file(tmp_path, "71263"), editions).version
    latest = a_file(tmp_path, "71076", "BV2032")
    assert area_of_macon(edition(FRANCE.version, editions, latest)) is None
    assert area_of_macon(edition(first, editions, latest)) == "bassin-de-vie:71270"
    assert area_of_macon(edition(second, editions, latest)) == "bassin-de-vie:71263"
    assert area_of_macon(edition(overlaid(latest).version, editions, latest)) == "bassin-de-vie:71076"
    keep(a_file(tmp_path, "71270"), editions)
    assert len(list(editions.iterdir())) == 2


def test_what_is_not_there_or_was_changed_is_none(tmp_path: Path) -> None:
    latest = a_file(tmp_path, "71270")
    version = keep(latest, tmp_path).version
    assert edition(version.replace("decoupage", "another"), tmp_path, latest) is None
    assert edition(version[:-8] + "00000000", tmp_path, latest) is None
    latest.unlink()
    (kept,) = tmp_path.iterdir()
    for content in ("CODGEO,BV2022\n71270,71263\n", "nothing"):
        kept.write_text(content)
        assert edition(version, tmp_path, latest) is None


def test_a_name_leads_nowhere_else(tmp_path: Path) -> None:
    file = a_file(tmp_path, "71270")
    version = f"{FRANCE.version}+../territories"
    assert edition(version, tmp_path / "editions", file) is None
    assert edition("", tmp_path, file) is None


def test_what_does_not_read_is_no_edition(tmp_path: Path) -> None:
    file = tmp_path / "territories.csv"
    file.write_text("a,b\n")
    with pytest.raises(ValueError, match="are expected"):
        keep(file, tmp_path / "editions")
    assert not (tmp_path / "editions").exists()
