"""What must come with each action, as data, and what is missing from a request.

The door asks it before anything is decided. Whether the action is possible now is the decider's question.
"""

from collections.abc import Mapping
from typing import Final

from relais_contracts.transitions import TABLE, Action

DEMANDS: Final[Mapping[Action, tuple[str, ...]]] = {
    "decline": ("reason", "caused_by"),
    "cancel-appointment": ("reason", "caused_by"),
    "request-cancellation": ("reason", "caused_by"),
    "schedule": ("appointment",),
    "reschedule": ("appointment",),
    "complete": ("outcome",),
    "note": ("note",),
    "hand-on": ("onward",),
}
"""Refusals and cancellations carry a coded reason and whose it is; an appointment its date; an end its outcome."""

CONTENT: Final[Mapping[Action, tuple[str, ...]]] = {
    "decline": ("reason", "caused_by", "text"),
    "schedule": ("appointment",),
    "reschedule": ("appointment",),
    "note": ("text",),
    "report-no-show": ("text",),
    "cancel-appointment": ("reason", "caused_by", "text"),
    "report-attended": ("at",),
    "request-cancellation": ("reason", "caused_by", "replace", "text"),
    "complete": ("outcome", "text"),
    "hand-on": ("onward",),
}
"""What tells one such action from another, as routing's events carry it; the others have no content."""

ASKED_BY: Final[Mapping[str, frozenset[Action]]] = {
    role: frozenset(line.action for line in TABLE if line.actor == role)
    for role in ("partner", "operator", "coordinator")
}
"""What each role may ever ask, whatever the state."""


def missing(action: Action, given: Mapping[str, object]) -> list[str]:
    """The fields that this action needs and that say nothing; the reason `other` needs its text."""
    needed = DEMANDS.get(action, ())
    if given.get("reason") == "other":
        needed = (*needed, "note")
    return [name for name in dict.fromkeys(needed) if not given.get(name)]
