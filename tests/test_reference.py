"""The door to the reference data: what is there is handed out; what is missing skips on a desk and fails in CI."""

from pathlib import Path

import pytest

import reference

HOW = r"communes\.csv is missing: put the reference data there, from the sources that CONTRIBUTING\.md names"


@pytest.fixture(autouse=True)
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the data's place, on a machine that is not CI."""
    monkeypatch.setattr(reference, "DATA", tmp_path)
    monkeypatch.delenv("CI", raising=False)
    return tmp_path


def test_what_is_there_is_handed_out(beside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    (beside / "communes.csv").touch()
    assert reference.reference("communes.csv") == beside / "communes.csv"
    assert reference.reference() == beside


def test_on_a_desk_a_missing_file_skips_and_says_how_to_get_it() -> None:
    with pytest.raises(pytest.skip.Exception, match=HOW):
        reference.reference("communes.csv")


def test_in_ci_a_missing_file_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=HOW):
        reference.reference("communes.csv")


def test_nothing_else_knows_where_the_data_lie() -> None:
    """A test that looked for them by itself would pass over them in CI without a word."""
    tests = Path(__file__).parent
    spelt = '"shared" / ' + '"data"'
    assert [path.name for path in tests.rglob("*.py") if spelt in path.read_text("utf-8")] == ["reference.py"]
