"""A consent runs out: whoever works under it is asked to stop, nobody else is looked for, and the operator is told."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from builders import MONDAY, NEED, OPERATOR, a_step, consent, days
from chains import At, a_chain, after, by_partner, last_proposed, names, stored, then
from relais_contracts.actions import Onward
from relais_contracts.cases import AnyOption, CaseErased
from relais_routing.chain.clocks import next_check
from relais_routing.chain.commands import CheckClocks
from relais_routing.chain.policy import Policy

LAST = date(2026, 3, 4)
OVER = datetime(2026, 3, 4, 23, tzinfo=UTC)
"""Midnight in Paris, after the last day."""
AGREED = consent(until=LAST)


def look(chain: Any) -> datetime | None:
    """When the chain is looked at next."""
    return next_check(stored(chain.state.case), chain.state.chain, Policy.read(), lambda _: ())


def accepted(**given: Any) -> Any:
    chain = a_chain(agreed=AGREED, **given)
    return after(chain, by_partner(chain, "accept"))


def test_the_consents_last_day_is_a_clock_of_everything_that_goes_on_under_it() -> None:
    assert look(accepted()) == OVER
    assert look(a_chain(agreed=AGREED)) == OVER
    assert look(a_chain(agreed=AGREED, directory=())) == OVER


def test_a_partner_is_asked_to_stop_and_the_operator_for_a_new_consent() -> None:
    chain = accepted()
    assert then(chain, CheckClocks(OVER - days(1))) == []
    stopped: Any = then(chain, CheckClocks(OVER))[0]
    assert (names([stopped]), stopped.by.role, stopped.caused_by) == (
        ["handoff.cancellation-requested"],
        "system",
        "operator",
    )
    chain = after(chain, CheckClocks(OVER))
    last = look(chain)
    assert last is not None
    assert last > OVER, "it is the clock of the cancellation from now on"
    confirmed = At(OVER + days(1), by_partner(chain, "confirm-cancellation"))
    assert names(then(chain, confirmed)) == ["handoff.cancelled", "step.waiting"]
    chain = after(chain, confirmed)
    renewed = At(OVER + days(1), consent(until=date(2026, 12, 31)))
    assert names(then(chain, renewed)) == ["handoff.proposed"]


def test_nobody_is_looked_for_after_the_last_day() -> None:
    waiting: Any = then(a_chain(agreed=AGREED, directory=()), CheckClocks(OVER))[0]
    assert (names([waiting]), waiting.waiting_for, waiting.owner) == (["step.waiting"], "consent", "operator")


def test_a_consent_renewed_in_time_lets_everything_go_on() -> None:
    chain = after(accepted(), At(OVER - days(1), consent(until=date(2026, 3, 11))))
    assert then(chain, CheckClocks(OVER)) == []
    assert look(chain) == OVER + days(7)


def test_the_consent_of_a_single_step_counts_before_the_one_for_all() -> None:
    steps = (a_step("digital"), a_step("work"))
    chain = a_chain(steps=steps)
    chain = after(chain, consent(step="work", until=LAST))
    assert look(chain) == OVER
    (stopped,) = then(chain, CheckClocks(OVER))
    assert (names([stopped]), getattr(stopped, "step", "")) == (["handoff.cancellation-requested"], "work")


def test_what_was_handed_on_goes_by_the_consent_of_the_step_it_came_from() -> None:
    chain = accepted()
    onward = Onward(actor="training-body", need=NEED, option=AnyOption(any=True))
    chain = after(chain, by_partner(chain, "hand-on", onward=onward))
    assert last_proposed(chain).parent is not None
    stopped = then(chain, CheckClocks(OVER))
    assert names(stopped) == ["handoff.cancellation-requested"] * 2


def test_where_nothing_goes_on_no_consent_is_looked_at() -> None:
    chain = accepted()
    done = after(chain, by_partner(chain, "complete", outcome="achieved"))
    assert look(done) is None
    erased = after(accepted(), CaseErased(operator=OPERATOR, reason="asked"))
    assert then(erased, CheckClocks(OVER)) == []


@pytest.mark.parametrize("late", [0, 30])
def test_a_silent_partner_lapses_first_and_the_operator_is_asked(late: int) -> None:
    agreed = consent(until=date(2026, 3, 8))
    chain = a_chain(agreed=agreed, steps=(a_step(on_refusal="next"),))
    events = then(chain, CheckClocks(MONDAY + days(7 + late)))
    assert names(events) == ["handoff.lapsed", "step.waiting"]
