"""From the times of all rounds to rows: medians with their spread, ratios to SQL and loop, growth, memory.

A percentile is taken in each round; its median and spread over the rounds are given. It measures nothing.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import median, quantiles
from typing import Any, Final

from relais_cli.bench.matching.spec import Directory
from relais_routing.directory import PORTION

Row = dict[str, Any]
Taken = Mapping[str, Any]
Rounds = Mapping[Directory, Sequence[Taken]]

TIMED: Final = {
    "match": "match",
    "record": "match and record",
    "first": "match, first time in a place",
    "sql": "SQL",
    "loop": "loop",
}
COUNTED: Final = {
    "build": ("index built", "s", 1.0),
    "peak": ("memory, most while building", "MB", 1e-6),
    "held": ("memory, held", "MB", 1e-6),
    "refresh": ("refresh of {changed:,} changed offers", "ms", 1.0),
    "pause": ("longest pause of it in portions of {portion}", "ms", 1.0),
    "record_bytes": ("record", "bytes", 1.0),
    "eligible": ("among whom is drawn", "offers", 1.0),
    "met": ("somebody found", "of those who ask", 1.0),
}
AIM: Final = {("match", 99, 100_000): 200.0, ("refresh", 0, 100_000): 50.0}
"""Microseconds of p99, and milliseconds of a refresh, that the design asks for with a whole country in memory."""


def rows_of(taken: Rounds) -> list[Row]:
    """All rows, directory by directory, then the growth between them."""
    return [row for place, rounds in taken.items() for row in _directory(place, rounds)] + list(_growth(taken))


def _directory(place: Directory, rounds: Sequence[Taken]) -> Iterator[Row]:
    series, offers = place
    for kind, name in TIMED.items():
        for percent in (50, 99):
            if percent == 99 and kind == "loop":
                continue
            values = [percentile(each[kind], percent) for each in rounds]
            row = _row(f"{name}, {offers:,} offers, {series}", values, f"µs (p{percent})")
            row |= {"kind": kind, "series": series, "offers": offers, "percent": percent}
            yield row | _aim(kind, percent, offers, row["value"])
    for other in ("sql", "loop"):
        ratios = [percentile(each["match_anybody"], 50) / percentile(each[other], 50) for each in rounds]
        name = f"match, {offers:,} offers, {series}"
        yield _row(name, ratios, "ratio", 5) | _ratio(f"{TIMED[other]}, {offers:,} offers, {series}", ratios)
    for percent in (50, 99):
        served = [percentile(each["served"], percent) for each in rounds]
        yield _row(f"to be judged, {offers:,} offers, {series}", served, f"offers (p{percent})")
    for kind, (called, unit, scale) in COUNTED.items():
        name = called.format(changed=rounds[0]["changed"], portion=PORTION)
        row = _row(f"{name}, {offers:,} offers, {series}", [each[kind] * scale for each in rounds], unit, 2)
        yield row | _aim(kind, 0, offers, row["value"])
    yield _row(f"memory, an offer, {offers:,} offers, {series}", [each["peak"] / offers for each in rounds], "bytes")


def _growth(taken: Rounds) -> Iterator[Row]:
    """How a time grows: 1 in proportion to the directory, 0 not at all."""
    for (series, offers), rounds in taken.items():
        fewer = max((each for name, each in taken if name == series and each < offers), default=None)
        if fewer is None:
            continue
        for kind in TIMED:
            for percent in (50, 99) if kind != "loop" else (50,):
                grown = [
                    math.log(percentile(large[kind], percent) / percentile(small[kind], percent))
                    / math.log(offers / fewer)
                    for small, large in zip(taken[Directory(series, fewer)], rounds, strict=True)
                ]
                name = f"{TIMED[kind]}, growth from {fewer:,} to {offers:,} offers, {series}"
                yield _row(name, grown, f"exponent (p{percent})", 2)


def percentile(times: Sequence[float], percent: int) -> float:
    """The time that so many per cent stay below."""
    return quantiles(times, n=100)[percent - 1]


def _row(name: str, values: Sequence[float], unit: str, digits: int = 1) -> Row:
    low, middle, high = (round(value, digits) for value in (min(values), median(values), max(values)))
    return {"name": name, "value": middle, "unit": unit, "low": low, "high": high}


def _ratio(name: str, ratios: Sequence[float]) -> Row:
    return {
        "ratio_to": name,
        "ratio": round(median(ratios), 5),
        "ratio_low": round(min(ratios), 5),
        "ratio_high": round(max(ratios), 5),
    }


def _aim(kind: str, percent: int, offers: int, value: float) -> Row:
    most = AIM.get((kind, percent, offers))
    return {} if most is None else {"aim": most, "met": value <= most}
