"""The first look at an action: possible, nothing new, too late, or not this role's to ask.

Stands between the door and `relais.actions`; routing has the last word. It knows one hand-off, no clock, no database.
"""

from dataclasses import dataclass
from datetime import datetime

from relais_chassis.decider import JSON, Refused
from relais_contracts.actions import LONGEST_AGO, LONGEST_AHEAD, ActionRequested, Appointment, Onward
from relais_contracts.envelope import Part, Payload
from relais_contracts.transitions import Action, State, allowed, find
from relais_contracts.vocabularies import CausedBy, Outcome, Reason
from relais_intake.actions.demands import ASKED_BY, CONTENT

# What may be asked, and what may have happened: relais_contracts.actions.ActionRequested, whole

# What is known


class Said(Part):
    """The content of the last action that changed something: the same again is nothing new."""

    action: Action
    at: datetime | None = None
    reason: Reason | None = None
    caused_by: CausedBy | None = None
    appointment: Appointment | None = None
    outcome: Outcome | None = None
    text: str | None = None
    replace: bool = False
    onward: Onward | None = None


@dataclass(frozen=True, slots=True)
class Handoff:
    """A hand-off as routing last told it, with what was asked since."""

    state: State
    due: datetime | None = None
    said: Said | None = None

    def allowed(self, role: str, now: datetime) -> tuple[Action, ...]:
        """What this role may ask now."""
        return allowed(self.state, role, overdue=self.is_overdue(now))

    def is_overdue(self, now: datetime) -> bool:
        """Whether the clock has run out."""
        return self.due is not None and self.due <= now


# What follows


def evolve(handoff: Handoff, event: Payload) -> Handoff:
    """The hand-off once routing takes the request; one that is no longer possible changes nothing."""
    if not isinstance(event, ActionRequested):
        return handoff
    overdue = handoff.is_overdue(event.received)
    line = find(handoff.state, event.by.role, event.action, overdue=overdue)
    return handoff if line is None else Handoff(state=line.end, said=said(event))


def said(request: ActionRequested) -> Said:
    """The content of a request, without who asked and when it came in."""
    return said_in(request.action, request)


def said_in(action: Action, source: Part) -> Said:
    """The content of an action in a request, or in routing's event about it."""
    return Said.model_construct(action=action, **{name: getattr(source, name) for name in CONTENT.get(action, ())})


# What may happen next


def decide(handoff: Handoff, request: ActionRequested) -> list[Payload]:
    """The request, or nothing where it was said before; Refused with what is allowed instead."""
    role = request.by.role
    options = handoff.allowed(role, request.received)
    if request.action not in ASKED_BY.get(role, frozenset()):
        detail = f"{request.action} is never asked by a {role}"
        raise Refused("wrong-role", detail, status=403, allowed=options)
    if handoff.said == said(request):
        return []
    if request.action not in options:
        detail = f"{request.action} is not possible while {handoff.state}"
        raise Refused("not-possible", detail, allowed=options, state=handoff.state)
    if request.appointment is not None:
        _is_near(request.appointment, request.received)
    return [request]


def _is_near(appointment: Appointment, received: datetime) -> None:
    """A slip in the year would leave nobody looking until then."""
    first, last = received - LONGEST_AGO, received + LONGEST_AHEAD
    if not first <= appointment.at <= last:
        expected = f"a day from {first.date().isoformat()} to {last.date().isoformat()}"
        errors: list[JSON] = [{"pointer": "/appointment/at", "expected": expected}]
        raise Refused("appointment-too-far", f"the appointment is expected on {expected}", status=422, errors=errors)
