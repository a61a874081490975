"""What the sweeps find: clocks that are due, unmet steps that something may have changed for, draws to bind."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from builders import OFFER, PARTNER, a_case, a_partner, a_step, an_offer, places, requested
from relais_chassis import clock
from relais_chassis.commands import Skipped
from relais_contracts.actions import By
from relais_contracts.directory import ClosureDeclared, ClosureWithdrawn, OfferWithdrawn, PlacesDeclared, Zone
from relais_contracts.handoffs import HandoffLapsed, HandoffReminded, StepUnmet
from relais_routing import draws, unmet
from relais_routing.chain.commands import Rematch
from relais_routing.draws import CommitDraw, RevealDraw
from routers import Router, a_proposal, due


async def unmet_now(router: Router, days: int = 0) -> list[str]:
    async with router.database.connection() as conn:
        found = await unmet.find(conn, clock.now() + timedelta(days=days), 10)
    assert all(isinstance(each.body, Rematch) for each in found)
    return [each.stream for each in found]


async def test_a_chain_is_looked_at_when_its_next_clock_is_due(router: Router) -> None:
    case = await a_proposal(router)
    assert await due(router, 1) == []
    assert await due(router, 30) == [f"chain/{case}"]
    last = (await router.proposed(case)).due
    assert last is not None
    await router.checks(case, last - timedelta(hours=1))
    assert isinstance((await router.said(case))[-1], HandoffReminded)
    await router.checks(case, last)
    assert isinstance((await router.said(case))[-2], HandoffLapsed)


async def test_a_clock_that_a_closure_has_stopped_is_looked_at_later(router: Router) -> None:
    case = await a_proposal(router)
    last = (await router.proposed(case)).due
    assert last is not None
    today = clock.now().date()
    await router.hears(ClosureDeclared(partner=PARTNER, from_=today, until=today + timedelta(days=20)))
    await router.checks(case, last)
    assert await router.said(case, HandoffLapsed) == []
    later = await router.value("select due from clock where case_id = $1", case)
    assert later.date() > today + timedelta(days=20)


async def test_a_chain_that_is_done_is_not_looked_at_again(router: Router) -> None:
    case = await a_proposal(router)
    handoff = (await router.proposed(case)).handoff
    await router.hears(requested("accept", handoff=handoff), case=case)
    await router.hears(requested("complete", handoff=handoff, outcome="achieved"), case=case)
    assert await due(router, 400) == []


async def test_a_record_read_again_is_skipped(router: Router) -> None:
    case = str(uuid4())
    await router.hears(a_partner(), an_offer())
    records = [router.record(fact, case) for fact in a_case()]
    await router.handler.handle(records)
    said = len(await router.said(case))
    assert {type(answer) for answer in await router.handler.handle(records)} == {Skipped}
    assert len(await router.said(case)) == said


NEARBY = an_offer()
ELSEWHERE = an_offer(zone=Zone(kind="departement", codes=("59",)))
OTHER_NEED = an_offer(needs=("sante--sante-mentale",))


@pytest.mark.parametrize(("offer", "helps"), [(NEARBY, True), (ELSEWHERE, False), (OTHER_NEED, False)])
async def test_only_what_may_help_makes_an_unmet_step_due(router: Router, offer: object, helps: bool) -> None:
    case = str(uuid4())
    await router.hears(a_partner())
    await router.hears(*a_case(), case=case)
    assert isinstance((await router.said(case))[-1], StepUnmet)
    assert await unmet_now(router) == []
    await router.hears(offer)  # type: ignore[arg-type]
    assert await unmet_now(router) == ([f"chain/{case}"] if helps else [])
    await router.rematches(case)
    assert await unmet_now(router) == []
    assert bool(await router.value("select count(*) from unmet")) is not helps


async def test_an_offer_known_before_its_partner_helps_when_the_partner_comes(router: Router) -> None:
    case = str(uuid4())
    await router.hears(an_offer())
    await router.hears(*a_case(), case=case)
    await router.rematches(case)
    await router.hears(a_partner())
    assert await unmet_now(router) == [f"chain/{case}"]
    await router.rematches(case)
    assert (await router.proposed(case)).partner == PARTNER


async def test_places_and_closures_make_steps_due_again(router: Router) -> None:
    case = str(uuid4())
    now = clock.now()
    await router.hears(a_partner(), an_offer(), places(number=0, at=now))
    await router.hears(*a_case(), case=case)
    changes = (
        PlacesDeclared(offer=OFFER, state="full", at=now),
        ClosureDeclared(partner=PARTNER, from_=date(2020, 1, 1), until=date(2020, 1, 2)),
        ClosureWithdrawn(partner=PARTNER, from_=date(2020, 1, 1)),
        ClosureDeclared(partner=PARTNER, offer=OFFER, from_=date(2020, 1, 1), until=date(2020, 1, 2)),
        ClosureWithdrawn(partner=PARTNER, offer=OFFER, from_=date(2020, 1, 1)),
    )
    for change in changes:
        await router.hears(change)
        assert await unmet_now(router) == [f"chain/{case}"]
        await router.rematches(case)
        assert await unmet_now(router) == []
    await router.hears(OfferWithdrawn(offer=OFFER))
    assert await unmet_now(router) == []


async def test_every_unmet_step_is_looked_at_once_a_day(router: Router) -> None:
    case = str(uuid4())
    await router.hears(*a_case(), case=case)
    assert await unmet_now(router) == []
    assert await unmet_now(router, days=2) == [f"chain/{case}"]


async def test_a_step_no_longer_unmet_leaves_the_sheet(router: Router) -> None:
    case = str(uuid4())
    await router.hears(*a_case(steps=(a_step("one"), a_step("two"))), case=case)
    assert await router.value("select count(*) from unmet") == 2
    await router.hears(a_partner(), an_offer())
    await router.rematches(case)
    assert await router.value("select count(*) from unmet") == 0


async def test_today_and_tomorrow_are_bound_once(router: Router) -> None:
    async with router.database.connection() as conn:
        assert await draws.find(conn, clock.now(), 10) == []
        later = await draws.find(conn, clock.now() + timedelta(days=1), 10)
    assert [type(each.body) for each in later] == [CommitDraw, RevealDraw]
    assert await router.value("select count(*) from log where stream like 'draw/%'") == 2


async def test_a_secret_is_drawn_by_one_worker_only(router: Router) -> None:
    async with router.database.connection() as conn:
        day = clock.now() + timedelta(days=5)
        first, second = await draws.find(conn, day, 2), await draws.find(conn, day, 2)
    await router.transactor.transact([*first[:2], *second[:2]])
    assert await router.value("select count(*) from log where stream like 'draw/%'") == 4
    kept = await router.value("select secret from draw order by day desc limit 1")
    assert kept == first[1].body.draw.secret  # type: ignore[attr-defined]


async def test_an_action_of_the_wrong_side_is_answered_on_the_chain(router: Router) -> None:
    case = await a_proposal(router)
    handoff = (await router.proposed(case)).handoff
    await router.hears(requested("accept", handoff=handoff, by=By(role="partner", org="somebody")), case=case)
    refused = (await router.said(case))[-1]
    assert (refused.action, refused.allowed, refused.state) == ("accept", (), "proposed")
    cause = await router.value("select causationid from log where stream = $1 order by version desc", f"chain/{case}")
    assert cause == f"actions/{case}/1"
