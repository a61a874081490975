"""Actions that are not one's own, not one's role's, not possible or not readable, and the same of the other doors."""

import json
from typing import Any
from uuid import uuid4

import pytest

import builders as a
from relais_contracts.cases import CaseAttested
from system.whole.test_bad_events import problem
from system.whole.world import NDJSON, Scene, event

NUL = b'{"url": "http://127.0.0.1:9/", "description": "a\\u0000b"}'
DECLINE = {"reason": "no-capacity", "caused_by": "partner"}


async def proposed(scene: Scene) -> tuple[str, str, str]:
    """A partner, a case, and the hand-off just proposed."""
    partner = await scene.partner("partner")
    case = await scene.case()
    return partner, case, (await scene.told(partner, "handoff.proposed", case))["handoff"]


async def ask(scene: Scene, role: str, org: str, handoff: str, action: str, **given: Any) -> Any:
    """An action, whatever comes of it."""
    body = {"id": str(uuid4()), "action": action, **given}
    who = scene.world.who(role, org, ("departement:71",))
    return await scene.world.ask("intake", "POST", f"/v1/handoffs/{handoff}/actions", who, json=body)


async def test_a_hand_off_of_somebody_else_does_not_exist(scene: Scene) -> None:
    partner, case, handoff = await proposed(scene)
    other = await scene.partner("other")
    for role, org, action in (
        ("partner", other, "accept"),
        ("partner", other, "decline"),
        ("operator", f"other-{scene.name}", "request-cancellation"),
    ):
        document = problem(await ask(scene, role, org, handoff, action, **DECLINE), 404, "unknown-handoff")
        assert partner not in json.dumps(document)
    problem(await ask(scene, "partner", partner, str(uuid4()), "accept"), 404, "unknown-handoff")
    elsewhere = scene.world.who("coordinator", "c", ("departement:59",))
    path = f"/v1/handoffs/{handoff}"
    problem(await scene.world.ask("intake", "GET", path, elsewhere), 404, "unknown-handoff")
    foreign = event(a.clarified(), case, f"other-{scene.name}")
    who = scene.world.who("operator", f"other-{scene.name}")
    problem(await scene.world.post(foreign, who), 404, "unknown-case")
    attested = event(CaseAttested(handoff=str(uuid4()), outcome="achieved"), case, scene.operator)
    problem(await scene.world.post(attested, scene.world.who("operator", scene.operator)), 404, "unknown-handoff")
    assert (await ask(scene, "partner", partner, handoff, "accept")).status_code == 202


async def test_a_wrong_role_on_ones_own_is_403_with_what_is_allowed(scene: Scene) -> None:
    partner, _, handoff = await proposed(scene)
    document = problem(await ask(scene, "operator", scene.operator, handoff, "accept"), 403, "wrong-role")
    assert document["allowed"] == ["request-cancellation"]
    document = problem(
        await ask(scene, "partner", partner, handoff, "request-cancellation", **DECLINE), 403, "wrong-role"
    )
    assert document["allowed"] == ["accept", "decline"]
    document = problem(await ask(scene, "coordinator", "c", handoff, "complete", outcome="partly"), 403, "wrong-role")
    assert document["allowed"] == ["request-cancellation"]
    assert (await ask(scene, "partner", partner, handoff, "accept")).status_code == 202


async def test_an_action_that_is_not_possible_now_names_those_that_are(scene: Scene) -> None:
    partner, _, handoff = await proposed(scene)
    document = problem(
        await ask(scene, "partner", partner, handoff, "complete", outcome="achieved"), 409, "not-possible"
    )
    assert (document["state"], document["allowed"]) == ("proposed", ["accept", "decline"])
    who = scene.world.who("partner", partner)
    path = f"/v1/handoffs/{handoff}/contact"
    problem(await scene.world.ask("intake", "GET", path, who), 409, "not-accepted")
    assert (await ask(scene, "partner", partner, handoff, "accept")).status_code == 202


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"action": "decline"}, "/reason"),
        ({"action": "decline", "reason": "other", "caused_by": "person"}, "/note"),
        ({"action": "decline", "reason": "fog", "caused_by": "person"}, "/reason"),
        ({"action": "dance"}, "/action"),
        ({"action": "schedule", "appointment": {"at": "2026-03-02T10:00:00"}}, "/appointment/at"),
        ({"action": "complete", "outcome": "perfect"}, "/outcome"),
        ({"action": "accept", "note": "x" * 2001}, "/note"),
        ({"action": "accept", "note": "a\u0000b"}, "/note"),
        ({"action": "accept", "colour": "red"}, "/colour"),
        ({"action": "accept", "id": 5}, "/id"),
        ({"action": "accept", "id": ""}, "/id"),
    ],
)
async def test_a_wrong_action_is_named_with_its_place(scene: Scene, given: dict[str, Any], pointer: str) -> None:
    answer = await ask(scene, "partner", "anybody", str(uuid4()), **given)
    document = problem(answer, 422, "invalid")
    assert pointer in [each["pointer"] for each in document["errors"]], answer.text


async def test_an_action_of_another_form_is_refused_and_an_id_stands_for_one_action(scene: Scene) -> None:
    partner, _, handoff = await proposed(scene)
    who, path = scene.world.who("partner", partner), f"/v1/handoffs/{handoff}/actions"
    for body, kind, status, code in (
        (b"action=accept", "application/x-www-form-urlencoded", 415, "content-type"),
        (b"{", "application/json", 422, "invalid"),
        (b"[]", "application/json", 422, "invalid"),
        (b"[" * 1000, "application/json", 422, "too-deep"),
        (b"x" * 1_000_001, "application/json", 413, "too-large"),
    ):
        answer = await scene.world.ask("intake", "POST", path, who, content=body, headers={"content-type": kind})
        problem(answer, status, code)
    problem(await scene.world.ask("intake", "GET", "/v1/handoffs/not-a-uuid", who), 422, "invalid")
    first = await ask(scene, "partner", partner, handoff, "accept", id="mine")
    again = await ask(scene, "partner", partner, handoff, "accept", id="mine")
    assert (first.status_code, again.status_code, again.json()) == (202, 200, first.json())
    problem(await ask(scene, "partner", partner, handoff, "start", id="mine"), 409, "id-reused")


@pytest.mark.parametrize(
    ("service", "method", "path", "body", "kind", "status"),
    [
        ("intake", "POST", "/v1/directory", b"{}", "application/json", 415),
        ("intake", "POST", "/v1/directory", b"x" * 1_000_001, NDJSON, 413),
        ("intake", "POST", "/v1/directory", b"[" * 1000, NDJSON, 422),
        ("routing", "POST", "/v1/options", b"{", "application/json", 422),
        ("routing", "POST", "/v1/options", b'{"actor": "wizard"}', "application/json", 422),
        ("routing", "POST", "/v1/options", b"[" * 1000, "application/json", 422),
        ("routing", "POST", "/v1/options", b"x" * 1_000_001, "application/json", 413),
        ("routing", "GET", "/v1/decisions/not-a-uuid", b"", "", 422),
        ("routing", "GET", "/v1/draws/not-a-day", b"", "", 422),
        ("notifications", "POST", "/v1/endpoints", b"{", "application/json", 422),
        ("notifications", "POST", "/v1/endpoints", b'{"url": 5}', "application/json", 422),
        ("notifications", "POST", "/v1/endpoints", b'{"url": "ftp://x", "description": "d"}', "application/json", 422),
        ("notifications", "POST", "/v1/endpoints", NUL, "application/json", 422),
        ("notifications", "POST", "/v1/endpoints", b"[" * 1000, "application/json", 422),
        ("notifications", "POST", "/v1/endpoints", b"x" * 1_000_001, "application/json", 413),
        ("notifications", "GET", "/v1/feed?after=nonsense", b"", "", 422),
        ("notifications", "GET", "/v1/feed?limit=0", b"", "", 422),
        ("notifications", "GET", "/v1/deliveries/5", b"", "", 422),
        ("notifications", "GET", "/v1/board/worklists/open?after=%00", b"", "", 422),
        ("notifications", "GET", "/v1/board/worklists?partner=%00", b"", "", 422),
        ("notifications", "GET", "/v1/board/cases/%00", b"", "", 404),
        ("notifications", "GET", "/v1/board/stream?list=%00", b"", "", 404),
        ("intake", "GET", "/v1/events?source=%00&id=1", b"", "", 422),
        ("intake", "GET", "/v1/cases/%00", b"", "", 422),
        ("notifications", "GET", "/v1/board/worklists/nonsense", b"", "", 404),
        ("notifications", "GET", "/v1/board/worklists?territory=France", b"", "", 422),
    ],
)
async def test_every_other_door_says_what_is_wrong_too(
    scene: Scene, service: str, method: str, path: str, body: bytes, kind: str, status: int
) -> None:
    who = scene.world.who("directory" if "directory" in path else "operator", scene.operator)
    headers = {"content-type": kind} if kind else {}
    answer = await scene.world.ask(service, method, path, who, content=body, headers=headers)
    assert answer.status_code == status, answer.text
    document = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert document["detail"]
