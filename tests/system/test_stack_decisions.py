"""`relais decisions`: stored choices are made again, and whatever was changed is found, by whoever asks."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from builders import CASE, MONDAY
from matching_builders import DRAW, SECRET
from relais_routing.matching.record import FORMAT
from relais_routing.matching.seal import digest
from relais_territories import FRANCE, France
from relais_territories.overlay import overlaid
from system.place import Place
from system.stored import DECISION, make_again, seal, store_decision


async def decided(place: Place) -> bytes:
    conn = await place.connect("routing")
    made = await store_decision(conn)
    await conn.close()
    return made


async def test_stored_decisions_are_made_again(place: Place) -> None:
    await decided(place)
    done = place.run("decisions", "replay", "--since", "2026-03-01", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (
        0,
        {"decisions": 1, "equal": 1, "differences": 0, "different": []},
    )
    assert json.loads(place.run("decisions", "replay", "--until", "2026-03-02", "--json").stdout)["decisions"] == 0
    assert place.run("decisions", "replay", "--last", "5").stdout.split() == [
        "decisions", "1", "equal", "1", "differences", "0",
    ]  # fmt: skip
    assert place.run("decisions", "replay", "no-such-one").returncode == 2


async def test_a_tampered_decision_is_named_field_by_field(place: Place) -> None:
    made = json.loads(await decided(place))
    made["candidates"].reverse()
    conn = await place.connect("routing")
    await conn.execute("update decision set record = $1", orjson.dumps(made))
    await conn.close()
    done = place.run("decisions", "replay", DECISION, "--json")
    assert (done.returncode, json.loads(done.stdout)["different"]) == (1, [DECISION])
    assert f"{DECISION}: candidates[0].name: " in done.stderr


async def test_decisions_of_other_rules_are_said_apart(place: Place) -> None:
    made = orjson.dumps(json.loads(await decided(place)) | {"rules": "0"})
    conn = await place.connect("routing")
    await conn.execute("update decision set record = $1", made)
    await seal(conn, made)
    await conn.close()
    done = place.run("decisions", "replay")
    assert done.returncode == 2
    assert f"not made again  1 made by format {FORMAT}, rules 0" in done.stdout


async def test_a_decision_that_was_taken_away_is_named(place: Place) -> None:
    await decided(place)
    conn = await place.connect("routing")
    await conn.execute("delete from decision")
    await conn.close()
    done = place.run("decisions", "replay", "--since", "2026-03-01", "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["decisions"], answer["differences"], answer["missing"]) == (1, 0, 1, 1)
    assert answer["different"] == [DECISION]
    assert f"{DECISION}: chain/{CASE}/1 in the log seals it" in done.stderr
    assert place.run("decisions", "replay", "--since", "2026-03-03").returncode == 0


async def test_a_decision_that_nothing_seals_is_not_proved(place: Place) -> None:
    await decided(place)
    conn = await place.connect("routing")
    await conn.execute("update decision set version = null")
    await conn.execute("delete from log")
    await conn.close()
    done = place.run("decisions", "replay")
    assert done.returncode == 2
    assert done.stdout.split() == ["decisions", "1", "equal", "0", "differences", "0", "unsealed", "1"]


async def test_territories_that_were_imported_since_change_nothing(place: Place, tmp_path: Path) -> None:
    await decided(place)
    for area in ("71263", "71270"):  # the second edition takes the place of the first
        table = tmp_path / "table.csv"
        table.write_text("\n".join(["CODGEO,BV2022", *(f"{commune.code},{area}" for commune in FRANCE.communes())]))
        assert place.run("territories", "import", str(table), RELAIS_FOLDER=str(tmp_path)).returncode == 0
    assert place.run("decisions", "replay", RELAIS_FOLDER=str(tmp_path)).returncode == 0
    editions = list((tmp_path / "territories").iterdir())
    assert len(editions) == 2
    conn = await place.connect("routing")
    for file in editions:
        made = await make_again(conn, overlaid(file))
        assert f"+{file.stem}" in json.loads(made)["territories"]
        assert place.run("decisions", "replay", RELAIS_FOLDER=str(tmp_path)).returncode == 0
    for file in editions:
        file.unlink()
    await make_again(conn, France(overlay="BV2032-00000000"))
    done = place.run("decisions", "replay", RELAIS_FOLDER=str(tmp_path))
    assert done.returncode == 2
    assert "+BV2032-00000000" in done.stdout
    await conn.close()


class Files:
    """A decision as an operator keeps it: the record, the day's draw and the event received."""

    def __init__(self, folder: Path, made: bytes) -> None:
        self.folder, self.record = folder, json.loads(made)
        self.draw: dict[str, Any] = {
            "day": "2026-03-02",
            "hash": DRAW.commitment,
            "committed_at": "2026-03-01T10:00:00+00:00",
            "revealed_from": "2026-03-03T00:00:00+01:00",
            "secret": SECRET.hex(),
        }
        commitment = {"day": "2026-03-02", "hash": DRAW.commitment}
        data = {"step": "digital", "offer": self.record["chosen"], "record": digest(made), "commitment": commitment}
        self.event = {"subject": CASE, "data": data}

    def options(self) -> list[str]:
        """The files, written, as `verify` takes them."""
        words = []
        for name in ("record", "draw", "event"):
            (self.folder / name).write_text(json.dumps(getattr(self, name), indent=1))
            words += [f"--{name}", str(self.folder / name)]
        return words


@pytest.fixture
async def files(place: Place, tmp_path: Path) -> Files:
    return Files(tmp_path, await decided(place))


def wrong(place: Place, files: Files) -> tuple[int, list[str]]:
    """The exit status, and the names of the checks that fail."""
    done = place.run("decisions", "verify", *files.options(), "--json")
    return done.returncode, [check["name"] for check in json.loads(done.stdout)["checks"] if check["holds"] is False]


async def test_anybody_can_verify_from_files_alone(place: Place, files: Files) -> None:
    assert wrong(place, files) == (0, [])
    done = place.run("decisions", "verify", *files.options())
    assert done.stdout.splitlines()[3] == "✓ order       drawn again, the order is the same (3 candidates)"
    assert place.run("decisions", "verify", *files.options()[:2], "--secret", SECRET.hex()).returncode == 0


async def test_each_thing_that_was_changed_is_found(place: Place, files: Files) -> None:
    secret, files.draw["secret"] = files.draw["secret"], bytes(32).hex()
    status, names = wrong(place, files)
    assert (status, names[0]) == (1, "secret")
    files.draw |= {"secret": secret, "committed_at": (MONDAY + timedelta(hours=1)).isoformat()}
    assert wrong(place, files) == (1, ["time"])
    files.draw |= {"committed_at": MONDAY.isoformat(), "hash": "0" * 64}
    assert wrong(place, files) == (1, ["commitment", "secret"])
    files.draw["hash"] = DRAW.commitment
    files.record["candidates"][-1]["name"] = "Une autre offre"
    assert wrong(place, files) == (1, ["seal"])


async def test_a_day_whose_secret_is_not_out_yet_says_when_it_will_be(place: Place, files: Files) -> None:
    files.draw["secret"] = None
    done = place.run("decisions", "verify", *files.options())
    assert done.returncode == 2
    assert "cannot be checked before 2026-03-03T00:00:00+01:00" in done.stderr
    assert "✓ seal" in done.stdout


async def test_what_is_no_record_or_of_other_rules_is_not_judged(place: Place, files: Files) -> None:
    words = files.options()
    assert place.run("decisions", "verify", *words[:2], "--secret", "no hex").returncode == 2
    assert place.run("decisions", "verify", *words[:2]).returncode == 2
    assert place.run("decisions", "verify", "--record", words[3], "--draw", words[3]).returncode == 2
    files.record["rules"] = "0"
    done = place.run("decisions", "verify", *files.options())
    assert done.returncode == 2
    assert "this version cannot judge it" in done.stderr
