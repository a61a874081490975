"""What decisions add up to: by month, kind of row, département of the person, and name.

The watch folds decisions into it, the table keeps it, the report reads sums of it. Pure.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, Literal, NamedTuple

from relais_routing.chain.calendar import PARIS
from relais_routing.impartiality.chances import WHOLE, Record, chosen_of, shares, tickets, went_to_own_group
from relais_territories import FRANCE

Kind = Literal["partner", "group", "operator"]
"""A partner or a group in draws that named nobody; an operator, about what went to its own group."""

KINDS: Final[tuple[Kind, ...]] = ("partner", "group", "operator")


class Period(NamedTuple):
    """From a month to a month, by their first days, both included."""

    since: date
    until: date


class Cell(NamedTuple):
    """What is counted together; `month` is its first day, `territory` a département."""

    month: date
    kind: Kind
    territory: str
    name: str


class Count(NamedTuple):
    """In how many decisions it could have been chosen, was chosen, should have been; the last two in billionths."""

    decisions: int
    received: int
    expected: int
    variance: int
    first: datetime

    def plus(self, other: "Count") -> "Count":
        """Both together."""
        return Count(
            self.decisions + other.decisions,
            self.received + other.received,
            self.expected + other.expected,
            self.variance + other.variance,
            min(self.first, other.first),
        )


class Counts:
    """The sums of some decisions, cell by cell."""

    def __init__(self) -> None:
        self.cells: dict[Cell, Count] = {}

    def add(self, record: Record, at: datetime, groups: Mapping[str, str | None], own: int) -> None:
        """Count a decision; `groups` of the partners that took part, `own` the share of the operator's own group."""
        chosen = chosen_of(record)
        if chosen is None:
            return
        held = tickets(record)
        for name, share in shares(held).items():
            self._put("partner", name, share, name == chosen, record, at)
        for name, share in shares(held, groups).items():
            self._put("group", name, share, name == groups.get(chosen), record, at)
        received = went_to_own_group(record)
        if own or received:
            self._put("operator", record["request"]["operator"], own, received, record, at)

    def _put(self, kind: Kind, name: str, share: int, received: bool, record: Record, at: datetime) -> None:
        cell = Cell(month_of(at), kind, departement_of(record["request"]["commune"]), name)
        count = Count(1, int(received), share, share * (WHOLE - share) // WHOLE, at)
        known = self.cells.get(cell)
        self.cells[cell] = count if known is None else known.plus(count)


def month_of(at: datetime) -> date:
    """The first day of the month in France."""
    return at.astimezone(PARIS).date().replace(day=1)


def month_text(month: date) -> str:
    """A month as events and questions write it: `2026-03`."""
    return month.isoformat()[:7]


def months_before(month: date, number: int) -> date:
    """The first day of the month that lies so many months before."""
    count = 12 * month.year + month.month - 1 - number
    return date(count // 12, count % 12 + 1, 1)


def months_until(month: date, number: int = 12) -> Period:
    """So many months, this one the last of them."""
    return Period(months_before(month, number - 1), month)


def departement_of(commune: str) -> str:
    """The département of a commune, as it is counted."""
    return f"departement:{FRANCE.departement_of(commune)}"
