"""What is known of a chain: its steps and hand-offs, and only what a decision needs of them.

Names and order here are stored in snapshots: new fields go to the end, with a default. It decides nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

import orjson

from relais_contracts.transitions import ENDS, State

Phase = Literal["open", "waiting", "unmet", "done", "dropped"]


class Handoff(NamedTuple):
    """One attempt of a step."""

    id: str
    step: str
    attempt: int
    partner: str
    offer: str
    actor: str
    need: str
    decision: str
    state: State
    since: datetime | None
    due: datetime | None
    parent: str | None = None
    within: int | None = None
    """Days the partner has to answer, where the strategy says."""
    escalated: bool = False
    reminded: bool = False
    replace: bool = False
    """Once cancelled, somebody else is looked for."""
    stopped: bool = False
    """It was Relais itself that asked to cancel it."""
    reason: str | None = None
    said: str | None = None
    """The last action's content: asked again, it is nothing new."""
    note: str | None = None
    refused: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it has not come to an end."""
        return self.state not in ENDS

    @property
    def is_running(self) -> bool:
        """Open, and nobody has asked to stop it."""
        return self.state not in ENDS and self.state != "cancellation-requested"


class StepState(NamedTuple):
    """Where a step is. One that has not begun is not in the chain."""

    step: str
    actor: str
    need: str
    phase: Phase
    why: str | None = None
    """What it waits for, or the reason why nobody was found."""
    about: str | None = None
    """The hand-off it waits about."""
    due: datetime | None = None
    escalated: bool = False
    attempts: int = 0
    decisions: int = 0
    parent: str | None = None
    """The hand-off it was handed on from."""
    option: Mapping[str, Any] | None = None
    """To whom, where it was handed on."""

    @property
    def is_over(self) -> bool:
        """Done, or no longer wanted."""
        return self.phase in ("done", "dropped")


class Chain(NamedTuple):
    """All of a case's steps and hand-offs; mappings are never changed in place."""

    handoffs: Mapping[str, Handoff]
    steps: Mapping[str, StepState]
    done: bool = False

    def current(self, step: StepState) -> Handoff | None:
        """The last attempt of a step."""
        attempts = (each for each in self.handoffs.values() if each.step == step.step)
        return next((each for each in attempts if each.attempt == step.attempts), None)

    def open_handoffs(self) -> list[Handoff]:
        """Those that have not come to an end."""
        return [handoff for handoff in self.handoffs.values() if handoff.is_open]


NO_CHAIN: Final = Chain({}, {})


def dump(chain: Chain) -> bytes:
    """The snapshot: JSON without names, the shortest that still reads as text."""
    return orjson.dumps((*chain.handoffs.values(), None, *chain.steps.values(), chain.done), default=tuple)


def load(snapshot: bytes) -> Chain:
    """The chain of a snapshot."""
    *rows, done = orjson.loads(snapshot)
    border = rows.index(None)
    handoffs, steps = rows[:border], rows[border + 1 :]
    for row in handoffs:
        row[9], row[10] = _time(row[9]), _time(row[10])
    for row in steps:
        row[6] = _time(row[6])
    return Chain({row[0]: Handoff(*row) for row in handoffs}, {row[0]: StepState(*row) for row in steps}, done)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
