"""What a fact of the case means for the chain: a new strategy, a consent, a choice, an end.

Part of the decider; `before` is what was known until then. Facts are never refused: intake has judged them.
"""

from relais_contracts.cases import (
    CaseAttested,
    CaseClosed,
    CaseConsentGiven,
    CaseConsentWithdrawn,
    CaseErased,
    CaseOptionChosen,
    CasePayload,
    CaseStrategyElaborated,
)
from relais_routing.chain.case import Case, is_same
from relais_routing.chain.consent import stop_without
from relais_routing.chain.decision import Decision
from relais_routing.chain.plan_b import begin, is_free, look_again, propose
from relais_routing.chain.state import StepState
from relais_routing.chain.wants import root_of, want_of


def follow(d: Decision, before: Case, fact: CasePayload) -> None:
    """Decide what follows from a fact that `d.case` knows already."""
    match fact:
        case CaseStrategyElaborated():
            _elaborated(d, before)
        case CaseConsentGiven():
            _consented(d, fact)
        case CaseConsentWithdrawn():
            stop_without(d, d.world.today, "person")
        case CaseOptionChosen():
            _chosen(d, fact)
        case CaseAttested():
            _attested(d, fact)
        case CaseClosed() | CaseErased():
            for step in list(d.chain.steps.values()):
                _stop(d, step)


def _elaborated(d: Decision, before: Case) -> None:
    """Same steps go on, those gone are stopped, changed and new ones start."""
    for step in list(d.chain.steps.values()):
        old, new = before.plan(step.step), d.case.plan(step.step)
        if step.option is not None and step.parent is not None:
            if want_of(d.case, d.chain, step.step) is None:
                _stop(d, step)
        elif old is not None and (new is None or not is_same(old, new)):
            _stop(d, step)
            want = want_of(d.case, d.chain, step.step)
            if want is not None and d.chain.steps[step.step].phase != "dropped" and is_free(d, want.after):
                propose(d, want)
        elif new is not None and _may_go_on(step, old != new):
            look_again(d, step.step)
    begin(d)


def _may_go_on(step: StepState, is_changed: bool) -> bool:
    """Whether other options may help a step that has come to a halt."""
    return step.phase == "unmet" or (step.phase == "waiting" and step.why != "consent" and is_changed)


def _stop(d: Decision, step: StepState) -> None:
    """Ask to cancel what runs; what does not run is dropped at once, what runs when it ends."""
    if step.is_over:
        return
    handoff = d.chain.current(step)
    if step.phase == "open" and handoff is not None and handoff.is_open:
        d.stop(handoff, "operator")
    else:
        d.drop(step)


def _consented(d: Decision, fact: CaseConsentGiven) -> None:
    for step in list(d.chain.steps.values()):
        halted = step.phase == "unmet" or (step.phase, step.why) == ("waiting", "consent")
        if halted and fact.step in (None, step.step, root_of(d.chain, step)):
            look_again(d, step.step)
    begin(d)


def _chosen(d: Decision, fact: CaseOptionChosen) -> None:
    """The person's word on a step: this option, or no more of it. What runs already is not disturbed by an option."""
    step, plan = d.chain.steps.get(fact.step), d.case.plan(fact.step)
    if step is None and plan is not None:
        step = StepState(plan.step, plan.actor, plan.need, "open")
    if step is None or step.is_over:
        return
    handoff = d.chain.current(step)
    if fact.option is None:
        if handoff is not None:
            d.stop(handoff, "person")
        d.done(step, None, step.about)
        begin(d)
    elif step.phase != "open":
        look_again(d, fact.step, fact.option)


def _attested(d: Decision, fact: CaseAttested) -> None:
    """The person says that the step was reached, though no hand-off runs that would say so."""
    handoff = d.chain.handoffs.get(fact.handoff)
    step = d.chain.steps.get(handoff.step) if handoff else None
    if handoff is None or step is None or fact.outcome == "not-achieved":
        return
    if step.phase in ("waiting", "unmet"):
        d.done(step, fact.outcome, handoff.id)
        begin(d)
