"""Which clocks have run out, and when the next one will.

Part of the decider: the sweep asks with `CheckClocks`, the state says whether it still matters. Pure.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from relais_contracts.handoffs import HandoffEscalated, HandoffLapsed, HandoffReminded, StepEscalated
from relais_contracts.transitions import AWAITED, Clock
from relais_routing.chain import consent
from relais_routing.chain.calendar import PARIS
from relais_routing.chain.case import Case, Stored
from relais_routing.chain.decision import Decision
from relais_routing.chain.plan_b import after_end
from relais_routing.chain.policy import Closure, Policy, due
from relais_routing.chain.state import Chain, Handoff

Closures = Callable[[str], Sequence[Closure]]
LAPSES: Final[Clock] = "answer"
"""The one clock whose end is an end; every other calls the coordinator."""


def runs_out(handoff: Handoff, policy: Policy, commune: str, closures: Closures) -> datetime | None:
    """When a hand-off's clock runs out: as it was promised, later where the partner has declared a closure since."""
    clock = AWAITED[handoff.state].clock
    if clock is None or handoff.escalated or handoff.due is None:
        return None
    closed = closures(handoff.partner)
    if not closed or handoff.since is None:
        return handoff.due
    days = handoff.within if clock == LAPSES and handoff.within is not None else policy.clocks[clock]
    return max(handoff.due, due(handoff.since, days, policy, commune, closed))


def reminds(handoff: Handoff, policy: Policy, commune: str, closures: Closures) -> datetime | None:
    """When a silent partner is reminded of its answer; never where it has not that long."""
    if handoff.state != "proposed" or handoff.reminded or handoff.since is None:
        return None
    if policy.reminder >= (handoff.within or policy.clocks["answer"]):
        return None
    return due(handoff.since, policy.reminder, policy, commune, closures(handoff.partner))


def next_check(known: Case | Stored, chain: Chain, policy: Policy, closures: Closures) -> datetime | None:
    """The first moment at which `CheckClocks` will have something to say."""
    times = [step.due for step in chain.steps.values() if step.phase == "waiting"]
    times.append(consent.runs_out(known, chain))
    for handoff in chain.open_handoffs():
        times.append(runs_out(handoff, policy, known.commune, closures))
        times.append(reminds(handoff, policy, known.commune, closures))
    return min((time for time in times if time is not None), default=None)


def is_overdue(d: Decision, handoff: Handoff, now: datetime) -> bool:
    """Whether a hand-off's clock has run out at a moment."""
    if handoff.escalated:
        return True
    end = runs_out(handoff, d.world.policy, d.commune, d.world.closures)
    return end is not None and end <= now


def check(d: Decision, now: datetime) -> None:
    """Lapse, remind and escalate what is due; then stop what a consent has run out for, as a withdrawal does."""
    for handoff in d.chain.open_handoffs():
        _check(d, handoff, now)
    for step in list(d.chain.steps.values()):
        if step.phase == "waiting" and step.due is not None and step.due <= now:
            d.write(StepEscalated(**d.step(step), owner="coordinator", next="arbitrate", clock="choice"))
    consent.stop_without(d, now.astimezone(PARIS).date(), "operator")


def _check(d: Decision, handoff: Handoff, now: datetime) -> None:
    clock = AWAITED[handoff.state].clock
    if handoff.escalated or clock is None:
        return
    if is_overdue(d, handoff, now):
        if clock == LAPSES:
            d.move(handoff, HandoffLapsed, "lapsed", d.world.now)
            after_end(d, d.chain.handoffs[handoff.id])
        else:
            escalated = handoff._replace(escalated=True, due=None)
            d.write(HandoffEscalated(**d.said(escalated), clock=clock))
        return
    remind_at = reminds(handoff, d.world.policy, d.commune, d.world.closures)
    if remind_at is not None and remind_at <= now:
        d.write(HandoffReminded(**d.said(handoff)))
