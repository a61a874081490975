"""`relais up` and `down` as a person uses them: in any folder, detached or not, and nothing is left behind."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil
import pytest

from relais_cli.places import CHECKOUT


class Console:
    """`./relais` with a folder of its own, whose name has a space."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        free_of = ("RELAIS_KAFKA", "RELAIS_POSTGRES")
        self.env = {name: value for name, value in os.environ.items() if name not in free_of}
        self.env["RELAIS_FOLDER"] = str(folder)

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([CHECKOUT / "relais", *words], env=self.env, capture_output=True, text=True, cwd="/")

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen([CHECKOUT / "relais", *words], env=self.env, stderr=subprocess.DEVNULL, cwd="/")
        eventually(lambda: (self.folder / "run.json").exists())
        return process

    def described(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "run.json").read_text())
        return found


def eventually(condition: Any) -> None:
    while not condition():
        time.sleep(0.05)


def alive(pids: dict[str, int]) -> list[str]:
    return [name for name, pid in pids.items() if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"]


@pytest.fixture
def console(tmp_path: Path) -> Any:
    console = Console(tmp_path / "un dossier")
    yield console
    console.run("down")


def test_up_comes_back_when_ready_and_down_leaves_nothing_behind(console: Console) -> None:
    up = console.run("up", "--bare", "--detach", "--json")
    assert up.returncode == 0, up.stderr
    pids = json.loads(up.stdout)["pids"]
    assert alive(pids) == list(pids) == ["relais", "kafka", "postgres"]
    assert console.run("down").returncode == 0
    assert alive(pids) == []
    assert not any((console.folder / name).exists() for name in ("run.json", "kafka", "postgres"))


def test_the_whole_is_up_and_can_be_spoken_to(console: Console, tmp_path: Path) -> None:
    assert console.run("up", "--detach").returncode == 0
    described = console.described()

    coordinator = ("--role", "coordinator", "--organisation", "cd71", "--territory", "departement:71")
    token = console.run("tokens", "issue", *coordinator).stdout.strip()
    answer = httpx.get(f"{described['notifications']}/v1/board/worklists", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200

    link = console.run("tokens", "issue", *coordinator, "--login").stdout.strip()
    page, _, login = link.partition("?token=")
    entered = [httpx.post(page, data={"token": login}, headers={"sec-fetch-site": "same-origin"}) for _ in range(2)]
    assert [answer.status_code for answer in entered] == [303, 401]

    partner = (CHECKOUT / "schemas" / "examples" / "partner.declared.json").read_text()
    lines = tmp_path / "directory.ndjson"
    lines.write_text(json.dumps(json.loads(partner)) + "\n")
    owner = json.loads(partner)["source"].split("/")[1]
    ours = console.run("directory", "import", str(lines), "--organisation", owner, "--json")
    counts = {"declared": 1, "unchanged": 0, "withdrawn": 0, "refused": 0, "left out": 0, "cut": 0}
    assert (ours.returncode, json.loads(ours.stdout)) == (0, counts)
    theirs = console.run("directory", "import", str(lines), "--organisation", "somebody-else", "--json")
    assert (theirs.returncode, json.loads(theirs.stdout)["refused"]) == (1, 1)

    assert json.loads(console.run("dlq", "list", "routing", "--json").stdout) == []
    seen = {row["what"]: row["state"] for row in json.loads(console.run("doctor", "--json").stdout)}
    assert [seen[service] for service in ("intake", "routing", "notifications")] == ["ok", "ok", "ok"]
    assert console.run("down").returncode == 0
    assert alive(described["pids"]) == []


def test_up_twice_is_one_stack(console: Console) -> None:
    first = console.run("up", "--bare", "--detach", "--json")
    again = console.run("up", "--bare", "--detach", "--json")
    assert json.loads(again.stdout) == json.loads(first.stdout)
    assert console.run("up", "--bare").returncode == 1


async def test_data_are_kept_when_asked_and_thrown_away_when_not(console: Console) -> None:
    async def tables(*words: str) -> int:
        assert console.run("up", "--bare", "--detach", *words).returncode == 0
        connection = await asyncpg.connect(console.described()["postgres"])
        found = await connection.fetchval("select count(*) from pg_tables where tablename = 'kept'")
        await connection.execute("create table if not exists kept (id int)")
        await connection.close()
        assert console.run("down").returncode == 0
        return int(found)

    assert [await tables("--keep-data"), await tables("--keep-data"), await tables()] == [0, 1, 0]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_in_order(console: Console, ending: signal.Signals) -> None:
    process = console.start("up", "--bare")
    pids = console.described()["pids"]
    process.send_signal(ending)
    assert process.wait() == 128 + ending
    assert alive(pids) == []
    assert "shut down" in (console.folder / "logs" / "postgres.log").read_text()


def test_not_even_a_killed_stack_leaves_a_process_behind(console: Console) -> None:
    process = console.start("up", "--bare")
    pids = console.described()["pids"]
    process.kill()
    process.wait()
    eventually(lambda: alive(pids) == [])
    assert console.run("down").returncode == 0
    assert console.run("up", "--bare", "--detach").returncode == 0


def test_two_stacks_live_side_by_side(console: Console, tmp_path: Path) -> None:
    other = Console(tmp_path / "un autre")
    mine, theirs = console.start("up", "--bare"), other.start("up", "--bare")
    assert console.described()["kafka"] != other.described()["kafka"]
    assert console.described()["postgres"] != other.described()["postgres"]
    for process in (mine, theirs):
        process.terminate()
        process.wait()
