"""The sheet of clocks: who is looked at when, and who is left alone because something of the case is parked."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from builders import PARTNER, a_case, a_partner, an_offer, consent, requested
from relais_chassis import clock, dead_letters
from relais_chassis.commands import Parked
from relais_chassis.resuming import Resuming
from relais_contracts.actions import By
from relais_contracts.handoffs import HandoffAccepted, HandoffCancellationRequested, HandoffProposed
from relais_routing.chain.calendar import PARIS, midnight
from routers import Router, a_proposal, due


async def test_a_partner_whose_answer_is_parked_is_not_lapsed_and_the_letter_is_listed(router: Router) -> None:
    case, other = await a_proposal(router), str(uuid4())
    await router.hears(*a_case(), case=other)
    proposed = await router.proposed(case)
    broken = replace(router.record(requested("note", handoff=proposed.handoff), case), value=b"{}")
    accept = requested("accept", handoff=proposed.handoff, by=By(role="partner", org=PARTNER), received=clock.now())
    first, second = await router.handler.handle([broken, router.record(accept, case)])
    assert (type(first), type(second)) == (Parked, Parked)
    assert await due(router, 30) == [f"chain/{other}"]
    async with router.database.transaction() as conn:
        [letter] = await dead_letters.list_letters(conn)
        assert (letter.stream, letter.waiting) == (f"actions/{case}", 2)
        await dead_letters.discard(conn, letter.id)
    assert await Resuming(router.database, router.handler).once() == 1
    await router.checks(case, clock.now() + timedelta(days=9))
    assert [type(event) for event in (await router.said(case))[1:]] == [HandoffProposed, HandoffAccepted]
    assert sorted(await due(router, 30)) == sorted([f"chain/{case}", f"chain/{other}"])


async def test_a_clock_waits_for_facts_of_its_case_that_are_parked_too(router: Router) -> None:
    case = await a_proposal(router)
    await router.handler.handle([replace(router.record(consent(), case), value=b"{}")])
    assert await due(router, 30) == []


async def test_a_consent_that_runs_out_is_looked_at_the_day_after_and_its_hand_off_stopped(router: Router) -> None:
    case, last = str(uuid4()), clock.now().astimezone(PARIS).date() + timedelta(days=40)
    await router.hears(a_partner(), an_offer())
    *stages, agreed = a_case()
    await router.hears(*stages, agreed.model_copy(update={"until": last}), case=case)
    handoff = (await router.proposed(case)).handoff
    for action in ("accept", "start"):
        await router.hears(requested(action, handoff=handoff, received=clock.now()), case=case)
    over = midnight(last + timedelta(days=1))
    assert await router.value("select due from clock where case_id = $1", case) == over
    await router.checks(case, over)
    stopped = (await router.said(case))[-1]
    assert isinstance(stopped, HandoffCancellationRequested)
    assert await router.value("select due from clock where case_id = $1", case) == stopped.due
