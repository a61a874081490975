"""What the board knows: cases, and items (hand-offs and steps) with the list each stands in.

The projection folds events into these rows, the store keeps them. They hold no behaviour but where they belong.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from relais_contracts.transitions import ENDS

Kind = Literal["handoff", "step"]
NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""Where an item without a due date sorts."""

LIST_OF_STATE: Final[dict[str, str]] = {
    "proposed": "awaiting-answer",
    "accepted": "to-schedule",
    "appointment-cancelled": "to-schedule",
    "active": "to-report",
    "scheduled": "to-report",
    "attended": "to-report",
    "no-show": "no-show",
    "cancellation-requested": "to-cancel",
    "waiting": "person-to-choose",
    "unmet": "unmet",
}
"""The list an open item stands in until it is escalated; every other state is closed."""

OPEN_LISTS: Final = (
    "escalated",
    "awaiting-answer",
    "to-schedule",
    "no-show",
    "to-report",
    "to-cancel",
    "person-to-choose",
    "unmet",
)
"""Each open item stands in exactly one of these: what is awaited now. In the order they are shown."""

WORKLISTS: Final = ("overdue", *OPEN_LISTS, "delivery-failing")
"""Every worklist; `overdue` cuts across the others."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case, as far as the board's figures need it."""

    id: str
    operator: str
    commune: str
    situation: str
    opened: datetime
    stage: str | None = None
    interviews: int = 0
    masked: bool | None = None
    closed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A hand-off, or a step of the road map: who must act next, what, by when."""

    id: str
    kind: Kind
    case_id: str
    step: str
    operator: str
    actor: str
    need: str
    commune: str
    state: str
    owner: str
    opened: datetime
    changed: datetime
    attempt: int | None = None
    partner: str | None = None
    offer: str | None = None
    place: str | None = None
    decision: str | None = None
    parent: str | None = None
    next: str | None = None
    due: datetime | None = None
    escalated: bool = False
    ended: datetime | None = None
    answered: datetime | None = None
    in_time: bool | None = None
    reason: str | None = None
    caused_by: str | None = None
    outcome: str | None = None
    appointment: str | None = None
    request: str | None = None

    @property
    def list(self) -> str | None:
        """The one worklist it stands in; none once it is closed."""
        belongs = LIST_OF_STATE.get(self.state)
        return "escalated" if belongs and self.escalated else belongs

    @property
    def sort(self) -> datetime:
        """Its place in a list: by due date; what is escalated without one since it was, all others without one last."""
        return self.due or (self.changed if self.escalated else NEVER)


def is_end(state: str) -> bool:
    """Whether a hand-off has ended."""
    return state in ENDS
