"""The doors out against their own OpenAPI document, with input that nobody would think of."""

import asyncio
import sys
from pathlib import Path

import pytest

from builders import PARTNER
from relais_cli.stack.cluster import Stack

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
    "negative_data_rejection,ignored_auth"
)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_the_doors_keep_to_their_document(relais: Stack, tmp_path: Path) -> None:
    """No fault, no status and no shape that the document does not name; nothing is let in without a token."""
    running = await asyncio.create_subprocess_exec(
        SCHEMATHESIS,
        "run",
        f"{relais.url('notifications')}/openapi.json",
        "--header=Authorization: Bearer " + relais.keys.token("partner", PARTNER),
        "--include-path-regex=^/v1/(endpoints|deliveries)",
        "--phases=examples,coverage,fuzzing",
        "--max-examples=25",
        "--seed=1",
        "--generation-database=none",
        "--checks=" + CHECKS,
        "--rate-limit=80/s",
        "--no-color",
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await running.communicate()
    assert running.returncode == 0, said.decode()
