"""The demo runs the whole chain on servers of its own, adds up, and leaves nothing behind."""

import json
import subprocess
import sys

import pytest


@pytest.mark.timeout(240)
def test_the_day_adds_up() -> None:
    command = [sys.executable, "-m", "relais_cli", "demo", "--json", "--cases", "40"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=220, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    (line,) = done.stdout.splitlines()
    of = json.loads(line)
    assert (of["cases"], of["masked"]) == (40, 32)
    assert of["events_accepted"] == of["events_logged"] == of["events_published"] > 240
    assert of["handoffs_opened"] == of["handoffs_ended"] + of["handoffs_open"]
    assert of["handoffs_ended"] > 10
    assert of["unmet"] >= 4
    assert of["webhooks_owed"] == of["webhooks_delivered"] + of["webhooks_pending"] + of["webhooks_abandoned"]
    assert (of["lost"], of["doubled"]) == (0, 0)
    assert of["seconds"] < 120
