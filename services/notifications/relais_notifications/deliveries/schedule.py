"""When a delivery is tried again, and when it is given up: the policy of webhooks as data.

The decider reads it. Delays follow the Standard Webhooks recommendation: quickly at first, a day apart at the end.
It draws no chance: the dice come in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Delays after the first, second … failed attempt (the last one repeats), and the time after which it is over."""

    delays: tuple[timedelta, ...] = (
        5 * SECOND,
        30 * SECOND,
        2 * MINUTE,
        10 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        4 * HOUR,
        8 * HOUR,
        12 * HOUR,
        20 * HOUR,
        24 * HOUR,
    )
    give_up: timedelta = timedelta(days=3)
    jitter: float = 0.2
    """Each delay is stretched or shortened by up to this share, so that retries never come in waves."""
    longest_wait: timedelta = timedelta(days=1)
    """A Retry-After beyond this is cut."""

    def scaled(self, factor: float) -> Self:
        """The same schedule in another time: 0.01 makes 3 days 43 minutes."""
        return type(self)(
            tuple(delay * factor for delay in self.delays),
            self.give_up * factor,
            self.jitter,
            self.longest_wait * factor,
        )

    def deadline(self, owed: datetime) -> datetime:
        """The moment after which a failed attempt is the last."""
        return owed + self.give_up

    def after(self, attempts: int, owed: datetime, at: datetime, dice: float) -> datetime | None:
        """When to try again after so many failed attempts, or None: given up. `dice` in [0, 1)."""
        deadline = self.deadline(owed)
        if at >= deadline:
            return None
        delay = self.delays[min(attempts, len(self.delays)) - 1]
        return min(at + delay * (1 + self.jitter * (2 * dice - 1)), deadline)


USUAL: Final = Schedule()
