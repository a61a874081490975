"""What goes on under a consent of the person: until when, and what becomes of it once none holds.

Part of the decider: the case's facts ask it, and so do the clocks. It reads no clock.
"""

from collections.abc import Iterator
from datetime import date, datetime

from relais_contracts.vocabularies import CausedBy
from relais_routing.chain.calendar import day_after, midnight
from relais_routing.chain.case import Case, Stored
from relais_routing.chain.decision import Decision
from relais_routing.chain.state import Chain, StepState
from relais_routing.chain.wants import root_of


def runs_out(known: Case | Stored, chain: Chain) -> datetime | None:
    """The first moment at which something that goes on will be without the consent that it has now."""
    steps = list(_going_on(chain))
    if not steps:
        return None
    consents = known.case.consents if isinstance(known, Stored) else known.consents
    words = [consents.last_word(step.step, root_of(chain, step)) for step in steps]
    last = min((word.until for word in words if word is not None), default=None)
    return None if last is None else midnight(day_after(last))


def stop_without(d: Decision, day: date, caused_by: CausedBy) -> None:
    """What runs without a consent on a day is asked to be cancelled; what looks for a partner waits for one."""
    for step in list(_going_on(d.chain)):
        if d.case.consents.holding(step.step, day, root_of(d.chain, step)) is not None:
            continue
        handoff = d.chain.current(step)
        if step.phase == "open" and handoff is not None:
            d.stop(handoff, caused_by)
        else:
            d.wait(step, "consent")


def _going_on(chain: Chain) -> Iterator[StepState]:
    """Steps that a partner works on, and those for which one is looked for."""
    for step in chain.steps.values():
        handoff = chain.current(step)
        if step.phase == "unmet" or (step.phase == "open" and handoff is not None and handoff.is_running):
            yield step
