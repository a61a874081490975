"""A partner whose offer is full hears once that people look for a place, and once more after it has opened some."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

from builders import (
    CASE,
    MACON,
    MONDAY,
    NEED,
    OFFER,
    OTHER_PARTNER,
    PARTNER,
    a_case,
    a_partner,
    a_step,
    an_offer,
    places,
    requested,
)
from matching_builders import index_of
from relais_chassis import clock
from relais_contracts.actions import By
from relais_contracts.cases import AnyOption, OfferOption
from relais_contracts.demand import DemandPlacesRequested
from relais_contracts.directory import Session
from relais_contracts.handoffs import HandoffProposed, StepUnmet
from relais_contracts.identifiers import handoff_id
from relais_routing import demand, unmet
from relais_routing.demand import AskForPlaces, DemandState, person
from relais_routing.matching.offers import Offer
from routers import Router

ASK = AskForPlaces(OFFER, (NEED,), 3, MONDAY)
LATER = MONDAY + timedelta(hours=1)


# The decider


def the_offer() -> Offer:
    """The offer as matching knows it."""
    found = index_of(a_partner(), an_offer()).offer(OFFER)
    assert found is not None
    return found


def asked(state: DemandState, ask: AskForPlaces, *, full: bool = True) -> DemandState:
    """The state after a request."""
    for event in demand.decide(state, ask, the_offer() if full else None):
        state = demand.evolve(state, event)
    return state


def test_a_partner_is_told_how_many_look_for_what_since_when() -> None:
    [event] = demand.decide(DemandState(), ASK, the_offer())
    assert event == DemandPlacesRequested(
        offer=OFFER, partner=PARTNER, actor="training-body", needs=(NEED,), commune=MACON, people=3, since=MONDAY
    )


def test_asked_twice_is_nothing_new_and_who_comes_after_places_were_opened_is() -> None:
    state = asked(DemandState(), ASK)
    assert state == DemandState(MONDAY)
    assert demand.decide(state, ASK, the_offer()) == []
    assert asked(state, AskForPlaces(OFFER, (NEED,), 1, LATER)) == DemandState(LATER)


def test_nobody_asks_for_a_place_where_one_is_free_or_the_offer_is_gone() -> None:
    assert asked(DemandState(), ASK, full=False) == DemandState()


def test_a_history_of_other_events_changes_nothing() -> None:
    assert demand.evolve(DemandState(MONDAY), a_partner()) == DemandState(MONDAY)


def test_a_person_is_told_from_another_not_named() -> None:
    assert person(OFFER, CASE) == person(OFFER, CASE) != person("another", CASE)
    assert -(2**63) <= person(OFFER, CASE) < 2**63


# The table and the sweep, for real


async def sweep(router: Router) -> None:
    """The sweeps of demand and of unmet steps, once each."""
    async with router.database.connection() as conn:
        commands = await unmet.find(conn, clock.now(), 100) + await demand.find(conn, clock.now(), 100)
    await router.transactor.transact(commands)


async def requests(router: Router, offer: str = OFFER) -> list[DemandPlacesRequested]:
    """What the partner was told."""
    await sweep(router)
    async with router.database.connection() as conn:
        rows = await conn.fetch("select data from log where stream = $1 order by version", f"demand/{offer}")
    return [DemandPlacesRequested.model_validate_json(data) for (data,) in rows]


async def somebody(router: Router, **given: Any) -> str:
    case = str(uuid4())
    await router.hears(*a_case(steps=(a_step(**given),)), case=case)
    return case


async def test_the_partner_of_a_full_offer_is_asked_once(router: Router) -> None:
    await router.hears(a_partner(), an_offer(), places(state="full", number=None, at=clock.now()))
    cases = [str(uuid4()) for _ in range(3)]
    await router.handler.handle([router.record(fact, case) for case in cases for fact in a_case()])
    [told] = await requests(router)
    assert (told.offer, told.partner, told.needs, told.people) == (OFFER, PARTNER, (NEED,), 3)
    await somebody(router)
    assert len(await requests(router)) == 1
    assert await router.value("select count(distinct person) from looker") == 4


async def test_places_that_open_go_to_those_who_wait_and_who_is_left_is_told_anew(router: Router) -> None:
    await router.hears(a_partner(), an_offer(), places(number=0, at=clock.now()))
    cases = [await somebody(router) for _ in range(3)]
    assert len(await requests(router)) == 1
    await router.hears(places(number=2, at=clock.now()))
    assert len(await requests(router)) == 1
    proposed = [case for case in cases if await router.said(case, HandoffProposed)]
    assert proposed == cases[:2], "who has waited longest comes first"
    first, second = await requests(router)
    assert (second.people, second.since > first.since) == (1, True)
    assert len(await requests(router)) == 2


async def test_full_declared_again_is_no_answer_to_ask_after(router: Router) -> None:
    await router.hears(a_partner(), an_offer(), places(state="full", number=None, at=clock.now()))
    await somebody(router)
    assert len(await requests(router)) == 1
    await router.hears(places(state="full", number=None, at=clock.now()))
    await somebody(router)
    assert len(await requests(router)) == 1


async def test_whom_a_person_named_in_vain_hears_of_it_though_somebody_else_helps(router: Router) -> None:
    other = f"{OTHER_PARTNER}.bureautique"
    await router.hears(a_partner(), an_offer(), places(state="full", number=None, at=clock.now()))
    await router.hears(a_partner(partner=OTHER_PARTNER), an_offer(offer=other, partner=OTHER_PARTNER))
    case = await somebody(router, options=(OfferOption(offer=OFFER), AnyOption(any=True)))
    assert (await router.proposed(case)).offer == other
    assert [told.people for told in await requests(router)] == [1]


async def test_no_demand_is_noted_where_the_place_is_not_what_is_missing(router: Router) -> None:
    await router.hears(a_partner(), an_offer(audiences=("etudiants",)), places(number=0, at=clock.now()))
    await somebody(router)
    assert await requests(router) == []
    assert await router.value("select count(*) from demand") == 0


async def test_a_place_given_back_before_the_partner_was_asked_is_not_asked_for(router: Router) -> None:
    await router.hears(a_partner(), an_offer(), places(number=1, at=clock.now()))
    first, second = await somebody(router), await somebody(router)
    assert await router.value("select count(*) from demand") == 1
    handoff = (await router.proposed(first)).handoff
    no = requested(
        "decline", handoff=handoff, by=By(role="partner", org=PARTNER), reason="not-eligible", caused_by="partner"
    )
    await router.hears(no, case=first)
    async with router.database.connection() as conn:
        commands = await demand.find(conn, clock.now(), 10)
    await router.transactor.transact(commands)
    assert await router.value("select count(*) from demand") == 0
    await sweep(router)
    assert (await router.proposed(second)).offer == OFFER


async def test_a_place_given_back_in_the_very_batch_it_was_taken_in_is_given_again(router: Router) -> None:
    await router.hears(a_partner(), an_offer(), places(number=1, at=clock.now()))
    first, second = str(uuid4()), str(uuid4())
    no = requested(
        "decline",
        handoff=handoff_id(first, "digital", 1),
        by=By(role="partner", org=PARTNER),
        reason="not-eligible",
        caused_by="partner",
    )
    facts = [(fact, first) for fact in a_case()] + [(fact, second) for fact in a_case()] + [(no, first)]
    await router.handler.handle([router.record(fact, case) for fact, case in facts])
    assert isinstance((await router.said(second))[-1], StepUnmet)
    await sweep(router)
    assert (await router.proposed(second)).offer == OFFER


async def test_a_session_that_has_begun_gives_no_place(router: Router) -> None:
    today = clock.now().date()
    begun = Session(starts=today - timedelta(days=1), ends=today + timedelta(days=9))
    await router.hears(a_partner(), an_offer(), places(number=5, session=begun, at=clock.now()))
    case = await somebody(router)
    assert [event.reason for event in await router.said(case, StepUnmet)] == ["no-capacity"]
    later = Session(starts=today + timedelta(days=30), ends=today + timedelta(days=40))
    await router.hears(places(number=1, session=later, at=clock.now()))
    await sweep(router)
    assert (await router.proposed(case)).offer == OFFER


async def test_who_finds_nothing_while_a_place_comes_free_is_looked_at_again(router: Router) -> None:
    """Two workers at once, many times: a release that the other has not seen is never the last word."""
    await router.hears(a_partner(), an_offer(), places(number=1, at=clock.now()))
    workers = [router, Router(router.database, router.sequences)]
    for _ in range(15):
        holder, seeker = await somebody(router), str(uuid4())
        handoff = (await router.proposed(holder)).handoff
        by = By(role="partner", org=PARTNER)
        no = requested("decline", handoff=handoff, by=by, reason="not-eligible", caused_by="partner")
        await asyncio.gather(workers[0].hears(no, case=holder), workers[1].hears(*a_case(), case=seeker))
        await sweep(router)
        proposed = await router.proposed(seeker)
        no = requested("decline", handoff=proposed.handoff, by=by, reason="not-eligible", caused_by="partner")
        await router.hears(no, case=seeker)
