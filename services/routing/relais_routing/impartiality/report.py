"""Shares received beside shares eligible, with the band of each, worst first; what lies outside is an alarm.

Made of sums for one period and the territories that a reader may see; the door, the board and the audit show it. Pure.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from relais_routing.impartiality.band import ALPHA, bands
from relais_routing.impartiality.chances import WHOLE
from relais_routing.impartiality.counts import Count, Kind

Sums = Mapping[tuple[Kind, str, str], Count]
"""By kind, name and territory."""
Verdict = str
WITHIN, ABOVE, BELOW = "within", "above", "below"


class About(NamedTuple):
    """What the directory says of an organisation."""

    name: str
    group: str | None
    commune: str


NOBODY: Final[Mapping[str, About]] = {}


class Row(NamedTuple):
    """One row: counts, and what honest draws would have given; `territory` none: all that were looked at."""

    kind: Kind
    id: str
    name: str
    group: str | None
    territory: str | None
    decisions: int
    received: int
    expected: float
    least: float
    most: float
    verdict: Verdict

    @property
    def is_alarm(self) -> bool:
        """Whether honest draws do not explain it."""
        return self.verdict != WITHIN

    @property
    def tension(self) -> float:
        """How far it strayed, as a part of how far it may: above 1 is an alarm."""
        room = self.most - self.expected if self.received >= self.expected else self.expected - self.least
        return abs(self.received - self.expected) / max(room, 1e-9)

    def to_json(self) -> dict[str, Any]:
        """The row with its shares in per cent."""
        per_cent = {
            f"{name}_share": round(100 * getattr(self, name) / self.decisions, 2)
            for name in ("received", "expected", "least", "most")
        }
        counts = {name: round(getattr(self, name), 1) for name in ("expected", "least", "most")}
        return {**self._asdict(), **counts, **per_cent}


def rows(sums: Sums, about: Mapping[str, About] = NOBODY, alpha: float = ALPHA) -> list[Row]:
    """Every row, worst first: each partner, group and operator, and each again by territory where it has several."""
    looked = list(_looked_at(sums))
    counts = np.array([count[:4] for _, count in looked], np.float64).reshape(-1, 4)
    expected, variance = counts[:, 2] / WHOLE, counts[:, 3] / WHOLE
    least, most = bands(counts[:, 0], expected, variance, alpha)
    found = [
        _row(key, count, about, float(low), float(high))
        for (key, count), low, high in zip(looked, least, most, strict=True)
    ]
    return sorted(found, key=lambda row: (not row.is_alarm, -row.tension, row.kind, row.id, row.territory or ""))


def _looked_at(sums: Sums) -> Iterable[tuple[tuple[Kind, str, str | None], Count]]:
    by_name: dict[tuple[Kind, str], dict[str, Count]] = {}
    for (kind, name, territory), count in sorted(sums.items()):
        by_name.setdefault((kind, name), {})[territory] = count
    for (kind, name), places in by_name.items():
        whole, *others = places.values()
        for other in others:
            whole = whole.plus(other)
        yield (kind, name, None), whole
        if others:
            yield from (((kind, name, territory), count) for territory, count in places.items())


def _row(key: tuple[Kind, str, str | None], count: Count, about: Mapping[str, About], least: float, most: float) -> Row:
    kind, id, territory = key
    known = about.get(id, About(id, None, "")) if kind != "group" else About(id, id, "")
    verdict = ABOVE if count.received > most else WITHIN
    if count.received < least and kind != "operator":  # a group that receives nothing from its own is no wrong
        verdict = BELOW
    return Row(
        kind,
        id,
        known.name,
        known.group,
        territory,
        count.decisions,
        count.received,
        count.expected / WHOLE,
        least,
        most,
        verdict,
    )
