"""The policy: how long everybody has, and when a clock runs out.

Read once from a TOML file at the start and handed to every decision. It reads no clock.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final, Self, get_args

from relais_contracts.transitions import Clock
from relais_routing.chain.calendar import PARIS, day_after, midnight, working_day
from relais_territories.table import departement_of

PACKAGED: Final = Path(__file__).parent.parent / "policy.toml"
DAY: Final = 86_400
PAUSE: Final = 25
"""Five weeks, as long as a whole year's leave (Code du travail, article L3141-3)."""
Closure = tuple[date, date]
"""First and last day on which a partner is closed."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Days by clock; `reminder` is the day of the answer clock on which the partner is reminded."""

    version: str
    day_seconds: float
    reminder: int
    clocks: Mapping[Clock, int]
    pause: int = PAUSE
    """Working days that closures may make a clock wait; calendar days where days are no real ones."""

    @classmethod
    def of(cls, text: str) -> Self:
        """The policy of a TOML text; raises ValueError where a clock is missing or not positive."""
        given = tomllib.loads(text)
        clocks = {clock: int(given["clocks"].get(clock, 0)) for clock in get_args(Clock)}
        pause = int(given.get("pause", PAUSE))
        bad = [name for name, days in {**clocks, "pause": pause}.items() if days < 1]
        if bad or float(given["day_seconds"]) <= 0:
            raise ValueError(f"the policy needs a positive number of days for: {', '.join(bad) or 'day_seconds'}")
        return cls(str(given["version"]), float(given["day_seconds"]), int(given["reminder"]), clocks, pause)

    @classmethod
    def read(cls, path: Path | None = None) -> Self:
        """The policy of a file; without a path, the one that comes with Relais."""
        return cls.of((path or PACKAGED).read_text(encoding="utf-8"))

    @property
    def day(self) -> timedelta:
        """How long a day lasts: a demonstration may live faster."""
        return timedelta(seconds=self.day_seconds)

    @property
    def in_working_days(self) -> bool:
        """Whether days are real ones, of which only working days count."""
        return self.day_seconds == DAY


def due(start: datetime, days: int, policy: Policy, territory: str, closures: Sequence[Closure] = ()) -> datetime:
    """When `days` from `start` are over: time in a pause does not count.

    Pauses are the partner's closures and, where days are real ones, the week-ends and holidays of the territory (an
    INSEE commune code). Nobody waits for who is away longer than the policy says: then closures pause nothing.
    """
    end = _counted(start, days, policy, territory, closures)
    if closures and end > _latest(start, days, policy, territory):
        return _counted(start, days, policy, territory, ())
    return end


def _counted(start: datetime, days: int, policy: Policy, territory: str, closures: Sequence[Closure]) -> datetime:
    """When so many days are over, however long the closures."""
    if policy.in_working_days:
        return _in_working_days(start, days, territory, closures)
    left, at = days * policy.day, start
    for first, last in sorted(closures):
        begin, end = midnight(first), midnight(day_after(last))
        if begin - at >= left:
            break
        if end > at:
            left -= max(begin - at, timedelta())
            at = end
    return at + left


def _latest(start: datetime, days: int, policy: Policy, territory: str) -> datetime:
    """When so many days are over after the longest pause that is waited for."""
    if policy.in_working_days:
        return _in_working_days(start, days + policy.pause, territory, ())
    return start + days * policy.day + timedelta(days=policy.pause)


def _in_working_days(start: datetime, days: int, commune: str, closures: Sequence[Closure]) -> datetime:
    """The same time of day, so many working days later; who starts on a free day starts on the next working one."""
    local, departement, closed = start.astimezone(PARIS), departement_of(commune), tuple(closures)
    begin = working_day(local.date(), 0, departement, closed)
    at = local.time() if begin == local.date() else time()
    return datetime.combine(working_day(begin, days, departement, closed), at, PARIS).astimezone(UTC)
