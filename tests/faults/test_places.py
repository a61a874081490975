"""Fifty operators at once run for ten places, through three workers: never is an eleventh given, and none lies idle."""

import json
import subprocess
import sys

import pytest


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_never_an_eleventh() -> None:
    command = [sys.executable, "-m", "relais_cli", "faults", "places", "--rounds", "6", "--together", "6", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    figures = json.loads(done.stdout)
    assert (figures["rounds"], figures["people"], figures["most_held_at_once"]) == (6, 300, 10)
    assert figures["refusals_for_no_room"] > 100
    assert figures["places_released"] >= figures["places_given_again"] > 30
