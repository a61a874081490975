"""One stored decision as a lottery: who held how many tickets, and what share an operator's own group would have held.

Reads decision records, and matching where somebody was named; the counts are made of it. Pure.

Shares are whole billionths, so that sums are the same in whatever order they are made.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from relais_contracts.cases import AnyOption
from relais_routing.matching.ask import Ask
from relais_routing.matching.draw import Draw
from relais_routing.matching.index import Index
from relais_routing.matching.match import match
from relais_routing.matching.record import in_order
from relais_routing.matching.request import Request
from relais_routing.matching.room import tickets as tickets_of
from relais_routing.matching.rules import of_one_group
from relais_routing.matching.taken import Taken

Record = Mapping[str, Any]
WHOLE: Final = 10**9
"""A share of one, in billionths."""
ANYBODY: Final = AnyOption(any=True)


def tickets(record: Record) -> dict[str, int]:
    """The tickets of each partner in the draw that chose somebody; empty where nobody was drawn, or somebody named.

    Those drawn among are the first equals: same option, band and room as the one chosen, and like it untried. Of a
    service that several sources list, the record holds the listing that stands for it, with all its tickets.
    """
    if record["chosen"] is None or not _names_nobody(record):
        return {}
    first, *others = in_order(record)
    held: dict[str, int] = {}
    for each in (first, *others):
        if _place(each) == _place(first):
            held[each["partner"]] = held.get(each["partner"], 0) + tickets_of(each["free"])
    return held


def shares(held: Mapping[str, int], named: Mapping[str, str | None] | None = None) -> dict[str, int]:
    """The share of each holder, or of each name that holders go under, of all tickets; holders without name left out.

    Nothing is drawn for one who holds all of them, who is left out too.
    """
    sums: dict[str, int] = {}
    total = sum(held.values())
    for holder, number in held.items():
        name = holder if named is None else named.get(holder)
        if name is not None:
            sums[name] = sums.get(name, 0) + number
    return {name: part(number, total) for name, number in sums.items() if number < total}


def part(number: int, total: int) -> int:
    """A part of a whole in billionths, rounded to the nearest."""
    return (2 * WHOLE * number + total) // (2 * total)


def chosen_of(record: Record) -> str | None:
    """The partner that was chosen."""
    return None if record["chosen"] is None else str(record["candidates"][0]["partner"])


def went_to_own_group(record: Record) -> bool:
    """Whether the chosen one is of the operator's own group: only a person who names it can bring that about."""
    return record["chosen"] is not None and "own-group" in record["candidates"][0].get("marks", ())


def own_share(record: Record, index: Index, taken: Mapping[str, int]) -> int:
    """What share of the tickets the operator's own group would hold, had nobody been named and were it like others.

    Nought where it could not have been chosen. `taken` counts the places taken, where the record does not tell.
    """
    request = Request.of_json(record["request"])
    if record["chosen"] is None or not _is_about(index, request.operator, record["group"]):
        return 0
    option = next((each for each in request.options if isinstance(each, AnyOption)), ANYBODY)
    blind = replace(request, options=(option,), operator="", operator_group=None)
    decision = match(index, blind, Draw(request.today, b""), {**taken, **record["taken"]})
    ask = Ask.of(request, record["group"], Taken(), index.france)
    own = sum(tickets_of(each.free) for each in decision.among if of_one_group(ask, each.offer))
    return part(own, sum(tickets_of(each.free) for each in decision.among)) if decision.among else 0


def _is_about(index: Index, *names: str | None) -> bool:
    """Whether any partner or group of an offer goes under one of these names."""
    return any(name is not None and index.codes.known(name) >= 0 for name in names)


def _place(candidate: Record) -> tuple[Any, ...]:
    late = "like-one-tried" in candidate.get("marks", ())
    return candidate["option"], candidate["band"], candidate["room"], late


def _names_nobody(record: Record) -> bool:
    option: Any = record["request"]["options"][record["candidates"][0]["option"]]
    return bool(option.get("any"))


def partners_in(records: Iterable[Record]) -> set[tuple[str, int]]:
    """Every partner that took part in a draw, with the version of the directory that it was made on."""
    return {(partner, record["directory"]) for record in records for partner in tickets(record)}
