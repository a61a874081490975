"""Every command that the console's help names is there, and help itself costs nothing."""

import subprocess
import sys

import pytest

from relais_cli.main import COMMANDS, app


@pytest.mark.parametrize("name", [name for name, _, _ in COMMANDS])
def test_every_command_named_by_help_is_there(name: str) -> None:
    assert app[name].help


def test_help_does_not_load_what_the_commands_need() -> None:
    heavy = "import sys, relais_cli.main; print({'aiokafka', 'asyncpg', 'relais_chassis'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_an_unknown_command_is_a_failure() -> None:
    assert subprocess.run([sys.executable, "-m", "relais_cli", "dance"], capture_output=True).returncode != 0
