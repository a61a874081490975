"""The receiver of the partner's guide takes what is genuine and nothing else; its table is that of the contracts."""

import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from standardwebhooks import Webhook

from relais_cli import places
from relais_contracts.transitions import TABLE, allowed

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
GUIDES = places.CHECKOUT / "docs" / "guides"


def test_the_receiver_takes_genuine_messages_once_and_refuses_others(tmp_path: Path) -> None:
    address = tmp_path / "address"
    Path(f"{address}.secret").write_text(SECRET)
    receiver = subprocess.Popen(
        [sys.executable, str(GUIDES / "receiver.py"), str(address)], stdout=subprocess.PIPE, env={**os.environ}
    )
    try:
        while not (address.exists() and address.read_text()):
            assert receiver.poll() is None
            time.sleep(0.02)
        body, now = '{"type": "org.relais.webhook.test.v1"}', datetime.now(UTC)
        signed = {
            "webhook-id": "m1",
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(SECRET).sign("m1", now, body),
        }
        url = address.read_text()
        answers = [httpx.post(url, content=body, headers=signed).status_code for _ in range(2)]
        forged = httpx.post(url, content=body.replace("test", "fake"), headers=signed)
        assert (answers, forged.status_code) == ([204, 204], 401)
    finally:
        receiver.terminate()
        output, _ = receiver.communicate()
    assert output.decode().splitlines() == ["genuine: org.relais.webhook.test.v1"]


@pytest.mark.parametrize("state", sorted({line.start for line in TABLE if line.actor == "partner" and line.start}))
def test_the_partners_table_says_what_the_contracts_allow(state: str) -> None:
    (row,) = re.findall(rf"^\| {state} \| (.+) \|$", (GUIDES / "partner.md").read_text(), re.MULTILINE)
    said = {re.sub(r" \(.*\)", "", each) for each in row.split(", ")}
    assert said == set(allowed(state, "partner"))
