"""Who is proposed, and when nobody may be: consent, the person's order, steps after one another."""

from datetime import date
from typing import Any

from builders import MONDAY, OPERATOR, OTHER_CASE, TRAINING, a_case, a_step, consent, days, handoff, requested, strategy
from chains import (
    FIRST,
    SECOND,
    THIRD,
    THREE,
    At,
    a_chain,
    after,
    by_partner,
    chain_of,
    last_proposed,
    names,
    offers_of,
    then,
)
from relais_contracts.cases import (
    AnyOption,
    CaseConsentWithdrawn,
    CaseOptionChosen,
    OfferOption,
    PartnerOption,
    Project,
)
from relais_contracts.handoffs import HandoffProposed, StepUnmet, StepWaiting
from relais_routing.chain.commands import Rematch


def test_a_strategy_starts_its_first_step() -> None:
    proposed = last_proposed(a_chain())
    assert (proposed.partner, proposed.attempt, proposed.state) == (FIRST, 1, "proposed")
    assert (proposed.owner, proposed.next, proposed.due) == ("partner", "answer", MONDAY + days(7))
    assert proposed.commitment is not None
    assert proposed.commitment.day == "2026-03-02"


def test_without_consent_the_step_waits_for_it_and_starts_when_it_comes() -> None:
    *stages, plan, agreed = a_case()
    chain = after(chain_of(*THREE).given(*stages), plan)
    waiting: Any = chain.history[-1]
    assert (waiting.waiting_for, waiting.owner, waiting.due) == ("consent", "operator", MONDAY + days(7))
    assert names(then(chain, agreed)) == ["handoff.proposed"]


def test_a_consent_for_another_step_changes_nothing() -> None:
    *stages, plan, _ = a_case()
    chain = after(chain_of(*THREE).given(*stages), plan)
    assert then(chain, consent(step="other")) == []


def test_a_consent_that_has_run_out_is_none() -> None:
    waiting: Any = a_chain(agreed=consent(until=date(2026, 3, 1))).history[-1]
    assert waiting.waiting_for == "consent"
    assert last_proposed(a_chain(agreed=consent(until=date(2026, 3, 2))))


def test_a_consent_that_does_not_show_the_need_sends_nothing() -> None:
    waiting: Any = a_chain(agreed=consent(data=("contact",))).history[-1]
    assert waiting.waiting_for == "consent"


def test_the_request_is_cut_to_what_the_consent_allows() -> None:
    step = a_step(rome=("M1602",))
    audience = ("demandeurs-emploi",)
    whole = last_proposed(a_chain(steps=(step,))).request
    assert whole.project == Project(kind="training", rome=("M1602",), formacode=("70332",))
    assert whole.rome == ("M1602",)
    assert whole.audiences == ()
    needs_only = last_proposed(a_chain(steps=(step,), agreed=consent(data=("need",)))).request
    assert (needs_only.project, needs_only.rome, needs_only.audiences) == (None, (), ())
    from builders import opened

    *_, plan, _ = a_case(steps=(step,))
    chain = after(chain_of(*THREE).given(opened(audiences=audience), consent(data=("need", "identity"))), plan)
    assert last_proposed(chain).request.audiences == audience


def test_consent_for_the_chosen_does_not_reach_others() -> None:
    chosen = consent(recipients="chosen")
    assert (
        last_proposed(a_chain(steps=(a_step(options=(PartnerOption(partner=THIRD),)),), agreed=chosen)).partner == THIRD
    )
    waiting: Any = a_chain(agreed=chosen).history[-1]
    assert waiting.waiting_for == "consent"


def test_consent_by_name_reaches_those_named() -> None:
    named = consent(recipients=(SECOND,))
    assert last_proposed(a_chain(agreed=named)).partner == SECOND
    options = (OfferOption(offer=f"{THIRD}.bureautique"), PartnerOption(partner=FIRST), AnyOption(any=True))
    assert last_proposed(a_chain(steps=(a_step(options=options),), agreed=named)).partner == SECOND


def test_the_persons_order_beats_every_ranking() -> None:
    options = (OfferOption(offer=f"{THIRD}.bureautique"), AnyOption(any=True))
    chain = a_chain(steps=(a_step(options=options, on_refusal="next"),))
    assert last_proposed(chain).partner == THIRD
    refused = by_partner(chain, "decline", reason="not-eligible", caused_by="partner")
    assert last_proposed(after(chain, refused)).partner == FIRST


def test_nobody_at_all_is_unmet_and_found_when_the_directory_changes() -> None:
    chain = a_chain(directory=())
    unmet: Any = chain.history[-1]
    assert (unmet.reason, unmet.owner, unmet.next) == ("no-offer", "operator", "match")
    assert then(chain, Rematch()) == []
    found = chain_of(*THREE).given(*chain.history).when(Rematch())
    assert names(found) == ["handoff.proposed"]


def test_another_reason_for_being_unmet_is_told() -> None:
    chain = a_chain(directory=())
    elsewhere = chain_of(*offers_of(FIRST, audiences=("seniors",))).given(*chain.history)
    told: Any = then(elsewhere, Rematch())[0]
    assert (type(told), told.reason) == (StepUnmet, "not-eligible")


def test_looking_again_after_the_consent_ended_waits_for_a_new_one() -> None:
    chain = a_chain(directory=(), agreed=consent(until=date(2026, 3, 2)))
    later: Any = then(chain, At(MONDAY + days(2), Rematch()))[0]
    assert (type(later), later.waiting_for) == (StepWaiting, "consent")


def test_a_step_waits_for_those_before_it() -> None:
    steps = (a_step("digital"), a_step("training", need=TRAINING, after=("digital",)))
    directory = [*THREE, *offers_of("efe-71", needs=(TRAINING,))]
    chain = a_chain(steps=steps, directory=directory)
    assert [event.step for event in chain.history if isinstance(event, HandoffProposed)] == ["digital"]
    chain = after(chain, by_partner(chain, "accept"))
    assert names(then(chain, by_partner(chain, "complete", outcome="partly"))) == [
        "handoff.completed",
        "step.done",
        "handoff.proposed",
    ]


def test_steps_without_order_run_side_by_side() -> None:
    steps = (a_step("digital"), a_step("training", need=TRAINING))
    chain = a_chain(steps=steps, directory=[*THREE, *offers_of("efe-71", needs=(TRAINING,))])
    assert [event.step for event in chain.history if isinstance(event, HandoffProposed)] == ["digital", "training"]


def test_a_predecessor_that_is_planned_no_more_holds_nothing_up() -> None:
    chain = a_chain(steps=(a_step("digital", after=("gone",)),))
    assert last_proposed(chain).step == "digital"


def test_withdrawn_consent_stops_what_runs_and_is_asked_for_again_when_it_has_stopped() -> None:
    chain = a_chain()
    stopped: Any = then(chain, CaseConsentWithdrawn(operator=OPERATOR))[0]
    assert (stopped.state, stopped.by.role, stopped.caused_by) == ("cancellation-requested", "system", "person")
    chain = after(chain, CaseConsentWithdrawn(operator=OPERATOR))
    assert names(then(chain, by_partner(chain, "confirm-cancellation"))) == ["handoff.cancelled", "step.waiting"]
    agreed_again = after(chain, consent())
    assert names(then(agreed_again, by_partner(chain, "confirm-cancellation"))) == [
        "handoff.cancelled",
        "handoff.proposed",
    ]


def test_withdrawn_consent_halts_the_search() -> None:
    chain = a_chain(directory=())
    assert names(then(chain, CaseConsentWithdrawn(operator=OPERATOR))) == ["step.waiting"]
    assert then(chain, CaseConsentWithdrawn(operator=OPERATOR, step="other")) == []


def test_a_consent_looks_again_for_what_is_unmet() -> None:
    chain = chain_of(*THREE).given(*a_chain(directory=()).history)
    assert names(then(chain, consent(recipients="matching"))) == ["handoff.proposed"]


def test_the_persons_choice_goes_first() -> None:
    chain = a_chain()
    chain = after(chain, by_partner(chain, "decline", reason="not-eligible", caused_by="partner"))
    choice = CaseOptionChosen(operator=OPERATOR, step="digital", option=PartnerOption(partner=THIRD))
    assert last_proposed(after(chain, choice)).partner == THIRD
    insisted = CaseOptionChosen(operator=OPERATOR, step="digital", option=PartnerOption(partner=FIRST))
    assert last_proposed(after(chain, insisted)).partner == FIRST
    anybody = CaseOptionChosen(operator=OPERATOR, step="digital", option=AnyOption(any=True))
    assert last_proposed(after(chain, anybody)).partner == SECOND


def test_a_choice_disturbs_nothing_that_runs() -> None:
    chain = a_chain()
    assert then(chain, CaseOptionChosen(operator=OPERATOR, step="digital", option=PartnerOption(partner=THIRD))) == []
    assert then(chain, CaseOptionChosen(operator=OPERATOR, step="other", option=AnyOption(any=True))) == []


def test_a_choice_made_early_holds_for_the_next_attempt() -> None:
    chain = a_chain(
        CaseOptionChosen(operator=OPERATOR, step="digital", option=PartnerOption(partner=THIRD)),
        steps=(a_step(on_refusal="next"),),
    )
    refused = by_partner(chain, "decline", reason="not-eligible", caused_by="partner")
    assert last_proposed(after(chain, refused)).partner == THIRD


def test_giving_a_step_up_stops_it_and_ends_it() -> None:
    chain = a_chain()
    give_up = CaseOptionChosen(operator=OPERATOR, step="digital")
    assert names(then(chain, give_up)) == ["handoff.cancellation-requested", "step.done"]
    ended = after(chain, give_up)
    assert names(then(ended, by_partner(chain, "confirm-cancellation"))) == ["handoff.cancelled", "chain.done"]


def test_giving_up_a_step_that_has_not_begun() -> None:
    steps = (a_step("digital"), a_step("training", after=("digital",)))
    chain = a_chain(steps=steps)
    assert names(then(chain, CaseOptionChosen(operator=OPERATOR, step="training"))) == ["step.done"]


def test_draws_of_another_case_fall_otherwise_sometimes() -> None:
    from builders import NEED
    from chains import SECRET
    from relais_routing.matching.draw import Draw

    lots = [Draw(MONDAY.date(), SECRET).lots(case, "training-body", NEED) for case in (OTHER_CASE, a_chain.__name__)]
    assert lots[0]("a", 1) != lots[1]("a", 1)


def test_a_strategy_of_a_second_version_starts_what_is_new() -> None:
    chain = a_chain()
    more = strategy(2, a_step("digital"), a_step("again"))
    assert [event.step for event in then(chain, more)] == ["again"]  # type: ignore[attr-defined]


def test_a_consent_that_still_does_not_reach_anybody_changes_nothing() -> None:
    chain = a_chain(agreed=consent(recipients="chosen"))
    assert then(chain, consent(recipients="chosen", data=("need",))) == []


def test_steps_that_wait_for_each_other_keep_the_chain_open() -> None:
    steps = (a_step("digital"), a_step("one", after=("two",)), a_step("two", after=("one",)))
    chain = a_chain(steps=steps)
    chain = after(chain, by_partner(chain, "accept"))
    assert names(then(chain, by_partner(chain, "complete", outcome="achieved"))) == ["handoff.completed", "step.done"]


def test_an_action_on_a_hand_off_of_another_case_is_no_event() -> None:
    elsewhere = requested("accept", handoff=handoff(case=OTHER_CASE))
    assert a_chain().refuses(elsewhere).code == "unknown-handoff"


def test_a_chosen_offer_that_is_not_in_the_directory_is_unmet() -> None:
    unmet: Any = a_chain(steps=(a_step(options=(OfferOption(offer="nobody.knows"),)),)).history[-1]
    assert (type(unmet), unmet.reason) == (StepUnmet, "no-offer")


def test_a_step_that_nobody_wants_any_more_is_not_looked_for() -> None:
    chain = a_chain(directory=())
    forgotten = chain_of(*THREE).given(*(event for event in chain.history if not isinstance(event, type(strategy()))))
    assert forgotten.when(Rematch()) == []
