"""From measurements to rows: medians, their spread, and ratios taken round by round.

A ratio compares two figures of the same round, so that a slow minute weighs on both. It measures nothing.
"""

from collections.abc import Sequence
from statistics import median
from typing import Any, Final, NamedTuple

from relais_cli.bench.stopwatch import Taken

SPREAD: Final = 3
"""Digits of a ratio."""


class Side(NamedTuple):
    """A variant, what it is called in the result, and the variants that it is compared with."""

    variant: str
    name: str
    against: tuple[str, ...] = ()


def rows_of(sides: Sequence[Side], taken: dict[str, list[Taken]]) -> list[dict[str, Any]]:
    """One row a variant; one more for every further comparison."""
    names = {side.variant: side.name for side in sides}
    rows: list[dict[str, Any]] = []
    for side in sides:
        rates = [_rate(each) for each in taken[side.variant]]
        row: dict[str, Any] = {"name": side.name, "value": round(median(rates)), "unit": "messages/s"}
        row |= {"low": round(min(rates)), "high": round(max(rates)), "rounds": len(rates)}
        row["cpu_us"] = round(median(each.cpu_seconds / each.messages * 1e6 for each in taken[side.variant]), 1)
        first, *others = side.against or (None,)
        if first:
            row |= ratio(names[first], taken[side.variant], taken[first])
        rows.append(row)
        for other in others:
            compared = ratio(names[other], taken[side.variant], taken[other])
            rows.append({"name": side.name, "value": compared["ratio"], "unit": "ratio", **compared})
    return rows


def ratio(name: str, ours: Sequence[Taken], theirs: Sequence[Taken]) -> dict[str, Any]:
    """The median of the ratios of each round, and how far they lie apart."""
    ratios = [_rate(one) / _rate(other) for one, other in zip(ours, theirs, strict=True)]
    return {
        "ratio_to": name,
        "ratio": round(median(ratios), SPREAD),
        "ratio_low": round(min(ratios), SPREAD),
        "ratio_high": round(max(ratios), SPREAD),
    }


def _rate(taken: Taken) -> float:
    return taken.messages / taken.seconds
