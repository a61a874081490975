"""kill -9 of each service at random instants, during a stream of 2,000 cases: afterwards every number adds up."""

import json
import subprocess
import sys

import pytest


@pytest.mark.timeout(400)
def test_nothing_is_lost_or_doubled_when_services_are_killed() -> None:
    command = [sys.executable, "-m", "relais_cli", "faults", "--cases", "2000", "--kills", "12", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=380, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    figures = json.loads(done.stdout)
    assert figures["case_events"] == 12_000
    assert figures["actions"] == figures["handoffs_opened"] > 1_000
    assert min(figures[f"{service} killed"] for service in ("intake", "routing", "notifications")) >= 2
