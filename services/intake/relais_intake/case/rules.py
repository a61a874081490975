"""What makes each statement about a case news, nothing new, or wrong: one named rule a statement.

The decider asks them; each says whether an event follows or raises Refused with its reason and what would be right.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from relais_chassis.decider import JSON, Refused
from relais_contracts.cases import (
    CaseAttested,
    CaseClosed,
    CaseConsentGiven,
    CaseConsentWithdrawn,
    CaseErased,
    CaseOpened,
    CaseOptionChosen,
    CasePayload,
    CasePossibilitiesOpened,
    CaseStrategyElaborated,
    CaseTransferred,
)
from relais_contracts.consents import Consents
from relais_intake.case import roadmap
from relais_intake.case.stages import StageEvent, expected, expected_type, fingerprint, place_of

AFTER_CLOSING: Final = (CaseConsentWithdrawn, CaseAttested, CaseTransferred, CaseClosed, CaseErased)
"""What may still be said of a closed case: the person's rights and word outlive the counselling."""


def belongs(operator: str | None, by: str, event: CasePayload) -> None:
    """A case starts with its opening, and only its operator speaks of it."""
    if operator is None and not isinstance(event, CaseOpened):
        raise Refused("not-opened", "this case is not open yet", expected="opened", expected_type=CaseOpened.TYPE)
    if operator is not None and operator != by:
        raise Refused("unknown-case", "there is no such case of yours", status=404)


def still_open(closed: bool, erased: bool, event: CasePayload) -> None:
    """An erased case has ended; of a closed one little may still be said."""
    if erased and not isinstance(event, CaseErased):
        raise Refused("case-erased", "this case was erased")
    if closed and not isinstance(event, AFTER_CLOSING):
        raise Refused("case-closed", "this case is closed", allowed=[kind.TYPE for kind in AFTER_CLOSING])


def opens(facts: str | None, event: CaseOpened) -> bool:
    """Every public is served, schoolchildren aside; a case opens once."""
    if event.situation == "pupil":
        detail = "pupils have a guidance service of their own; Relais serves everybody else"
        raise _wrong("pupil", "/data/situation", detail)
    if facts is not None and facts != fingerprint(event):
        raise Refused("already-open", "this case is open already, with other facts")
    return facts is None


def passes_stage(stages: Sequence[str], event: StageEvent) -> bool:
    """The four stages in their order; one already passed may be revised."""
    place = place_of(event)
    if place > len(stages):
        stage = expected(len(stages))
        detail = f"the stage {stage!r} comes first"
        raise Refused("stage-out-of-order", detail, expected=stage, expected_type=expected_type(len(stages)))
    if isinstance(event, CasePossibilitiesOpened) and len(set(event.options)) < 2:
        raise _wrong("one-option", "/data/options", "two different options at least")
    return place == len(stages) or stages[place] != fingerprint(event)


def elaborates(last: int, event: CaseStrategyElaborated) -> bool:
    """Versions count up by one, and the road map makes sense."""
    found = roadmap.faults(event.steps)
    if found:
        errors: list[JSON] = [{"pointer": fault.pointer, "detail": fault.detail} for fault in found]
        raise Refused("road-map", found[0].detail, status=422, errors=errors)
    if event.version != last + 1:
        raise Refused("version", f"the next strategy is version {last + 1}", expected=last + 1)
    return True


def consents(known: Consents, steps: frozenset[str], event: CaseConsentGiven, today: date) -> bool:
    """A consent is for all steps or a known one, and holds today at least."""
    if event.step is not None:
        _known_step(steps, event.step)
    if event.until < today:
        raise _wrong("consent-over", "/data/until", f"this consent would have ended before {today.isoformat()}")
    if event.step is None and known.by_step:
        return True
    last = known.last_word(event.step)
    return last is None or fingerprint(last) != fingerprint(event)


def withdraws(known: Consents, event: CaseConsentWithdrawn) -> bool:
    """What was never given need not be taken back."""
    return not known.is_empty() if event.step is None else known.last_word(event.step) is not None


def chooses(steps: frozenset[str], event: CaseOptionChosen) -> bool:
    """An answer to routing's question: each counts, the same option may be chosen again after a refusal."""
    _known_step(steps, event.step)
    return True


def attests(said: str | None, handoffs: frozenset[str], event: CaseAttested) -> bool:
    """The person's word on a hand-off of this case."""
    if event.handoff not in handoffs:
        raise Refused("unknown-handoff", "this case has no such hand-off", status=404)
    return said != event.outcome


def transfers(operator: str | None, organisations: frozenset[str], event: CaseTransferred) -> bool:
    """A case goes to an organisation that the directory has: nobody could give it back from a mistyped name."""
    if event.to == operator:
        return False
    if event.to not in organisations:
        detail = f"the directory has no organisation {event.to!r}: operators are declared in it, as partners are"
        raise Refused("unknown-operator", detail, errors=[{"pointer": "/data/to", "detail": detail}])
    return True


def _known_step(steps: frozenset[str], step: str) -> None:
    if step not in steps:
        raise Refused("unknown-step", f"the road map has no step {step!r}", expected=sorted(steps))


def _wrong(code: str, pointer: str, detail: str) -> Refused:
    return Refused(code, detail, status=422, errors=[{"pointer": pointer, "detail": detail}])
