"""The alarm: an operator's own group receives more of its hand-offs than fair draws explain.

A small decider on `impartiality/<operator>` streams: said once a month for as long as it holds. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from relais_contracts.envelope import Payload
from relais_contracts.impartiality import ImpartialityAlarmRaised
from relais_routing.impartiality.band import ALPHA, most
from relais_routing.impartiality.chances import WHOLE
from relais_routing.impartiality.counts import Count, month_text
from relais_routing.impartiality.report import About

# What may be asked


@dataclass(frozen=True, slots=True)
class RaiseAlarm:
    """Say it, unless it was said this month; `raised` alarms were known when it was counted, the last for `last`."""

    alarm: ImpartialityAlarmRaised
    raised: int
    last: str | None


# What is known, what follows, what may happen next


class AlarmState(NamedTuple):
    """How many alarms were raised about an operator."""

    raised: int = 0


def evolve(state: AlarmState, event: Payload) -> AlarmState:
    """What is known after an event."""
    return AlarmState(state.raised + isinstance(event, ImpartialityAlarmRaised))


def decide(state: AlarmState, command: RaiseAlarm) -> list[Payload]:
    """Once a month; whoever counted without knowing of the last alarm comes too late."""
    return [] if command.raised != state.raised or command.last == command.alarm.month else [command.alarm]


# What is found


def found(
    counts: Mapping[str, Count], about: Mapping[str, About], month: date, alpha: float = ALPHA
) -> list[ImpartialityAlarmRaised]:
    """The operators whose own group lies beyond its band, of all that the directory knows; `month` is counted last."""
    operators = [(operator, count) for operator, count in sorted(counts.items()) if operator in about]
    bounds = most(_column(operators, 2) / WHOLE, _column(operators, 3) / WHOLE, alpha)
    return [
        ImpartialityAlarmRaised(
            operator=operator,
            group=about[operator].group or operator,
            commune=about[operator].commune,
            decisions=count.decisions,
            received=count.received,
            expected=round(count.expected / WHOLE, 1),
            most=round(float(bound), 1),
            since=count.first,
            month=month_text(month),
        )
        for (operator, count), bound in zip(operators, bounds, strict=True)
        if count.received > bound
    ]


def _column(operators: Iterable[tuple[str, Count]], number: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.array([count[number] for _, count in operators], np.float64)
