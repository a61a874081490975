"""From routing's events to the rows they mean: hand-offs, steps, consequences, and which actions are answered.

Pure; `store` writes the rows. Within a batch the last event of a hand-off or step counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from relais_contracts import handoffs as told
from relais_contracts.envelope import PREFIX, CloudEvent, Part, Payload
from relais_contracts.identifiers import key_of
from relais_contracts.transitions import EVENTS, Action
from relais_intake.actions.decider import Said, said_in
from relais_territories import commune, territories_of

ACTION_OF: Final[dict[str, Action]] = {f"{PREFIX}{name}.v1": action for action, name in EVENTS.items()}
"""The action behind each event type that changes a hand-off."""

STEP_STATES: Final[dict[type[told.StepPayload], str]] = {
    told.StepUnmet: "unmet",
    told.StepWaiting: "waiting",
    told.StepDone: "done",
    told.StepDropped: "dropped",
}


@dataclass(frozen=True, slots=True)
class Told:
    """An event of routing, as it came."""

    event: CloudEvent
    payload: Payload

    @property
    def case(self) -> str:
        """The case it is about."""
        return key_of(self.event.id).partition("/")[0]

    @property
    def sequence(self) -> int:
        """Its place in the chain's stream."""
        return self.event.sequence or 0


@dataclass(slots=True)
class Rows:
    """What a batch means, row by row; the columns stand in the order of the SQL in `store`."""

    handoffs: dict[str, tuple[object, ...]] = field(default_factory=dict)
    said: dict[str, tuple[str | None, str | None, str | None]] = field(default_factory=dict)
    steps: dict[tuple[str, str], tuple[object, ...]] = field(default_factory=dict)
    escalated: dict[tuple[str, str], tuple[object, ...]] = field(default_factory=dict)
    parents: dict[tuple[str, str], str] = field(default_factory=dict)
    answered: dict[str, int] = field(default_factory=dict)
    consequences: list[tuple[object, ...]] = field(default_factory=list)


def rows(batch: Iterable[Told]) -> Rows:
    """The rows of a batch of events in their order."""
    found = Rows()
    for one in batch:
        _consequence(found, one)
        match one.payload:
            case told.HandoffPayload():
                _handoff(found, one, one.payload)
            case told.StepPayload():
                _step(found, one, one.payload)
            case _:
                continue
    return found


def _handoff(found: Rows, one: Told, event: told.HandoffPayload) -> None:
    identity = (event.handoff, one.case, event.step, event.attempt, event.partner, event.offer, event.actor, event.need)
    where = (event.commune, " ".join(territories(event.commune)), event.decision, event.parent)
    stands = (event.state, event.owner, event.next, event.due, one.sequence)
    found.handoffs[event.handoff] = (*identity, *where, *stands)
    found.said[event.handoff] = _contents(found.said.get(event.handoff, (None, None, None)), event)
    if isinstance(event, told.HandoffProposed):
        running = ("running", None, event.owner, event.next, event.due, one.sequence)
        found.steps[one.case, event.step] = (one.case, event.step, *running)
        if event.parent:
            found.parents[one.case, event.step] = event.parent
    elif isinstance(event, told.HandoffHandedOn):
        found.parents[one.case, event.onward] = event.handoff


def _contents(
    before: tuple[str | None, str | None, str | None], event: told.HandoffPayload
) -> tuple[str | None, str | None, str | None]:
    """What was last said, what is requested, which appointment stands; None: as before."""
    said, request, appointment = before
    action = ACTION_OF.get(event.TYPE)
    if action is not None:
        content = Said(action=action) if action == "hand-on" else said_in(action, event)
        said = content.model_dump_json(exclude_none=True)
    if isinstance(event, told.HandoffProposed):
        request = _text(event.request)
    if isinstance(event, told.HandoffScheduled | told.HandoffRescheduled):
        appointment = _text(event.appointment)
    return said, request, appointment


def _text(part: Part) -> str:
    return part.model_dump_json(exclude_none=True)


def _step(found: Rows, one: Told, event: told.StepPayload) -> None:
    place, stands = (one.case, event.step), (event.owner, event.next, event.due, one.sequence)
    state = STEP_STATES.get(type(event))
    if state is None:  # escalated: the same state, another owner
        found.escalated[place] = (*place, *stands)
    else:
        found.steps[place] = (*place, state, _why(event), *stands)


def _why(event: told.StepPayload) -> str | None:
    match event:
        case told.StepUnmet():
            return event.reason
        case told.StepWaiting():
            return event.waiting_for
        case told.StepDone():
            return event.outcome
        case _:
            return None


def _consequence(found: Rows, one: Told) -> None:
    cause = one.event.causationid
    if cause is None:
        return
    payload = one.payload
    handoff, step, state = (getattr(payload, name, None) for name in ("handoff", "step", "state"))
    time: datetime | None = one.event.time
    found.consequences.append((cause, one.event.id, one.event.type, handoff, step, state, time))
    stream, _, version = cause.rpartition("/")
    if stream == f"actions/{one.case}" and version.isdigit():
        found.answered[one.case] = max(found.answered.get(one.case, 0), int(version))


def territories(code: str) -> list[str]:
    """Every territory a commune lies in, for the rights of coordinators; none where it is not known."""
    known = commune(code)
    return sorted(territories_of(known)) if known else []
