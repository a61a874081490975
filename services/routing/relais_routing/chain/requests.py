"""What a partner, an operator or a coordinator asks of a hand-off: done, nothing new, or refused with what is allowed.

Part of the decider. The table of the contracts says what may be done; too late or from the wrong side is an answer.
"""

from datetime import datetime
from typing import Any, Final

from relais_chassis.decider import Refused
from relais_contracts import handoffs as events
from relais_contracts.actions import LONGEST_AGO, LONGEST_AHEAD, ActionRequested
from relais_contracts.handoffs import HandoffActionRefused, HandoffHandedOn, HandoffPayload
from relais_contracts.transitions import TABLE, Transition, allowed, find
from relais_routing.chain.clocks import is_overdue
from relais_routing.chain.decision import Decision
from relais_routing.chain.evolve import refusal, said
from relais_routing.chain.plan_b import after_end, look_again
from relais_routing.chain.state import Handoff

MODELS: Final[dict[str, tuple[type[HandoffPayload], tuple[str, ...]]]] = {
    "accept": (events.HandoffAccepted, ()),
    "decline": (events.HandoffDeclined, ("reason", "caused_by", "text")),
    "start": (events.HandoffStarted, ()),
    "note": (events.HandoffNoted, ("text",)),
    "schedule": (events.HandoffScheduled, ("appointment",)),
    "reschedule": (events.HandoffRescheduled, ("appointment",)),
    "report-no-show": (events.HandoffNoShow, ("text",)),
    "cancel-appointment": (events.HandoffAppointmentCancelled, ("reason", "caused_by", "text")),
    "report-attended": (events.HandoffAttended, ("at",)),
    "complete": (events.HandoffCompleted, ("outcome", "text")),
    "request-cancellation": (
        events.HandoffCancellationRequested,
        ("by", "reason", "caused_by", "replace", "text"),
    ),
    "confirm-cancellation": (events.HandoffCancelled, ()),
    "hand-on": (events.HandoffHandedOn, ()),
}
"""The event of each action, and what it takes over from the request."""

POSSIBLE: Final = frozenset((line.actor, line.action) for line in TABLE)
"""What a side may do somewhere."""

NEEDED: Final = {
    "decline": ("reason", "caused_by"),
    "schedule": ("appointment",),
    "reschedule": ("appointment",),
    "complete": ("outcome",),
    "hand-on": ("onward",),
}
"""What an action cannot do without."""


def answer(d: Decision, request: ActionRequested) -> None:
    """Decide an action."""
    handoff = d.chain.handoffs.get(request.handoff)
    if handoff is None:
        raise Refused("unknown-handoff", f"this case has no hand-off {request.handoff}", status=404)
    actor = _side(d, handoff, request)
    overdue = handoff.state == "cancellation-requested" and is_overdue(d, handoff, d.world.now)
    if actor is None:
        return _refuse(d, handoff, request, (), "this hand-off is somebody else's")
    if (actor, request.action) in POSSIBLE and _is_said(d, handoff, request):
        return None
    line = find(handoff.state, actor, request.action, overdue=overdue)
    if line is None:
        possible = allowed(handoff.state, actor, overdue=overdue)
        return _refuse(d, handoff, request, possible, f"{request.action} is not possible while {handoff.state}")
    missing = [field for field in NEEDED.get(request.action, ()) if getattr(request, field) is None]
    if missing:
        possible = allowed(handoff.state, actor, overdue=overdue)
        return _refuse(d, handoff, request, possible, f"{request.action} needs {' and '.join(missing)}")
    return _act(d, handoff, request, line)


def _side(d: Decision, handoff: Handoff, request: ActionRequested) -> str | None:
    """On whose behalf the asker speaks, where the hand-off is theirs."""
    role, org = request.by.role, request.by.org
    if role == "partner":
        return role if org == handoff.partner else None
    if role == "operator":
        return role if org == d.operator else None
    return role if role == "coordinator" else None


def _is_said(d: Decision, handoff: Handoff, request: ActionRequested) -> bool:
    """Whether the same was done with the same content, and the hand-off stands where it leads."""
    if request.action == "note":
        return handoff.note == (request.text or "") and handoff.state != "accepted"
    if request.action == "hand-on":
        option = request.onward.option.model_dump(mode="json", exclude_none=True) if request.onward else None
        return request.onward is not None and any(
            step.parent == handoff.id and (step.actor, step.need, step.option) == (*_work(request), option)
            for step in d.chain.steps.values()
        )
    return handoff.said == said(request.action, request)


def _work(request: ActionRequested) -> tuple[str, str]:
    onward = request.onward
    return (onward.actor, onward.need) if onward else ("", "")


def _refuse(d: Decision, handoff: Handoff, request: ActionRequested, possible: tuple[Any, ...], detail: str) -> None:
    if handoff.refused != refusal(request):
        by, action = request.by, request.action
        d.write(HandoffActionRefused(**d.said(handoff), action=action, by=by, allowed=possible, detail=detail))


def _act(d: Decision, handoff: Handoff, request: ActionRequested, line: Transition) -> None:
    model, fields = MODELS[request.action]
    content = {field: getattr(request, field) for field in fields}
    if request.action == "hand-on":
        return _hand_on(d, handoff, request)
    if line.start == line.end and request.action == "note":
        d.write(model(**_still(d, handoff), **content))
        return None
    event = d.move(handoff, model, line.end, _since(d, request), **content)
    moved = d.chain.handoffs[handoff.id]
    if not moved.is_open:
        after_end(d, moved, event.outcome if isinstance(event, events.HandoffCompleted) else None)
    return None


def _since(d: Decision, request: ActionRequested) -> datetime:
    """When the next clock starts: at the appointment, else when the request was taken in.

    One that is dated out of all reason, as intake took in once, is not waited for: somebody looks a year and a half
    later at the latest.
    """
    received = min(request.received, d.world.now)
    if request.appointment is not None and request.action in ("schedule", "reschedule"):
        return min(max(request.appointment.at, received - LONGEST_AGO), received + LONGEST_AHEAD)
    return received


def _still(d: Decision, handoff: Handoff) -> dict[str, Any]:
    """The hand-off stays where it is; a sign of life ends an escalation, and the clock starts again."""
    if not handoff.escalated:
        return d.said(handoff)
    return d.said(d.restarted(handoff))


def _hand_on(d: Decision, handoff: Handoff, request: ActionRequested) -> None:
    number = 1 + sum(step.parent is not None for step in d.chain.steps.values())
    name = f"{handoff.step[:50]}-onward-{number}"
    d.write(HandoffHandedOn(**_still(d, handoff), onward=name, work=request.onward))
    look_again(d, name)
