"""What follows from what has happened: the chain after each of its events.

Never refuses and takes any history, also one that `decide` would not write. Pure.
"""

from datetime import datetime
from typing import Any, Final

from relais_contracts.actions import ActionRequested
from relais_contracts.envelope import Part, Payload
from relais_contracts.handoffs import (
    HandoffActionRefused,
    HandoffCancellationRequested,
    HandoffDeclined,
    HandoffEscalated,
    HandoffHandedOn,
    HandoffNoted,
    HandoffPayload,
    HandoffProposed,
    HandoffReminded,
    StepDone,
    StepEscalated,
    StepPayload,
    StepUnmet,
    StepWaiting,
)
from relais_contracts.transitions import EVENTS
from relais_routing.chain.state import Chain, Handoff, StepState

ACTION_OF: Final = {f"org.relais.{event}.v1": action for action, event in EVENTS.items()}
CONTENT: Final = {
    "decline": ("reason", "caused_by", "text"),
    "schedule": ("appointment",),
    "reschedule": ("appointment",),
    "report-no-show": ("text",),
    "cancel-appointment": ("reason", "caused_by", "text"),
    "report-attended": ("at",),
    "complete": ("outcome", "text"),
    "request-cancellation": ("reason", "caused_by", "replace", "text"),
}
"""What an action says beyond its name."""


def said(action: str, source: Payload) -> str:
    """An action and its content as one text, from the request or from the event that followed."""
    fields = CONTENT.get(action)
    if fields is None:
        return action
    kind = "appointment" if fields == ("appointment",) else action
    return "|".join([kind, *(_text(getattr(source, field)) for field in fields)])


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return str(value.timestamp())
    if isinstance(value, Part):
        return "|".join(_text(getattr(value, name)) for name in type(value).model_fields)
    return str(value)


def evolve(chain: Chain, event: Payload) -> Chain:
    """The chain after an event of its own; the last of the kinds is `chain.done`."""
    match event:
        case HandoffProposed():
            return _proposed(chain, event)
        case HandoffPayload():
            handoff = chain.handoffs.get(event.handoff) or _handoff(event, None)
            return _with(_handed_on(chain, event), _moved(handoff, event))
        case StepPayload():
            return _step(chain, event)
        case _:
            return chain._replace(done=True)


def _with(chain: Chain, handoff: Handoff) -> Chain:
    return chain._replace(handoffs={**chain.handoffs, handoff.id: handoff})


def _handoff(event: HandoffPayload, within: int | None) -> Handoff:
    return Handoff(
        event.handoff,
        event.step,
        event.attempt,
        event.partner,
        event.offer,
        event.actor,
        event.need,
        event.decision,
        event.state,
        event.since,
        event.due,
        event.parent,
        within,
    )


def _proposed(chain: Chain, event: HandoffProposed) -> Chain:
    before = chain.steps.get(event.step)
    step = StepState(
        event.step,
        event.actor,
        event.need,
        "open",
        attempts=event.attempt,
        decisions=1 + (before.decisions if before else 0),
        parent=before.parent if before else event.parent,
        option=before.option if before else None,
    )
    steps = {**chain.steps, event.step: step}
    return Chain({**chain.handoffs, event.handoff: _handoff(event, event.answer_within)}, steps)


def _moved(handoff: Handoff, event: HandoffPayload) -> Handoff:
    match event:
        case HandoffActionRefused():
            return handoff._replace(refused=refusal(event))
        case HandoffReminded():
            return handoff._replace(reminded=True)
        case HandoffEscalated():
            return handoff._replace(escalated=True, due=None)
    told: dict[str, Any] = {
        "state": event.state,
        "since": event.since,
        "due": event.due,
        "escalated": False,
        "reminded": handoff.reminded and event.state == handoff.state,
        "refused": None,
    }
    match event:
        case HandoffNoted():
            told["note"] = event.text or ""
            told["said"] = handoff.said if event.state == handoff.state else "note"
        case HandoffHandedOn():
            pass
        case HandoffDeclined():
            told |= {"said": said("decline", event), "reason": event.reason}
        case HandoffCancellationRequested():
            told |= {"replace": event.replace, "stopped": event.by.role == "system"}
            told["said"] = said("request-cancellation", event)
        case _:
            told["said"] = said(ACTION_OF[event.TYPE], event)
    return handoff._replace(**told)


def refusal(event: HandoffActionRefused | ActionRequested) -> str:
    """Who was refused what: asked again while nothing has moved, it is nothing new."""
    return f"{event.action}|{event.by.role}|{event.by.org}"


def _handed_on(chain: Chain, event: HandoffPayload) -> Chain:
    if not isinstance(event, HandoffHandedOn) or event.work is None or event.onward in chain.steps:
        return chain
    option = event.work.option.model_dump(mode="json", exclude_none=True)
    step = StepState(event.onward, event.work.actor, event.work.need, "unmet", parent=event.handoff, option=option)
    return chain._replace(steps={**chain.steps, event.onward: step}, done=False)


def _step(chain: Chain, event: StepPayload) -> Chain:
    before = chain.steps.get(event.step) or StepState(event.step, event.actor, event.need, "open")
    told: dict[str, Any] = {
        "actor": event.actor,
        "need": event.need,
        "why": None,
        "about": None,
        "due": None,
        "escalated": False,
    }
    match event:
        case StepUnmet():
            told |= {"phase": "unmet", "why": event.reason}
            told["decisions"] = before.decisions + (event.decision is not None)
        case StepWaiting():
            told |= {"phase": "waiting", "why": event.waiting_for, "about": event.handoff, "due": event.due}
        case StepEscalated():
            told |= {"why": before.why, "about": before.about, "escalated": True}
        case StepDone():
            told |= {"phase": "done", "why": event.outcome, "about": event.handoff}
        case _:
            told["phase"] = "dropped"
    step = before._replace(**told)
    return chain._replace(steps={**chain.steps, event.step: step}, done=chain.done and step.is_over)
