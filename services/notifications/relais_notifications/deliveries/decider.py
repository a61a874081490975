"""What follows an attempt to deliver: done, again at a time, given up, or the endpoint is gone.

The sender asks after every attempt and records the answer. It sends nothing and reads no clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from relais_notifications.deliveries.schedule import Schedule

GONE: Final = 410
BUSY: Final = frozenset({429, 503})
"""Answers whose Retry-After speaks for the whole endpoint."""

# What is told


@dataclass(frozen=True, slots=True)
class Attempted:
    """One attempt, just made: the answer's status, or the fault that prevented one; `dice` in [0, 1)."""

    at: datetime
    dice: float
    status: int | None = None
    fault: str | None = None
    retry_after: timedelta | None = None


# What is known


@dataclass(frozen=True, slots=True)
class Standing:
    """A delivery before the attempt: since when it is owed, how many attempts were made."""

    owed: datetime
    attempts: int = 0


# What follows


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver has it."""


@dataclass(frozen=True, slots=True)
class Again:
    """Tried again at `due`; until `paused_until` nothing else is sent to this endpoint either."""

    due: datetime
    paused_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Abandoned:
    """Given up; the delivery stays visible, and its owner may have it sent again."""

    reason: str


@dataclass(frozen=True, slots=True)
class EndpointGone:
    """The receiver says it will never answer here again: the endpoint is disabled, what it is owed abandoned."""


Follows: TypeAlias = Delivered | Again | Abandoned | EndpointGone


def decide(standing: Standing, attempted: Attempted, schedule: Schedule) -> Follows:
    """What comes after this attempt. Redirects are failures like any other answer that is not 2xx."""
    if attempted.status is not None and 200 <= attempted.status < 300:
        return Delivered()
    if attempted.status == GONE:
        return EndpointGone()
    due = schedule.after(standing.attempts + 1, standing.owed, attempted.at, attempted.dice)
    if due is None:
        return Abandoned(f"{standing.attempts + 1} attempts in {schedule.give_up}: {_said(attempted)}")
    if attempted.status in BUSY and attempted.retry_after is not None:
        paused = attempted.at + min(attempted.retry_after, schedule.longest_wait)
        return Again(max(due, paused), paused)
    return Again(due)


def _said(attempted: Attempted) -> str:
    return attempted.fault or f"the last answer was {attempted.status}"
