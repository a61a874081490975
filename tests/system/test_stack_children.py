"""A child process: its log, its end, its parent's end."""

import signal
import sys
from pathlib import Path

import pytest

from relais_cli.stack import Child, NotStarted

IGNORES_SIGTERM = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(60)"
)


async def never() -> bool:
    return False


async def test_a_child_that_ends_early_says_why(tmp_path: Path) -> None:
    child = Child("brief", [sys.executable, "-c", "print('no room'); raise SystemExit(7)"], tmp_path / "log")
    child.start()
    with pytest.raises(NotStarted, match=r"ended with 7.*\n.*no room"):
        await child.ready(never, within=30)


async def test_a_child_that_will_not_end_is_killed(tmp_path: Path) -> None:
    child = Child("deaf", [sys.executable, "-c", IGNORES_SIGTERM], tmp_path / "log")

    async def said_something() -> bool:
        return "here" in child.last_words()

    child.start()
    await child.ready(said_something, within=30)
    assert await child.stop(within=0.2) == -signal.SIGKILL


async def test_a_child_may_be_started_again(tmp_path: Path) -> None:
    child = Child("again", [sys.executable, "-c", "print('once')"], tmp_path / "log")
    for _ in range(2):
        child.start()
        with pytest.raises(NotStarted):
            await child.ready(never, within=30)
    assert child.last_words() == "once\nonce"
