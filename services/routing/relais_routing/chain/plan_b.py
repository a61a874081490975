"""Who is proposed next: the first partner of a step, and everyone after a decline, a lapse or a cancellation.

Called from every part of the decider; decided by consent, the person's order, and matching. Pure.
"""

from relais_contracts.cases import AnyOption, Option
from relais_contracts.handoffs import ChainDone, HandoffProposed, Request, StepUnmet
from relais_contracts.identifiers import decision_id, handoff_id
from relais_routing.chain.commands import Choice
from relais_routing.chain.decision import Decision
from relais_routing.chain.state import Handoff, StepState
from relais_routing.chain.wants import Want, asked, planned, shown, want_of


def begin(d: Decision) -> None:
    """Propose the steps of the strategy that may start now: those not begun whose predecessors are done."""
    if d.case.ended:
        return
    for plan in d.case.steps:
        step = d.chain.steps.get(plan.step)
        if (step is None or step.phase == "dropped") and is_free(d, plan.after):
            propose(d, planned(d.case, plan))


def is_free(d: Decision, after: tuple[str, ...]) -> bool:
    """Whether all steps that must come before are done; one no longer planned holds nothing up."""
    planned_now = {plan.step for plan in d.case.steps}
    states = [d.chain.steps.get(step) for step in after if step in planned_now]
    return all(state is not None and state.phase == "done" for state in states)


def propose(d: Decision, want: Want, insisted: Option | None = None) -> None:
    """Propose the step to the first candidate; without consent or candidate, say what is missing.

    `insisted`: the person has just named this option, also where it was tried before.
    """
    step = _wanted(d, want)
    consent = d.case.consents.holding(want.step, d.world.today, want.root)
    if consent is None or "need" not in consent.data:
        return d.wait(step, "consent")
    if consent.recipients == "chosen" and want.parent is not None and insisted is None:
        return d.wait(step, "consent")  # whom a partner names, the person has not chosen
    excluded = () if insisted is not None and not isinstance(insisted, AnyOption) else tried(d, want.step)
    options = want.options if insisted is None else (insisted,)
    request = asked(d, want._replace(options=options), excluded, consent)
    decision = decision_id(d.id, want.step, step.decisions + 1)
    choice = d.world.choose(decision, request, consent)
    if choice.offer is None:
        if choice.beyond_consent:
            return d.wait(step, "consent")
        return _unmet(d, step, choice, decision)
    _open(d, want, step, choice, decision, shown(d.case, want, consent))
    return None


def _wanted(d: Decision, want: Want) -> StepState:
    """The step as it is wanted now."""
    step = d.chain.steps.get(want.step)
    if step is None:
        return StepState(want.step, want.actor, want.need, "open")
    return step._replace(actor=want.actor, need=want.need)


def _open(d: Decision, want: Want, step: StepState, choice: Choice, decision: str, request: Request) -> None:
    attempt = step.attempts + 1
    handoff = Handoff(
        id=handoff_id(d.id, want.step, attempt),
        step=want.step,
        attempt=attempt,
        partner=choice.partner or "",
        offer=choice.offer or "",
        actor=want.actor,
        need=want.need,
        decision=decision,
        state="proposed",
        since=None,
        due=None,
        parent=want.parent,
        within=want.within,
    )
    told = {
        "request": request,
        "commitment": choice.commitment,
        "record": choice.seal,
        "answer_within": want.within,
    }
    d.move(handoff, HandoffProposed, "proposed", d.world.now, **told)


def look_again(d: Decision, step: str, insisted: Option | None = None) -> None:
    """Propose a step that has come to a halt, if it is still wanted."""
    want = want_of(d.case, d.chain, step)
    if want is not None:
        propose(d, want, insisted)


def _unmet(d: Decision, step: StepState, choice: Choice, decision: str) -> None:
    reason = choice.unmet or "no-offer"
    if (step.phase, step.why) != ("unmet", reason):
        told = {**d.step(step), "reason": reason, "decision": decision, "record": choice.seal}
        d.write(StepUnmet(**told, owner="operator", next="match"))


def tried(d: Decision, step: str) -> tuple[str, ...]:
    """The offers that the step was proposed to, but those whose room has reopened or whom Relais itself stopped."""
    offers = {
        each.offer
        for each in d.chain.handoffs.values()
        if each.step == step
        and not (each.state == "cancelled" and each.stopped)
        and not (each.reason == "no-capacity" and d.world.reopened(each.offer, each.since))
    }
    return tuple(sorted(offers))


def after_end(d: Decision, handoff: Handoff, outcome: str | None = None) -> None:
    """What a hand-off's end means for its step."""
    step = d.chain.steps.get(handoff.step)
    if step is None or step.is_over or step.attempts != handoff.attempt:
        return
    want = want_of(d.case, d.chain, handoff.step)
    if outcome in ("achieved", "partly"):
        d.done(step, outcome, handoff.id)
        begin(d)
    elif want is None:
        d.drop(step)
    elif outcome is not None:
        d.wait(step, "outcome", handoff.id)
    elif handoff.state == "cancelled":
        looks_on = handoff.stopped or (handoff.replace and not want.asks_first)
        propose(d, want) if looks_on else d.wait(step, "choice", handoff.id)
    elif want.asks_first:
        d.wait(step, "choice", handoff.id)
    else:
        propose(d, want)


def finish(d: Decision) -> None:
    """Say that all is done once every step is, and no hand-off is open."""
    steps = d.chain.steps
    if d.chain.done or not steps or any(handoff.is_open for handoff in d.chain.handoffs.values()):
        return
    if any(not step.is_over for step in steps.values()):
        return
    if not d.case.ended and any(plan.step not in steps for plan in d.case.steps):
        return
    d.write(ChainDone(operator=d.operator, commune=d.commune, steps=len(steps)))
