"""Whatever the OpenAPI document allows to be sent, and what it does not, gets an answer that the document names."""

import asyncio
import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import sampled_from
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

import builders as a
from intake.process import Process

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
ROLES = ("operator", "partner", "coordinator", "directory", "admin")


@schemathesis.serializer("application/x-ndjson")
def lines(_: Any, value: Any) -> bytes:
    """One line of NDJSON."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def ask_everything(url: str, tokens: dict[str, dict[str, str]]) -> set[tuple[str, str]]:
    """Ask every route in every role; which ones were asked."""
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    asked: set[tuple[str, str]] = set()
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        asked.add((operation.method, operation.path))

        @settings(
            max_examples=20,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), role=sampled_from(ROLES))
        def ask(case: Any, role: str) -> None:
            case.call_and_validate(headers=tokens[role], checks=CHECKS, timeout=20)

        ask()
    return asked


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_no_door_answers_beside_its_document(intake: Process) -> None:
    tokens = {role: intake.who(role, a.OPERATOR) for role in ROLES}
    asked = await asyncio.to_thread(ask_everything, intake.url, tokens)
    assert len(asked) == 9
    faults = [line for line in intake.lines if line.get("event") == "fault"]
    assert faults == []
