"""The life of a hand-off as data: who may do what from where, what it becomes, who must act next.

Intake, routing, pages and documentation all read this table. The numbers are those of the state table on which
BSeR and IHE 360X agree (31 is 06 seen from outside); E marks our extensions. It never looks at a clock.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

State = Literal[
    "proposed",
    "accepted",
    "declined",
    "lapsed",
    "active",
    "scheduled",
    "no-show",
    "appointment-cancelled",
    "attended",
    "cancellation-requested",
    "cancelled",
    "completed",
]
Action = Literal[
    "propose",
    "accept",
    "decline",
    "lapse",
    "start",
    "note",
    "schedule",
    "reschedule",
    "report-no-show",
    "cancel-appointment",
    "report-attended",
    "complete",
    "request-cancellation",
    "confirm-cancellation",
    "hand-on",
]
Actor = Literal["partner", "operator", "coordinator", "system"]
Clock = Literal["answer", "schedule", "report", "outcome", "cancellation", "choice"]

ENDS: Final[frozenset[State]] = frozenset({"declined", "lapsed", "cancelled", "completed"})


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of the table; `overdue_only` guards what is allowed only once the clock has run out."""

    number: str
    start: State | None
    actor: Actor
    action: Action
    end: State
    overdue_only: bool = False


def _partner(start: State, *lines: tuple[str, Action, State]) -> list[Transition]:
    return [Transition(number, start, "partner", action, end) for number, action, end in lines]


_BY_PARTNER: Final = [
    *_partner("proposed", ("02", "accept", "accepted"), ("03", "decline", "declined")),
    *_partner(
        "accepted",
        ("05", "decline", "declined"),
        ("06", "schedule", "scheduled"),
        ("08", "report-attended", "attended"),
        ("09", "complete", "completed"),
        ("32", "note", "active"),
        ("E2", "start", "active"),
    ),
    *_partner(
        "active",
        ("33", "decline", "declined"),
        ("E3", "schedule", "scheduled"),
        ("E4", "report-attended", "attended"),
        ("E5", "complete", "completed"),
    ),
    *_partner(
        "scheduled",
        ("10", "decline", "declined"),
        ("11", "reschedule", "scheduled"),
        ("12", "report-no-show", "no-show"),
        ("13", "cancel-appointment", "appointment-cancelled"),
        ("15", "report-attended", "attended"),
        ("16", "complete", "completed"),
    ),
    *_partner(
        "no-show",
        ("17", "decline", "declined"),
        ("18", "reschedule", "scheduled"),
        ("19", "cancel-appointment", "appointment-cancelled"),
    ),
    *_partner("appointment-cancelled", ("21", "schedule", "scheduled")),
    *_partner(
        "attended",
        ("25", "decline", "declined"),
        ("26", "schedule", "scheduled"),
        ("27", "cancel-appointment", "appointment-cancelled"),
        ("29", "report-attended", "attended"),
        ("30", "complete", "completed"),
    ),
    *_partner("cancellation-requested", ("23", "confirm-cancellation", "cancelled"), ("24", "complete", "completed")),
]

_CANCELLABLE: Final[dict[State, str]] = {
    "proposed": "04",
    "accepted": "07",
    "active": "34",
    "scheduled": "14",
    "no-show": "20",
    "appointment-cancelled": "22",
    "attended": "28",
}

_WORKING: Final[tuple[State, ...]] = ("active", "scheduled", "no-show", "appointment-cancelled", "attended")

_HANDING_ON: Final[tuple[State, ...]] = ("accepted", "active", "scheduled", "attended")

TABLE: Final[tuple[Transition, ...]] = (
    Transition("01", None, "system", "propose", "proposed"),
    Transition("E1", "proposed", "system", "lapse", "lapsed"),
    *_BY_PARTNER,
    *(
        Transition(number, start, "operator", "request-cancellation", "cancellation-requested")
        for start, number in _CANCELLABLE.items()
    ),
    *(Transition("E6", state, "partner", "note", state) for state in (*_WORKING, "cancellation-requested")),
    *(
        Transition("E7", start, actor, "request-cancellation", "cancellation-requested")
        for start in _CANCELLABLE
        for actor in ("coordinator", "system")
    ),
    Transition("E7", "cancellation-requested", "coordinator", "confirm-cancellation", "cancelled", overdue_only=True),
    *(
        Transition("E8", state, "partner", "hand-on", state)
        for state in ("accepted", "active", "scheduled", "attended")
    ),
)

EVENTS: Final[dict[Action, str]] = {
    "propose": "handoff.proposed",
    "accept": "handoff.accepted",
    "decline": "handoff.declined",
    "lapse": "handoff.lapsed",
    "start": "handoff.started",
    "note": "handoff.noted",
    "schedule": "handoff.scheduled",
    "reschedule": "handoff.rescheduled",
    "report-no-show": "handoff.no-show",
    "cancel-appointment": "handoff.appointment-cancelled",
    "report-attended": "handoff.attended",
    "complete": "handoff.completed",
    "request-cancellation": "handoff.cancellation-requested",
    "confirm-cancellation": "handoff.cancelled",
    "hand-on": "handoff.handed-on",
}


@dataclass(frozen=True, slots=True)
class Awaited:
    """What is awaited in a state: from whom, what, and under which clock."""

    owner: Literal["partner", "operator", "person", "coordinator", "nobody"]
    next: str | None
    clock: Clock | None


AWAITED: Final[dict[State, Awaited]] = {
    "proposed": Awaited("partner", "answer", "answer"),
    "accepted": Awaited("partner", "schedule", "schedule"),
    "active": Awaited("partner", "outcome", "outcome"),
    "scheduled": Awaited("partner", "report", "report"),
    "no-show": Awaited("partner", "schedule", "schedule"),
    "appointment-cancelled": Awaited("partner", "schedule", "schedule"),
    "attended": Awaited("partner", "outcome", "outcome"),
    "cancellation-requested": Awaited("partner", "cancellation", "cancellation"),
    **{end: Awaited("nobody", None, None) for end in ENDS},
}

_INDEX: Final[dict[tuple[str | None, str, str], Transition]] = {
    (line.start, line.actor, line.action): line for line in TABLE
}


def find(start: State | None, actor: str, action: str, *, overdue: bool = False) -> Transition | None:
    """The line that lets this actor do this from here, or None; `overdue`: the clock has run out."""
    line = _INDEX.get((start, actor, action))
    return None if line is None or (line.overdue_only and not overdue) else line


@cache
def allowed(start: State | None, actor: str, *, overdue: bool = False) -> tuple[Action, ...]:
    """What this actor may do from here, in the table's order."""
    return tuple(
        line.action
        for line in TABLE
        if line.start == start and line.actor == actor and (overdue or not line.overdue_only)
    )
