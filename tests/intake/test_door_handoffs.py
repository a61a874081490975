"""`/v1/handoffs` and `/v1/cases`: whose they are, what may be asked, who reads what."""

from datetime import timedelta
from typing import Any

import pytest

import builders as a
from intake.doors import Doors, sent
from intake.test_door_events import problem, where
from relais_chassis import clock
from relais_chassis.postgres import Connection
from relais_contracts import cases, handoffs
from relais_contracts.actions import By
from relais_intake.handoffs import store

ACTIONS = f"/v1/handoffs/{a.handoff()}/actions"
SCHEDULED = {"at": (clock.now() + timedelta(days=7)).isoformat(), "place": "Salle 3"}


async def test_an_action_is_taken_with_what_is_allowed_next(door: Doors) -> None:
    await door.propose()
    answer = await door.act("accept", id="a1")
    assert answer.status_code == 202
    told = answer.json()
    assert (told["id"], told["state"], told["events"]) == ("a1", "accepted", [f"actions/{a.CASE}/1"])
    assert "schedule" in told["allowed"]
    (row,) = await door.rows("select topic, subject, type from log where stream like 'actions/%'")
    assert tuple(row) == ("relais.actions", a.CASE, "org.relais.action.requested.v1")


async def test_the_same_action_again_gets_its_first_answer(door: Doors) -> None:
    await door.propose()
    first = await door.act("accept", id="a1")
    again = await door.act("accept", id="a1")
    assert (again.status_code, again.json()) == (200, first.json())
    problem(await door.act("schedule", id="a1", appointment=SCHEDULED), 409, "id-reused")


async def test_an_appointment_in_another_century_is_422_with_its_place(door: Doors) -> None:
    await door.propose()
    await door.act("accept")
    slip = await door.act("schedule", id="s1", appointment={**SCHEDULED, "at": "9999-12-31T23:59:00-12:00"})
    assert where(problem(slip, 422, "appointment-too-far")) == ["/appointment/at"]
    assert (await door.act("schedule", id="s1", appointment=SCHEDULED)).status_code == 202


async def test_an_action_not_possible_now_is_409_with_what_is(door: Doors) -> None:
    await door.propose()
    document = problem(await door.act("report-attended"), 409, "not-possible")
    assert document["allowed"] == ["accept", "decline"]


async def test_a_role_that_never_may_is_403_on_its_own(door: Doors) -> None:
    await door.propose()
    problem(await door.act("accept", door.who()), 403, "wrong-role")
    problem(await door.act("accept", door.who("directory")), 403, "wrong-role")
    assert (
        await door.act("request-cancellation", door.who(), reason="not-interested", caused_by="person")
    ).status_code == 202


async def test_a_coordinator_acts_in_its_territories_only(door: Doors) -> None:
    await door.propose()
    asked: dict[str, Any] = {"reason": "duplicate", "caused_by": "operator"}
    elsewhere = door.who("coordinator", "dreets", territories=["departement:69", "commune:01001"])
    problem(await door.act("request-cancellation", elsewhere, **asked), 404, "unknown-handoff")
    nowhere = door.who("coordinator", "dreets")
    problem(await door.act("request-cancellation", nowhere, **asked), 404, "unknown-handoff")
    here = door.who("coordinator", "dreets", territories=["departement:71"])
    assert (await door.act("request-cancellation", here, **asked)).status_code == 202


@pytest.mark.parametrize("path", ["", "/contact", "/texts/x"])
async def test_anothers_handoff_is_404_like_one_that_does_not_exist(door: Doors, path: str) -> None:
    await door.propose()
    stranger = door.who("partner", a.OTHER_PARTNER)
    foreign = await door.look(f"/v1/handoffs/{a.handoff()}{path}", stranger)
    missing = await door.look(f"/v1/handoffs/{a.handoff(attempt=9)}{path}", stranger)
    assert problem(foreign, 404, "unknown-handoff") == problem(missing, 404, "unknown-handoff")
    problem(await door.act("accept", stranger), 404, "unknown-handoff")


async def test_a_handoff_that_arrives_between_two_questions_is_found(
    door: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_known = store.is_known

    async def arriving(conn: Connection, handoff: str) -> bool:
        monkeypatch.setattr(store, "is_known", is_known)
        await door.propose()
        return await is_known(conn, handoff)

    monkeypatch.setattr(store, "is_known", arriving)
    assert (await door.act("accept")).status_code == 202


async def test_a_handoff_unknown_while_news_lag_is_503(door: Doors) -> None:
    door.behind = timedelta(minutes=1)
    for answer in (await door.act("accept"), await door.look(f"/v1/handoffs/{a.handoff()}")):
        problem(answer, 503, "unavailable")
        assert int(answer.headers["retry-after"]) >= 1
    await door.open_the_case()
    said = cases.CaseAttested(handoff=a.handoff(), outcome="achieved")
    problem(await door.post(sent(said)), 503, "unavailable")
    door.behind = timedelta(0)
    problem(await door.act("accept"), 404, "unknown-handoff")
    problem(await door.post(sent(said)), 404, "unknown-handoff")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"action": "dance"}, "/action"),
        ({"action": "decline"}, "/reason"),
        ({"action": "decline", "reason": "no-capacity"}, "/caused_by"),
        ({"action": "decline", "reason": "boredom", "caused_by": "partner"}, "/reason"),
        ({"action": "decline", "reason": "other", "caused_by": "partner"}, "/note"),
        ({"action": "schedule"}, "/appointment"),
        ({"action": "schedule", "appointment": {"at": "2026-03-09T10:00:00"}}, "/appointment/at"),
        ({"action": "schedule", "appointment": {"at": "tomorrow"}}, "/appointment/at"),
        ({"action": "schedule", "appointment": {**SCHEDULED, "place": "a\x00b"}}, "/appointment/place"),
        ({"action": "schedule", "appointment": {**SCHEDULED, "place": "x" * 201}}, "/appointment/place"),
        ({"action": "complete"}, "/outcome"),
        ({"action": "note"}, "/note"),
        ({"action": "note", "note": "x" * 2001}, "/note"),
        ({"action": "note", "note": "a\x00b"}, "/note"),
        (
            {"action": "hand-on", "onward": {"actor": "social-support", "need": a.NEED, "option": {}}},
            "/onward/option/any",
        ),
        ({"action": "accept", "reasons": "typo"}, "/reasons"),
        ({"action": "accept", "id": ""}, "/id"),
        ({"action": "accept", "id": "é"}, "/id"),
        ({"action": "accept", "received": "2026-03-09T10:00:00Z"}, "/received"),
        ({}, "/action"),
    ],
)
async def test_what_an_action_lacks_is_named(door: Doors, body: dict[str, Any], pointer: str) -> None:
    who = door.who("partner", a.PARTNER)
    answer = await door.http.post(ACTIONS, json={"id": "x", **body}, headers=who)
    assert answer.status_code == 422, answer.text
    assert pointer in where(answer.json()), answer.text


async def test_an_action_that_is_no_json_or_too_large_is_refused(door: Doors) -> None:
    who = {**door.who("partner", a.PARTNER), "content-type": "application/json"}
    for body, status in ((b"{", 422), (b"", 422), (b"[]", 422), (b"[" * 50, 422), (b"x" * 1_000_001, 413)):
        answer = await door.http.post(ACTIONS, content=body, headers=who)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"

    async def chunks() -> Any:
        for _ in range(20):
            yield b"x" * 100_000

    answer = await door.http.post(ACTIONS, content=chunks(), headers=who)
    assert answer.status_code == 413, answer.text
    assert (await door.look("/v1/handoffs/not-a-uuid")).status_code == 422


async def test_a_look_at_a_handoff(door: Doors) -> None:
    await door.propose()
    partner = door.who("partner", a.PARTNER)
    seen = (await door.look(f"/v1/handoffs/{a.handoff()}", partner)).json()
    assert (seen["state"], seen["owner"], seen["next"]) == ("proposed", "partner", "answer")
    assert (seen["operator"], seen["pending"]) == (a.OPERATOR, [])
    assert seen["available_actions"] == ["accept", "decline"]
    await door.act("accept")
    seen = (await door.look(f"/v1/handoffs/{a.handoff()}", partner)).json()
    assert (seen["state"], seen["pending"]) == ("proposed", ["accept"])
    assert "schedule" in seen["available_actions"]
    mine = (await door.look(f"/v1/handoffs/{a.handoff()}")).json()
    assert mine["available_actions"] == ["request-cancellation"]


async def test_a_partner_sees_what_it_handed_on_and_may_only_look(door: Doors) -> None:
    await door.propose()
    onward = a.a_handoff(step="digital-on-1", parent=a.handoff(), partner=a.OTHER_PARTNER)
    await door.tell(onward)
    path, first = f"/v1/handoffs/{onward.handoff}", door.who("partner", a.PARTNER)
    seen = (await door.look(path, first)).json()
    assert (seen["partner"], seen["parent"], seen["available_actions"]) == (a.OTHER_PARTNER, a.handoff(), [])
    problem(await door.act("accept", first, handoff=onward.handoff), 404, "unknown-handoff")
    problem(await door.look(f"{path}/contact", first), 404, "unknown-handoff")
    assert (await door.look(path, door.who("partner", a.OTHER_PARTNER))).json()["available_actions"]
    problem(
        await door.look(f"/v1/handoffs/{a.handoff()}", door.who("partner", a.OTHER_PARTNER)), 404, "unknown-handoff"
    )


async def test_what_became_of_an_action(door: Doors) -> None:
    await door.propose()
    partner = door.who("partner", a.PARTNER)
    await door.act("accept", id="a1")
    await door.tell(a.a_handoff(handoffs.HandoffAccepted), cause=f"actions/{a.CASE}/1")
    traced = (await door.look("/v1/events", partner, params={"source": "relais:actions", "id": "a1"})).json()
    assert traced["answer"]["state"] == "accepted"
    assert [each["type"] for each in traced["routing"]] == ["org.relais.handoff.accepted.v1"]


async def test_the_coordinator_confirms_a_cancellation_once_it_is_overdue(door: Doors) -> None:
    await door.open_the_case()
    asked = {"state": "cancellation-requested", "next": "cancellation"}
    by = By(role="operator", org=a.OPERATOR)
    here = door.who("coordinator", "dreets", territories=["region:27"])
    for due, status in ((clock.now() + timedelta(days=1), 409), (clock.now(), 202)):
        await door.tell(a.a_handoff(handoffs.HandoffCancellationRequested, by=by, due=due, **asked))
        assert (await door.act("confirm-cancellation", here)).status_code == status


async def test_notes_are_for_both_ends_and_in_no_log(door: Doors) -> None:
    await door.propose()
    await door.act("accept")
    note = "<b>Ada</b> comes with her sister"
    assert (await door.act("note", note=note)).status_code == 202
    (row,) = await door.rows("select id, sealed from note")
    assert note.encode() not in row["sealed"]
    for logged in await door.rows("select data from log"):
        assert b"sister" not in logged["data"]
    path = f"/v1/handoffs/{a.handoff()}/texts/{row['id']}"
    for who in (door.who(), door.who("partner", a.PARTNER)):
        seen = (await door.look(path, who)).json()
        assert (seen["text"], seen["by"]) == (note, {"role": "partner", "org": a.PARTNER})
    problem(await door.look(path, door.who("coordinator", territories=["country:FR"])), 403, "wrong-role")
    problem(await door.look(f"/v1/handoffs/{a.handoff()}/texts/other", door.who()), 404, "unknown-text")
    await door.tell(a.a_handoff(attempt=2))
    problem(await door.look(path.replace(a.handoff(), a.handoff(attempt=2)), door.who()), 404, "unknown-text")


async def test_a_note_of_an_erased_person_is_409_and_goes_nowhere(door: Doors) -> None:
    await door.propose()
    await door.act("accept")
    await door.post(sent(cases.CaseErased(reason="asked")))
    told = problem(await door.act("note", id="n1", note="Ada comes with her sister"), 409, "case-erased")
    assert "complete" in told["allowed"]
    assert await door.rows("select id from note") == []
    problem(await door.act("complete", id="n2", outcome="partly", note="Ada came"), 409, "case-erased")
    assert (await door.act("complete", id="n2", outcome="partly")).status_code == 202


async def test_ones_own_case_with_its_chain_as_a_tree(door: Doors) -> None:
    steps = (a.a_step("digital"), a.a_step("work", after=("digital",)))
    await door.propose(steps=steps)
    seen = (await door.look(f"/v1/cases/{a.CASE}")).json()
    assert [stage["stage"] for stage in seen["stages"]] == ["demand", "project", "possibilities", "strategy"]
    assert (seen["operator"], seen["expected"], seen["strategy"]["version"]) == (a.OPERATOR, None, 1)
    assert [(node["step"], node["state"]) for node in seen["chain"]] == [("digital", "running"), ("work", "planned")]
    assert seen["chain"][0]["handoffs"][0]["handoff"] == a.handoff()
    assert "Ada" not in str(seen)
    problem(await door.look(f"/v1/cases/{a.CASE}", door.who(org=a.OTHER_OPERATOR)), 404, "unknown-case")
    problem(await door.look(f"/v1/cases/{a.OTHER_CASE}"), 404, "unknown-case")
    problem(await door.look(f"/v1/cases/{a.CASE}", door.who("partner", a.PARTNER)), 403, "wrong-role")
