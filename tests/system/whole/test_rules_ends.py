"""What ends a step, a consent, an operator's hold on a case, a case, and the keeping of a contact."""

import json
from datetime import timedelta
from typing import Any

import pytest

import builders as a
from relais_chassis import clock
from relais_contracts.cases import (
    CaseClosed,
    CaseConsentWithdrawn,
    CaseErased,
    CaseTransferred,
    Contact,
)
from system.whole.world import Scene

CONTACT = Contact(name="Ada Martin", phone="+33 3 85 00 00 00", preferred="phone")


async def accepted(scene: Scene, **opened: Any) -> tuple[str, str, str]:
    """A partner, the case, and the hand-off that the partner has accepted."""
    partner = await scene.partner("partner")
    case = await scene.case(opened=opened)
    handoff = (await scene.told(partner, "handoff.proposed", case))["handoff"]
    await scene.act(partner, handoff, "accept")
    await scene.told(partner, "handoff.accepted", case)
    return partner, case, handoff


async def test_a_finished_step_starts_the_next_and_the_last_ends_the_chain(scene: Scene) -> None:
    partner = await scene.partner("partner")
    case = await scene.case(scene.step("one"), scene.step("two", after=("one",)))
    first = await scene.told(partner, "handoff.proposed", case)
    assert first["step"] == "one"
    await scene.act(partner, first["handoff"], "accept")
    appointment = {"at": (clock.now() + timedelta(days=2)).isoformat(), "place": "Mâcon", "mode": "in-person"}
    await scene.act(partner, first["handoff"], "schedule", appointment=appointment)
    await scene.act(partner, first["handoff"], "complete", outcome="achieved")
    second = await scene.told(partner, "handoff.proposed", case, times=2)
    assert second["step"] == "two"
    await scene.act(partner, second["handoff"], "accept")
    await scene.act(partner, second["handoff"], "complete", outcome="partly")
    assert (await scene.operator_told("chain.done", case))["steps"] == 2
    tree = await scene.world.ask("intake", "GET", f"/v1/cases/{case}", scene.world.who("operator", scene.operator))
    assert [(step["step"], step["state"], step["why"]) for step in tree.json()["chain"]] == [
        ("one", "done", "achieved"),
        ("two", "done", "partly"),
    ]


async def test_an_outcome_not_achieved_goes_back_to_the_operator(scene: Scene) -> None:
    partner, case, handoff = await accepted(scene)
    await scene.act(partner, handoff, "complete", outcome="not-achieved")
    waiting = await scene.operator_told("step.waiting", case)
    assert (waiting["for"], waiting["owner"]) == ("outcome", "operator")


async def test_a_withdrawn_consent_asks_to_stop_and_shuts_the_contact_at_once(scene: Scene) -> None:
    partner, case, handoff = await accepted(scene, contact=CONTACT)
    path, who = f"/v1/handoffs/{handoff}/contact", scene.world.who("partner", partner)
    shown = await scene.world.ask("intake", "GET", path, who)
    assert (shown.status_code, shown.json()["name"]) == (200, "Ada Martin")
    await scene.say(case, CaseConsentWithdrawn())
    answer = await scene.world.ask("intake", "GET", path, who)
    assert answer.status_code in (403, 409)
    assert "Ada" not in answer.text
    asked = await scene.told(partner, "handoff.cancellation-requested", case)
    assert (asked["by"]["role"], asked["caused_by"]) == ("system", "person")
    await scene.act(partner, handoff, "confirm-cancellation")
    assert (await scene.operator_told("step.waiting", case))["for"] == "consent"


@pytest.mark.parametrize("end", [CaseClosed(reason="parcours terminé"), CaseErased(reason="à sa demande")])
async def test_the_end_of_a_case_asks_to_stop_what_runs_and_starts_nothing(
    scene: Scene, end: CaseClosed | CaseErased
) -> None:
    partner, case, handoff = await accepted(scene)
    await scene.say(case, end)
    asked = await scene.told(partner, "handoff.cancellation-requested", case)
    assert asked["by"]["role"] == "system"
    await scene.act(partner, handoff, "confirm-cancellation")
    await scene.operator_told("chain.done", case)
    assert (await scene.types("partner", partner, case)).count("handoff.proposed") == 1


async def test_a_transfer_moves_rights_and_news_at_once(scene: Scene) -> None:
    partner, case, handoff = await accepted(scene)
    former, to = scene.world.who("operator", scene.operator), f"to-{scene.name}"
    await scene.world.declare(a.a_partner(partner=to))
    await scene.say(case, CaseTransferred(to=to))
    taken = scene.world.who("operator", to)
    for path in (f"/v1/cases/{case}", f"/v1/handoffs/{handoff}"):
        assert (await scene.world.ask("intake", "GET", path, former)).status_code == 404
        assert (await scene.world.ask("intake", "GET", path, taken)).status_code == 200
    for org in (scene.operator, to):
        await scene.told(org, "case.transferred", case, "operator")
    await scene.act(partner, handoff, "start")
    await scene.told(to, "handoff.started", case, "operator")
    assert "handoff.started" not in await scene.types("operator", scene.operator, case)
    for who, status in ((former, 404), (taken, 200)):
        assert (await scene.world.ask("notifications", "GET", f"/v1/board/cases/{case}", who)).status_code == status
    await scene.say(case, a.strategy(2, scene.step("another", "nobody.knows")), to)
    await scene.told(to, "handoff.cancellation-requested", case, "operator")


async def test_erasure_deletes_the_contact_and_tells_those_who_read_it(scene: Scene) -> None:
    reader, case, handoff = await accepted(scene, contact=CONTACT)
    who, path = scene.world.who("partner", reader), f"/v1/handoffs/{handoff}"
    assert (await scene.world.ask("intake", "GET", f"{path}/contact", who)).json()["phone"] == CONTACT.phone
    await scene.act(reader, handoff, "note", note="rappeler après 18 h")
    (kept,) = await scene.world.rows('select id from intake.note where "case" = $1', case)
    assert (await scene.world.ask("intake", "GET", f"{path}/texts/{kept['id']}", who)).json()["text"]
    await scene.say(case, CaseErased(reason="à sa demande"))
    for table in ("contact", "note"):
        assert await scene.world.rows(f'select * from intake.{table} where "case" = $1', case) == []
    for gone, statuses in (("contact", (403, 409)), (f"texts/{kept['id']}", (404,))):
        assert (await scene.world.ask("intake", "GET", f"{path}/{gone}", who)).status_code in statuses
    await scene.told(reader, "case.erased", case)


async def test_the_record_says_who_read_a_contact_each_time(scene: Scene) -> None:
    partner, case, handoff = await accepted(scene, contact=CONTACT)
    path, who = f"/v1/handoffs/{handoff}/contact", scene.world.who("partner", partner)
    for _ in range(2):
        await scene.world.ask("intake", "GET", path, who)
    query = "select convert_from(data, 'UTF8') as data from intake.log where stream = $1 and type like '%disclosed%'"
    read = [json.loads(row["data"]) for row in await scene.world.rows(query, f"case/{case}")]
    assert [(each["partner"], each["handoff"]) for each in read] == [(partner, handoff)] * 2
