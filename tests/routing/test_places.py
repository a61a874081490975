"""Places are reserved with the proposal, given back, and never given twice."""

import asyncio
from uuid import uuid4

from builders import OFFER, PARTNER, a_case, a_partner, an_offer, places, requested
from relais_chassis import clock
from relais_contracts.actions import By
from relais_contracts.handoffs import HandoffProposed, StepUnmet
from routers import Router


async def a_directory(router: Router, number: int) -> None:
    await router.hears(a_partner(), an_offer(), places(number=number, at=clock.now()))


async def taken(router: Router) -> int:
    return int(await router.value("select taken from place where place = $1", OFFER))


async def test_a_case_is_proposed_to_the_partner_that_fits(router: Router) -> None:
    await a_directory(router, 3)
    case = str(uuid4())
    await router.hears(*a_case(), case=case)
    proposed = await router.proposed(case)
    assert (proposed.partner, proposed.state) == (PARTNER, "proposed")
    assert await taken(router) == 1


async def test_the_last_place_is_not_given_twice_in_one_batch(router: Router) -> None:
    await a_directory(router, 1)
    cases = [str(uuid4()), str(uuid4())]
    records = [router.record(fact, case) for case in cases for fact in a_case()]
    await router.handler.handle(records)
    events = [event for case in cases for event in await router.said(case)]
    assert sum(isinstance(event, HandoffProposed) for event in events) == 1
    assert [event.reason for event in events if isinstance(event, StepUnmet)] == ["no-capacity"]
    assert await taken(router) == 1


async def test_two_workers_never_give_the_last_place_twice(router: Router) -> None:
    await a_directory(router, 5)
    workers = [Router(router.database, router.sequences) for _ in range(4)]
    cases = [str(uuid4()) for _ in range(20)]
    await asyncio.gather(*(workers[number % 4].hears(*a_case(), case=case) for number, case in enumerate(cases)))
    events = [event for case in cases for event in await router.said(case)]
    assert sum(isinstance(event, HandoffProposed) for event in events) == 5
    assert sum(isinstance(event, StepUnmet) for event in events) == 15
    assert await taken(router) == 5


async def test_a_place_declined_goes_to_the_next_that_waits(router: Router) -> None:
    await a_directory(router, 1)
    first, second = str(uuid4()), str(uuid4())
    await router.hears(*a_case(), case=first)
    await router.hears(*a_case(), case=second)
    assert isinstance((await router.said(second))[-1], StepUnmet)
    by = By(role="partner", org=PARTNER)
    handoff = (await router.proposed(first)).handoff
    await router.hears(
        requested("decline", handoff=handoff, by=by, reason="not-eligible", caused_by="partner"), case=first
    )
    assert await taken(router) == 0
    assert await router.value("select due is not null from unmet where case_id = $1", second)
    await router.rematches(second)
    assert (await router.proposed(second)).partner == PARTNER
    assert await router.value("select count(*) from unmet") == 0


async def test_an_acceptance_takes_the_place_until_the_partner_counts_again(router: Router) -> None:
    await a_directory(router, 2)
    case = str(uuid4())
    await router.hears(*a_case(), case=case)
    handoff = (await router.proposed(case)).handoff
    await router.hears(requested("accept", handoff=handoff, received=clock.now()), case=case)
    assert await taken(router) == 1
    await router.hears(places(number=1, at=clock.now()))
    assert await taken(router) == 0
