"""`./relais bench` in its quick form: it runs to its end, says what DESIGN asks for, and leaves nothing behind.

No time is judged here. The commands are those of docs/performance.md.
"""

import json
import re
import subprocess
import tempfile
from pathlib import Path

import psutil
import pytest

from relais_cli.bench.routing import SIDES
from relais_cli.places import BUILD, CHECKOUT

PAGE = CHECKOUT / "docs" / "performance.md"
COMMANDS = re.findall(r"^(\./relais bench.*)$", PAGE.read_text(), re.MULTILINE)


def bench(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([CHECKOUT / "relais", "bench", *words], capture_output=True, text=True, cwd="/")


def left_behind() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("relais-bench-*"))


@pytest.mark.timeout(300)
@pytest.mark.slow
def test_routing_is_measured_side_by_side_and_nothing_is_left() -> None:
    before = left_behind()
    done = bench("routing", "--quick", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert {row["name"] for row in result["rows"]} == {side.name for side in SIDES}
    for row in result["rows"]:
        assert row["value"] > 0
        assert row["unit"] in ("messages/s", "ratio")
        assert ("ratio" in row) == ("ratio_to" in row)
    assert sum(row.get("ratio_to") == SIDES[0].name for row in result["rows"]) == len(SIDES) - 1
    assert result["durability"]["synchronous_commit"] == result["durability"]["fsync"] == "on"
    assert json.loads((BUILD / "bench" / "routing-quick.json").read_text()) == result
    assert "<svg" in (BUILD / "bench" / "routing-quick.svg").read_text()
    assert left_behind() <= before
    assert not [each for each in psutil.process_iter() if "relais_cli.bench.measured" in _command(each)]


def test_matching_is_measured_against_a_loop_that_finds_the_same() -> None:
    done = bench("matching", "--quick", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["rows"]
    compared = [row for row in rows if "ratio" in row]
    assert {row["ratio_to"] for row in compared} <= {row["name"] for row in rows}
    assert {row["unit"] for row in rows} == {"µs (p50)", "µs (p99)", "µs an offer"}


def test_the_page_names_commands_that_exist() -> None:
    assert len(COMMANDS) >= 3
    for command in COMMANDS:
        words = command.partition("#")[0].split()[2:]
        done = bench(*words, "--help")
        assert done.returncode == 0, done.stderr
        assert [word for word in words if word not in done.stdout] == []


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
