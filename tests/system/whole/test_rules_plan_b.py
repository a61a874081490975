"""Who comes next: after a decline, a silence, an answer of the person, a place that is gone, a new offer."""

import asyncio
from datetime import datetime
from typing import Any

from relais_contracts.cases import CaseOptionChosen, OfferOption
from system.whole.world import Scene

DECLINED = {"reason": "no-capacity", "caused_by": "partner"}


def moment(told: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(told["event"]["time"])


async def test_a_decline_is_followed_by_the_persons_second_option(scene: Scene) -> None:
    first, second = await scene.partner("first"), await scene.partner("second")
    case = await scene.case(scene.step("course", f"{first}.o", f"{second}.o"))
    proposed = await scene.told(first, "handoff.proposed")
    await scene.act(first, proposed["handoff"], "decline", **DECLINED)
    replacing = await scene.told(second, "handoff.proposed")
    assert (replacing["attempt"], replacing["step"]) == (2, "course")
    assert await scene.types("partner", first) == ["handoff.proposed", "handoff.declined"]
    assert await scene.types("operator", scene.operator, case) == [
        "handoff.proposed",
        "handoff.declined",
        "handoff.proposed",
    ]


async def test_a_silent_partner_is_reminded_then_replaced(scene: Scene) -> None:
    silent, next_one = await scene.partner("silent"), await scene.partner("next")
    case = await scene.case(scene.step("course", f"{silent}.o", f"{next_one}.o", answer_within=15))
    await scene.told(next_one, "handoff.proposed")
    proposed, reminded, lapsed = await scene.news("partner", silent, case)
    assert (proposed["type"], reminded["type"], lapsed["type"]) == (
        "handoff.proposed",
        "handoff.reminded",
        "handoff.lapsed",
    )
    assert moment(reminded) < datetime.fromisoformat(proposed["due"]) <= moment(lapsed)
    late = {"id": "too-late", "action": "accept"}
    path = f"/v1/handoffs/{lapsed['handoff']}/actions"
    answer = await scene.world.ask("intake", "POST", path, scene.world.who("partner", silent), json=late)
    assert (answer.status_code, answer.json()["allowed"]) == (409, [])


async def test_where_plan_b_was_not_agreed_the_person_chooses(scene: Scene) -> None:
    first, second = await scene.partner("first"), await scene.partner("second")
    case = await scene.case(scene.step("course", f"{first}.o", on_refusal="ask"))
    proposed = await scene.told(first, "handoff.proposed")
    await scene.act(first, proposed["handoff"], "decline", **DECLINED)
    waiting = await scene.operator_told("step.waiting", case)
    assert (waiting["for"], waiting["owner"], waiting["handoff"]) == ("choice", "operator", proposed["handoff"])
    assert await scene.news("partner", second) == []
    await scene.say(case, CaseOptionChosen(step="course", option=OfferOption(offer=f"{second}.o")))
    assert (await scene.told(second, "handoff.proposed"))["attempt"] == 2


async def test_nobody_is_found_until_an_offer_is_declared(scene: Scene) -> None:
    case = await scene.case()
    unmet = await scene.operator_told("step.unmet", case)
    assert (unmet["reason"], unmet["owner"]) == ("no-offer", "operator")
    partner = await scene.partner("newcomer")
    assert (await scene.told(partner, "handoff.proposed", case))["step"] == "first"


async def test_a_full_partner_is_proposed_once_it_has_a_place(scene: Scene) -> None:
    partner = await scene.partner("full")
    await scene.declare_places(partner, number=0, state="full")
    case = await scene.case()
    assert (await scene.operator_told("step.unmet", case))["reason"] == "no-capacity"
    assert (await scene.told(partner, "demand.places-requested"))["people"] == 1
    await scene.declare_places(partner, number=1)
    await scene.told(partner, "handoff.proposed", case)


async def test_of_two_cases_one_gets_the_last_place(scene: Scene) -> None:
    partner = await scene.partner("small")
    await scene.declare_places(partner, number=1)
    one, other = await asyncio.gather(scene.case(), scene.case())
    proposed = await scene.told(partner, "handoff.proposed")
    winner = proposed["event"]["subject"]
    loser = other if winner == one else one
    assert (await scene.operator_told("step.unmet", loser))["reason"] == "no-capacity"
    assert (await scene.types("partner", partner)).count("handoff.proposed") == 1
    await scene.act(partner, proposed["handoff"], "decline", reason="not-eligible", caused_by="person")
    assert (await scene.told(partner, "handoff.proposed", loser))["attempt"] == 1


async def test_a_cancellation_that_asks_for_a_replacement_brings_the_next(scene: Scene) -> None:
    first, second = await scene.partner("first"), await scene.partner("second")
    await scene.case(scene.step("course", f"{first}.o", f"{second}.o"))
    handoff = (await scene.told(first, "handoff.proposed"))["handoff"]
    why = {"reason": "not-reachable", "caused_by": "partner", "replace": True}
    await scene.act(scene.operator, handoff, "request-cancellation", role="operator", **why)
    await scene.told(first, "handoff.cancellation-requested")
    assert await scene.news("partner", second) == []
    await scene.act(first, handoff, "confirm-cancellation")
    await scene.told(second, "handoff.proposed")
