"""`./relais bench` in its quick form: it runs to its end, says what DESIGN asks for, and leaves nothing behind.

No time is judged here. The commands are those of docs/performance.md.
"""

import json
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from relais_cli.bench.routing import SIDES
from relais_cli.places import BUILD, CHECKOUT

PAGE = CHECKOUT / "docs" / "performance.md"
COMMANDS = re.findall(r"^(\./relais bench.*)$", PAGE.read_text(), re.MULTILINE)


class Done(NamedTuple):
    """A run of the console that has ended."""

    pid: int
    status: int
    output: str
    errors: str


def bench(*words: str) -> Done:
    process = subprocess.Popen(
        [CHECKOUT / "relais", "bench", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/"
    )
    output, errors = process.communicate()
    return Done(process.pid, process.returncode, output, errors)


def left_behind(pid: int) -> list[str]:
    """Folders of a run, and processes that work in them."""
    name = f"relais-bench-{pid}-"
    folders = [str(each) for each in Path(tempfile.gettempdir()).glob(f"{name}*")]
    return folders + [_command(each) for each in psutil.process_iter() if name in _command(each)]


@pytest.mark.timeout(300)
@pytest.mark.slow
def test_routing_is_measured_side_by_side_and_nothing_is_left() -> None:
    done = bench("routing", "--quick", "--json")
    assert done.status == 0, done.errors
    result = json.loads(done.output)
    assert {row["name"] for row in result["rows"]} == {side.name for side in SIDES}
    for row in result["rows"]:
        assert row["value"] > 0
        assert row["unit"] in ("messages/s", "ratio")
        assert ("ratio" in row) == ("ratio_to" in row)
    assert sum(row.get("ratio_to") == SIDES[0].name for row in result["rows"]) == len(SIDES) - 1
    assert result["durability"]["synchronous_commit"] == result["durability"]["fsync"] == "on"
    assert json.loads((BUILD / "bench" / "routing-quick.json").read_text()) == result
    assert "<svg" in (BUILD / "bench" / "routing-quick.svg").read_text()
    assert left_behind(done.pid) == []


@pytest.mark.timeout(300)
@pytest.mark.slow
def test_matching_is_measured_against_sql_and_a_loop_that_find_the_same() -> None:
    done = bench("matching", "--quick", "--json")
    assert done.status == 0, done.errors
    rows = json.loads(done.output)["rows"]
    compared = [row for row in rows if "ratio" in row]
    assert {row["ratio_to"].partition(",")[0] for row in compared} == {"SQL", "loop"}
    assert {row["ratio_to"] for row in compared} <= {row["name"] for row in rows}
    assert {"µs (p50)", "µs (p99)", "s", "ms", "MB", "bytes", "ratio"} <= {row["unit"] for row in rows}
    assert "<svg" in (BUILD / "bench" / "matching-quick.svg").read_text()
    assert left_behind(done.pid) == []


def test_the_page_names_commands_that_exist() -> None:
    assert len(COMMANDS) >= 3
    for command in COMMANDS:
        words = command.partition("#")[0].split()[2:]
        done = bench(*words, "--help")
        assert done.status == 0, done.errors
        assert [word for word in words if word not in done.output] == []


@pytest.mark.timeout(300)
def test_ended_halfway_it_leaves_nothing_either() -> None:
    process = subprocess.Popen([CHECKOUT / "relais", "bench", "routing", "--quick", "--json"], cwd="/")
    while not any("measured" in each for each in left_behind(process.pid)):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 128 + signal.SIGTERM
    assert left_behind(process.pid) == []


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
