"""After a decline, a lapse or a cancellation: the next candidate, or the person is asked; outcomes and ends."""

from typing import Any

import pytest

from builders import MONDAY, NEED, OPERATOR, TRAINING, a_step, consent, days, places, strategy
from chains import (
    FIRST,
    SECOND,
    THIRD,
    THREE,
    At,
    a_chain,
    after,
    by_operator,
    by_partner,
    chain_of,
    declined,
    last_proposed,
    names,
    offers_of,
    then,
)
from relais_contracts.actions import Onward
from relais_contracts.cases import AnyOption, CaseAttested, CaseClosed, CaseErased, CaseOptionChosen, PartnerOption
from relais_contracts.handoffs import HandoffProposed
from relais_routing.chain.commands import CheckClocks, Rematch
from specification import nothing_after_the_end

NEXT = (a_step(on_refusal="next"),)
WORK = Onward(actor="training-body", need=TRAINING, option=AnyOption(any=True))


def test_after_a_refusal_the_person_is_asked() -> None:
    chain = a_chain()
    refused, waiting = then(chain, declined(chain))
    assert names([refused, waiting]) == ["handoff.declined", "step.waiting"]
    assert (waiting.waiting_for, waiting.owner, waiting.next) == ("choice", "operator", "choice")  # type: ignore[attr-defined]


def test_where_it_was_agreed_the_next_is_proposed_in_the_same_decision() -> None:
    chain = a_chain(steps=NEXT)
    refused, proposed = then(chain, declined(chain))
    assert names([refused, proposed]) == ["handoff.declined", "handoff.proposed"]
    assert isinstance(proposed, HandoffProposed)
    assert (proposed.partner, proposed.attempt) == (SECOND, 2)


def test_every_choice_is_drawn_under_the_secret_of_its_own_day() -> None:
    """An earlier day's is out: whoever knows it could declare the offer, or pick the need, that its draw favours."""
    chain = a_chain(steps=NEXT, directory=offers_of(FIRST, SECOND, THIRD, needs=(NEED, TRAINING)))
    same_day = after(chain, declined(chain))
    later = after(same_day, At(MONDAY + days(30), declined(same_day)))
    changed = after(same_day, At(MONDAY + days(3), strategy(2, a_step(need=TRAINING))))
    drawn = [last_proposed(each).commitment for each in (chain, same_day, later, changed)]
    assert [each.day for each in drawn if each] == ["2026-03-02", "2026-03-02", "2026-04-01", "2026-03-05"]


def test_when_all_have_declined_the_step_is_unmet() -> None:
    chain = a_chain(steps=NEXT)
    for _ in range(3):
        chain = after(chain, declined(chain))
    unmet: Any = chain.history[-1]
    assert (names([unmet]), unmet.reason) == (["step.unmet"], "all-declined")
    assert then(chain, Rematch()) == []


def test_a_partner_without_room_is_asked_again_once_it_has_some() -> None:
    chain = a_chain(steps=NEXT, directory=offers_of(FIRST))
    chain = after(chain, declined(chain, "no-capacity"))
    assert names(chain.history[-2:]) == ["handoff.declined", "step.unmet"]
    reopened = [*offers_of(FIRST), places(offer=f"{FIRST}.bureautique", at=MONDAY + days(1))]
    assert names(then(chain_of(*reopened).given(*chain.history), Rematch())) == ["handoff.proposed"]
    before = [*offers_of(FIRST), places(offer=f"{FIRST}.bureautique", at=MONDAY - days(1))]
    assert then(chain_of(*before).given(*chain.history), Rematch()) == []


def test_a_cancellation_that_asks_for_another_proposes_another() -> None:
    chain = a_chain(by_operator("request-cancellation", reason="duplicate", replace=True), steps=NEXT)
    assert names(then(chain, by_partner(chain, "confirm-cancellation"))) == ["handoff.cancelled", "handoff.proposed"]


@pytest.mark.parametrize("steps", [NEXT, (a_step(),)])
def test_a_cancellation_that_does_not_leaves_the_choice(steps: Any) -> None:
    chain = a_chain(by_operator("request-cancellation", reason="duplicate"), steps=steps)
    assert names(then(chain, by_partner(chain, "confirm-cancellation"))) == ["handoff.cancelled", "step.waiting"]


def test_an_outcome_may_still_arrive_while_cancelling() -> None:
    chain = a_chain(by_operator("request-cancellation"))
    done = then(chain, by_partner(chain, "complete", outcome="achieved"))
    assert names(done) == ["handoff.completed", "step.done", "chain.done"]


def test_an_outcome_not_achieved_is_for_the_operator_to_look_at() -> None:
    chain = a_chain()
    chain = after(chain, by_partner(chain, "accept"))
    _, waiting = then(chain, by_partner(chain, "complete", outcome="not-achieved"))
    assert (waiting.waiting_for, waiting.owner) == ("outcome", "operator")  # type: ignore[attr-defined]
    chain = after(chain, by_partner(chain, "complete", outcome="not-achieved"))
    another = CaseOptionChosen(operator=OPERATOR, step="digital", option=AnyOption(any=True))
    assert names(then(chain, another)) == ["handoff.proposed"]


def test_what_the_person_attests_ends_a_step_that_nobody_runs() -> None:
    chain = a_chain()
    handoff = last_proposed(chain).handoff
    attested = CaseAttested(operator=OPERATOR, handoff=handoff, outcome="achieved")
    assert then(chain, attested) == []
    waiting = after(chain, declined(chain))
    assert then(waiting, attested.model_copy(update={"outcome": "not-achieved"})) == []
    assert then(waiting, attested.model_copy(update={"handoff": "f" * 8})) == []
    assert names(then(waiting, attested)) == ["step.done", "chain.done"]


@pytest.mark.parametrize("end", [CaseClosed, CaseErased])
def test_the_end_of_a_case_stops_what_is_open_and_proposes_nothing_new(end: Any) -> None:
    chain = a_chain(steps=NEXT)
    ending = end(operator=OPERATOR, reason="moved")
    assert names(then(chain, ending)) == ["handoff.cancellation-requested"]
    chain = after(chain, ending)
    assert names(then(chain, by_partner(chain, "confirm-cancellation"))) == [
        "handoff.cancelled",
        "step.dropped",
        "chain.done",
    ]
    over = after(chain, by_partner(chain, "confirm-cancellation"))
    for command in (CheckClocks(MONDAY + days(400)), Rematch(), strategy(3, a_step("new"))):
        nothing_after_the_end(over.decider, over.state, command)


def test_the_end_of_a_case_drops_what_was_looked_for() -> None:
    ending = CaseClosed(operator=OPERATOR, reason="moved")
    assert names(then(a_chain(directory=()), ending)) == ["step.dropped", "chain.done"]
    assert then(chain_of(*THREE).given(), ending) == []


def test_a_partner_may_hand_on_part_of_its_work() -> None:
    directory = [*THREE, *offers_of("efe-71", needs=(TRAINING,))]
    chain = a_chain(directory=directory)
    first = last_proposed(chain).handoff
    chain = after(chain, by_partner(chain, "accept"))
    handed, proposed = then(chain, by_partner(chain, "hand-on", onward=WORK))
    assert names([handed, proposed]) == ["handoff.handed-on", "handoff.proposed"]
    assert isinstance(proposed, HandoffProposed)
    assert (proposed.parent, proposed.partner, proposed.step) == (first, "efe-71", "digital-onward-1")
    assert handed.onward == proposed.step  # type: ignore[attr-defined]


def test_a_chain_is_done_when_what_was_handed_on_is_done_too() -> None:
    directory = [*THREE, *offers_of("efe-71", needs=(TRAINING,))]
    chain = a_chain(directory=directory)
    accept, finish = by_partner(chain, "accept"), by_partner(chain, "complete", outcome="achieved")
    chain = after(chain, accept, by_partner(chain, "hand-on", onward=WORK))
    onward = chain
    chain = after(chain, finish)
    assert names(chain.history[-2:]) == ["handoff.completed", "step.done"]
    done = after(chain, by_partner(onward, "accept"))
    assert names(then(done, by_partner(onward, "complete", outcome="achieved"))) == [
        "handoff.completed",
        "step.done",
        "chain.done",
    ]


def test_what_was_handed_on_finds_the_next_by_itself_and_follows_its_parent() -> None:
    directory = [*THREE, *offers_of("efe-71", "cma-71", needs=(TRAINING,))]
    chain = a_chain(directory=directory)
    chain = after(chain, by_partner(chain, "accept"), by_partner(chain, "hand-on", onward=WORK))
    assert names(then(chain, declined(chain))) == ["handoff.declined", "handoff.proposed"]
    choice = CaseOptionChosen(operator=OPERATOR, step="digital-onward-1", option=PartnerOption(partner="cma-71"))
    chosen = after(chain, choice, declined(chain))
    assert last_proposed(chosen).partner in ("cma-71", "efe-71")
    gone = then(chain, strategy(2, a_step("other")))
    assert names(gone)[:2] == ["handoff.cancellation-requested", "handoff.cancellation-requested"]
    assert then(chain, strategy(2, a_step("digital"))) == []


def test_whom_a_partner_names_the_person_has_not_chosen() -> None:
    named = a_step(options=(PartnerOption(partner=FIRST),))
    directory = [*THREE, *offers_of("efe-71", needs=(TRAINING,))]
    chain = a_chain(steps=(named,), agreed=consent(recipients="chosen"), directory=directory)
    work = Onward(actor="training-body", need=TRAINING, option=PartnerOption(partner="efe-71"))
    chain = after(chain, by_partner(chain, "accept"))
    assert names(then(chain, by_partner(chain, "hand-on", onward=work))) == ["handoff.handed-on", "step.waiting"]
    chain = after(chain, by_partner(chain, "hand-on", onward=work))
    choice = CaseOptionChosen(operator=OPERATOR, step="digital-onward-1", option=PartnerOption(partner="efe-71"))
    assert last_proposed(after(chain, choice)).partner == "efe-71"


def test_what_was_handed_on_to_nobody_is_unmet() -> None:
    chain = a_chain()
    chain = after(chain, by_partner(chain, "accept"))
    assert names(then(chain, by_partner(chain, "hand-on", onward=WORK))) == ["handoff.handed-on", "step.unmet"]


def test_a_step_gone_from_the_strategy_is_cancelled_or_dropped() -> None:
    gone = strategy(2, a_step("other", need=TRAINING))
    chain = a_chain()
    assert names(then(chain, gone)) == ["handoff.cancellation-requested", "step.unmet"]
    cancelling = after(chain, gone)
    assert names(then(cancelling, by_partner(chain, "confirm-cancellation"))) == ["handoff.cancelled", "step.dropped"]
    assert names(then(a_chain(directory=()), gone)) == ["step.dropped", "step.unmet"]


def test_a_step_dropped_and_wanted_again_goes_on_with_the_next_attempt() -> None:
    chain = a_chain()
    chain = after(chain, strategy(2, a_step("other", need=TRAINING)), by_partner(chain, "confirm-cancellation"))
    again = after(chain, strategy(3, a_step("digital")))
    assert last_proposed(again).attempt == 2


def test_a_step_that_means_something_else_starts_anew_while_the_old_is_cancelled() -> None:
    chain = a_chain(directory=[*THREE, *offers_of("efe-71", needs=(TRAINING,))])
    changed = strategy(2, a_step("digital", need=TRAINING))
    assert names(then(chain, changed)) == ["handoff.cancellation-requested", "handoff.proposed"]
    first = chain
    chain = after(chain, changed)
    assert (last_proposed(chain).attempt, last_proposed(chain).partner) == (2, "efe-71")
    assert names(then(chain, by_partner(first, "confirm-cancellation"))) == ["handoff.cancelled"]


def test_a_step_done_that_means_something_else_is_begun_again() -> None:
    chain = a_chain()
    chain = after(chain, by_partner(chain, "accept"), by_partner(chain, "complete", outcome="achieved"))
    assert names(chain.history[-1:]) == ["chain.done"]
    assert then(chain, strategy(2, a_step())) == []
    assert names(then(chain, strategy(2, a_step(rome=("M1602",))))) == ["handoff.proposed"]


def test_an_unmet_step_that_means_something_else_is_looked_for_again() -> None:
    chain = a_chain(directory=offers_of("efe-71", needs=(TRAINING,)))
    assert names(then(chain, strategy(2, a_step(need=TRAINING)))) == ["step.dropped", "handoff.proposed"]


def test_other_options_help_a_step_that_has_come_to_a_halt() -> None:
    chain = a_chain()
    chain = after(chain, declined(chain))
    assert then(chain, strategy(2, a_step())) == []
    other = strategy(2, a_step(options=(PartnerOption(partner=THIRD),)))
    assert last_proposed(after(chain, other)).partner == THIRD


def test_a_changed_step_waits_for_those_before_it() -> None:
    steps = (a_step("first"), a_step("digital"))
    chain = a_chain(steps=steps)
    changed = strategy(2, a_step("first"), a_step("digital", rome=("M1602",), after=("first",)))
    assert names(then(chain, changed)) == ["handoff.cancellation-requested"]
