"""`relais test` and `relais check`: everything that has to hold before a change is taken.

The tests of `check` are exactly those of `test`, counted for coverage of the pure parts.
"""

import os
import shutil
import subprocess
import sys
import time
from typing import Annotated

from cyclopts import Parameter

from relais_cli import browser, places
from relais_cli.output import JsonFlag, complain, give, tell

PYTHON = sys.executable
BIN = places.TOOLS / "venv" / "bin"
GIVEN = Annotated[str, Parameter(allow_leading_hyphen=True, help="Passed on to pytest.")]

# Tests mostly wait for servers: one worker a core, each with a broker and a database of its own.
EVERYTHING = ["--numprocesses", str(min(os.cpu_count() or 1, 4)), "--dist", "worksteal"]
LINT: list[tuple[str, list[str]]] = [
    ("lint", ["ruff", "check", "--quiet"]),
    ("format", ["ruff", "format", "--check", "--quiet"]),
    ("layers", ["lint-imports", "--no-logo"]),
    ("types", ["mypy"]),
    ("types of the tests", ["mypy", "tests"]),
    ("contracts", [PYTHON, "-m", "relais_cli", "contracts", "--check"]),
]


def test(*arguments: GIVEN) -> int:
    """Run all tests with a real broker and a real database; arguments go to pytest."""
    _bring_browser()
    os.chdir(places.CHECKOUT)
    os.execv(BIN / "pytest", ["pytest", *(arguments or EVERYTHING)])


def check(*, as_json: JsonFlag = False) -> int:
    """Run the linters, the type checker, the layers, the stale-file check, all tests and the coverage."""
    _bring_browser()
    places.BUILD.mkdir(exist_ok=True)
    results: dict[str, str] = {}
    started = time.monotonic()
    for name, command in LINT:
        _step(results, name, command, quiet=True)
    _step(results, "tests", ["pytest", *EVERYTHING, "--cov", "--cov-report=", "--cov-fail-under=0"], quiet=as_json)
    _step(results, "coverage", ["coverage", "report"], quiet=True)
    failed = [name for name, result in results.items() if result != "ok"]
    give({**results, "seconds": round(time.monotonic() - started), "ok": not failed}, as_json)
    return 1 if failed else 0


def _step(results: dict[str, str], name: str, command: list[str], *, quiet: bool) -> None:
    tell(f"· {name}")
    done = _run(command, quiet=quiet)
    results[name] = "ok" if done.returncode == 0 else f"failed ({done.returncode})"
    if done.returncode and quiet:
        complain(f"{name} failed\n{done.stdout}")


def _run(command: list[str], *, quiet: bool = False) -> "subprocess.CompletedProcess[str]":
    """Run a tool in the checkout; it ends when this process ends."""
    dies_with_us = ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []
    tool = command if command[0] == PYTHON else [str(BIN / command[0]), *command[1:]]
    try:
        return subprocess.run(
            [*dies_with_us, *tool],
            cwd=places.CHECKOUT,
            stdout=subprocess.PIPE if quiet else None,
            stderr=subprocess.STDOUT if quiet else None,
            text=True,
        )
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _bring_browser() -> None:
    if not browser.chromium():
        tell("looking for chromium")
    if not browser.ensure_chromium():
        (complain if "CI" in os.environ else tell)(browser.ADVICE)
