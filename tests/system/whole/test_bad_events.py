"""Whatever is wrong with what operators send, intake says what it expected and where, and takes the next good event."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

import builders as a
from relais_chassis.access import Caller, issue
from relais_chassis.keys import new_keypair
from relais_contracts.codec import BATCH, STRUCTURED
from relais_intake.api.events import MOST_AT_ONCE
from system.whole.world import Scene, World, event


def problem(answer: httpx.Response, status: int, code: str) -> Any:
    """The problem document, complete and of its media type."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert (document["type"], document["status"]) == (f"urn:relais:problem:{code}", status)
    assert document["title"]
    assert document["detail"]
    return document


@pytest.fixture
def operator(scene: Scene) -> dict[str, str]:
    """The header of the scene's operator."""
    return scene.world.who("operator", scene.operator)


async def is_still_open(scene: Scene) -> None:
    """The doors take a good event, and it goes the whole way."""
    partner = await scene.partner("after")
    case = await scene.case()
    await scene.told(partner, "handoff.proposed", case)


def deep(levels: int) -> Any:
    found: Any = "bottom"
    for _ in range(levels):
        found = [found]
    return found


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", STRUCTURED, 422, "not-a-cloudevent"),
        (b"", STRUCTURED, 422, "not-a-cloudevent"),
        (b"\xff\xfe{}", STRUCTURED, 422, "not-a-cloudevent"),
        (b'{"id": 1e999}', STRUCTURED, 422, "not-a-cloudevent"),
        (b'{"id": "\\ud800"}', STRUCTURED, 422, "not-a-cloudevent"),
        (b"[]", STRUCTURED, 422, "not-a-cloudevent"),
        (b"{}", BATCH, 422, "not-a-cloudevent"),
        (b"[" * 100_000, STRUCTURED, 422, "too-deep"),
        (json.dumps(deep(40)).encode(), BATCH, 422, "too-deep"),
        (b'"' + b"x" * 1_000_000 + b'"', STRUCTURED, 413, "too-large"),
        (json.dumps([1] * (MOST_AT_ONCE + 1)).encode(), BATCH, 413, "batch-too-long"),
        (b"{}", "text/plain", 415, "content-type"),
        (b"{}", "application/json", 415, "content-type"),
        (b"a=b", "application/x-www-form-urlencoded", 415, "content-type"),
    ],
)
async def test_what_is_no_event_at_all_is_a_problem(
    doors: World, operator: dict[str, str], body: bytes, kind: str, status: int, code: str
) -> None:
    document = problem(await doors.post(body, operator, kind), status, code)
    assert {"expected", "errors", "limit"} & set(document) or "at most" in document["detail"]


async def test_a_body_without_a_length_is_cut_off_as_it_streams_in(doors: World, operator: dict[str, str]) -> None:
    async def chunks() -> Any:
        for _ in range(40):
            yield b"x" * 100_000

    headers = {"content-type": STRUCTURED}
    problem(
        await doors.ask("intake", "POST", "/v1/events", operator, content=chunks(), headers=headers), 413, "too-large"
    )


TWO = [{"step": one, "actor": "training-body", "need": a.NEED, "options": [{"any": True}], "after": [other]}
       for one, other in (("one", "two"), ("two", "one"))]  # fmt: skip


@pytest.mark.parametrize(
    ("payload", "data", "pointer"),
    [
        (a.opened(), {"commune": "99999"}, "/data/commune"),
        (a.opened(), {"commune": 71270}, "/data/commune"),
        (a.opened(), {"commune": None}, "/data/commune"),
        (a.opened(), {"situation": "pupil"}, "/data/situation"),
        (a.opened(), {"audiences": "jeunes"}, "/data/audiences"),
        (a.opened(), {"mobility": {"means": ["car"]}}, "/data/mobility/reach_minutes"),
        (a.opened(), {"contact": {"name": "x" * 201, "preferred": "phone"}}, "/data/contact/name"),
    ],
)
async def test_a_wrong_opening_is_named_with_its_place(
    scene: Scene, operator: dict[str, str], payload: Any, data: Any, pointer: str
) -> None:
    answer = await scene.world.post(event(payload, str(uuid4()), scene.operator, data=data), operator)
    document = answer.json()
    assert (answer.status_code, document["title"] != "") == (422, True), answer.text
    assert pointer in [each["pointer"] for each in document["errors"]]
    assert all(each.get("expected") or each.get("detail") for each in document["errors"])


ONE = [{"option": "Une formation", "actor": "training-body", "need": a.NEED}]


def stages(scene: Scene) -> list[Any]:
    """The four, in order."""
    return [a.clarified(), a.verified(), a.possibilities(), a.strategy(1, scene.step())]


@pytest.mark.parametrize(
    ("passed", "payload", "data", "pointer"),
    [
        (0, a.clarified(), {"needs": ["tondre-la-pelouse"]}, "/data/needs/0"),
        (2, a.possibilities(), {"options": ONE}, "/data/options"),
        (2, a.possibilities(), {"options": ONE * 2}, "/data/options"),
        (3, a.strategy(), {"steps": TWO}, "/data/steps/0/after"),
        (3, a.strategy(), {"steps": [TWO[0]]}, "/data/steps/0/after/0"),
        (3, a.strategy(), {"steps": [{**TWO[0], "options": []}]}, "/data/steps/0/options"),
        (3, a.consent(), {"until": "2001-01-01"}, "/data/until"),
    ],
)  # fmt: skip
async def test_a_wrong_statement_is_named_with_its_place(
    scene: Scene, operator: dict[str, str], passed: int, payload: Any, data: Any, pointer: str
) -> None:
    case = str(uuid4())
    for said in [a.opened(), *stages(scene)[:passed]]:
        await scene.say(case, said)
    answer = await scene.world.post(event(payload, case, scene.operator, data=data), operator)
    assert answer.status_code == 422, answer.text
    assert pointer in [each["pointer"] for each in answer.json()["errors"]]
    if passed < 3:
        await scene.say(case, stages(scene)[passed])


async def test_a_stage_out_of_order_names_the_stage_that_is_expected(scene: Scene, operator: dict[str, str]) -> None:
    case, four = str(uuid4()), stages(scene)
    document = problem(await scene.world.post(event(four[0], case, scene.operator), operator), 409, "not-opened")
    assert document["expected_type"] == "org.relais.case.opened.v1"
    await scene.say(case, a.opened())
    for number, expected in enumerate(("demand", "project", "possibilities")):
        early = event(four[number + 1], case, scene.operator)
        document = problem(await scene.world.post(early, operator), 409, "stage-out-of-order")
        assert (document["expected"], document["expected_type"]) == (expected, four[number].TYPE)
        await scene.say(case, four[number])
    wrong = event(a.strategy(2, scene.step()), case, scene.operator)
    assert problem(await scene.world.post(wrong, operator), 409, "version")["expected"] == 1
    await scene.say(case, four[3])


async def test_an_id_used_again_with_another_body_is_refused(scene: Scene, operator: dict[str, str]) -> None:
    case, id = str(uuid4()), str(uuid4())
    first = await scene.world.post(event(a.opened(), case, scene.operator, id), operator)
    again = await scene.world.post(event(a.opened(), case, scene.operator, id), operator)
    assert (first.status_code, again.status_code, again.json()) == (202, 200, first.json())
    other = event(a.opened(situation="student"), case, scene.operator, id)
    problem(await scene.world.post(other, operator), 409, "id-reused")
    await scene.say(case, a.clarified())


async def test_good_and_bad_lines_of_a_batch_are_answered_in_their_order(
    scene: Scene, operator: dict[str, str]
) -> None:
    case, org = str(uuid4()), scene.operator
    foreign = event(a.opened(), str(uuid4()), "somebody-else")
    unknown = {**event(a.opened(), case, org), "type": "org.relais.case.dreamt.v1"}
    lines = [
        event(a.opened(), case, org),
        event(a.verified(), case, org),
        "no event",
        foreign,
        event(a.clarified(), case, org, data={"needs": []}),
        unknown,
        event(a.clarified(), case, org),
    ]
    results = await scene.world.batch(lines, operator)
    assert [each["status"] for each in results] == [202, 409, 422, 403, 422, 422, 202]
    assert [each.get("id") for each in results] == [line["id"] if isinstance(line, dict) else None for line in lines]
    assert results[1]["expected"] == "demand"
    assert results[4]["errors"][0]["pointer"] == "/data/needs"
    await scene.say(case, a.verified())


def of_another_key(world: World, org: str) -> str:
    return issue(new_keypair(), Caller("x", org, "operator"), timedelta(hours=1))


def unsigned(world: World, org: str) -> str:
    """The same claims under `alg: none`, and no signature."""
    import base64

    def part(content: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    _, claims, _ = world.who("operator", org)["authorization"].removeprefix("Bearer ").split(".")
    kid = json.loads(world.stack.keys.jwks.read_text())["keys"][0]["kid"]
    return f"{part({'alg': 'none', 'kid': kid})}.{claims}."


def tampered(world: World, org: str) -> str:
    """Another organisation's claims under one's own signature."""
    head, _, signature = world.who("operator", org)["authorization"].split(".")
    claims = world.who("operator", "somebody-else")["authorization"].split(".")[1]
    return f"{head.removeprefix('Bearer ')}.{claims}.{signature}"


def expired(world: World, org: str) -> str:
    return world.stack.keys.token("operator", org, lifetime=timedelta(seconds=-60))


def elsewhere(world: World, org: str) -> str:
    return world.stack.keys.token("operator", org, audience="another-service")


def for_the_login(world: World, org: str) -> str:
    return world.stack.keys.login_token("operator", org)


@pytest.mark.parametrize("forge", [of_another_key, unsigned, tampered, expired, elsewhere, for_the_login])
async def test_a_token_that_is_not_right_is_401_everywhere(scene: Scene, forge: Callable[[World, str], str]) -> None:
    who = {"authorization": f"Bearer {forge(scene.world, scene.operator)}"}
    opening = event(a.opened(), str(uuid4()), scene.operator)
    answer = await scene.world.post(opening, who)
    problem(answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"].startswith("Bearer error=")
    problem(await scene.world.ask("routing", "GET", f"/v1/decisions/{uuid4()}", who), 401, "unauthorized")
    problem(await scene.world.ask("notifications", "GET", "/v1/feed", who), 401, "unauthorized")
    assert (await scene.world.post(opening, scene.world.who("operator", scene.operator))).status_code == 202


async def test_without_a_token_the_problem_says_what_is_expected(doors: World) -> None:
    for service, method, path in (
        ("intake", "POST", "/v1/events"),
        ("routing", "POST", "/v1/options"),
        ("notifications", "GET", "/v1/feed"),
    ):
        assert "token" in problem(await doors.ask(service, method, path), 401, "unauthorized")["detail"]


async def test_after_all_that_the_whole_still_works(scene: Scene) -> None:
    await is_still_open(scene)
