"""The decision record: everything a choice used, as plain JSON, so that it can be made again bit for bit.

Routing stores it with the decision it proves; `explain` says it in French. It holds no secret and nobody's identity.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import compress
from typing import Any, Final

from relais_routing.matching import rules
from relais_routing.matching.decision import LISTED, Decision
from relais_routing.matching.draw import Draw
from relais_routing.matching.equals import Rest
from relais_routing.matching.index import Index
from relais_routing.matching.match import match
from relais_routing.matching.outcomes import Aside
from relais_routing.matching.ranking import Seat
from relais_routing.matching.reach import BANDS
from relais_routing.matching.request import Request
from relais_routing.matching.room import ROOMS

Record = dict[str, Any]
FORMAT: Final = 3
TOLD: Final = 20
"""Candidates are told in full up to so many."""

LIKE_ONE_TRIED: Final = "like-one-tried"
MARKS: Final = ("own-group", "beyond-reach", LIKE_ONE_TRIED)
"""Of a candidate: of the operator's group, further than the person said, likely the same service as one tried."""


def record(decision: Decision, most: int = TOLD) -> Record:
    """The record of a decision. The candidates' order is the ranking; the first is the chosen one.

    The first `most` are told in full. Whoever else took part in the draw for the first place stands in `equals`, in
    order, with what the draw needs; all others are counted in `more`. So are those set aside, in `aside_counts`, where
    they are more than `LISTED`.
    """
    candidates, equals, more = decision.listed(most)
    chosen = decision.chosen
    return {
        "format": FORMAT,
        "rules": rules.VERSION,
        "directory": decision.directory,
        "territories": decision.territories,
        "day": decision.draw.day.isoformat(),
        "commitment": decision.draw.commitment,
        "request": decision.request.to_json(),
        "group": decision.group,
        "taken": dict(decision.taken),
        "candidates": [_candidate(seat) for seat in candidates],
        **({"equals": [_equal(seat) for seat in equals]} if equals else {}),
        **_more(more),
        **_aside(decision),
        "chosen": chosen.offer.offer if chosen else None,
        "unmet": decision.unmet,
    }


def in_order(stored: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every candidate that a record tells of one by one; of the `equals` what the draw needs, in the first's place."""
    yield from stored["candidates"]
    for equal in stored.get("equals", ()):
        first = stored["candidates"][0]
        marks = {"marks": [LIKE_ONE_TRIED]} if LIKE_ONE_TRIED in first.get("marks", ()) else {}
        yield {**equal, "option": first["option"], "band": first["band"], "room": first["room"], **marks}


def replay(stored: Record, index: Index, secret: bytes) -> Record:
    """The same decision made again, on the index of the same directory version; equal to the stored one."""
    draw = Draw(date.fromisoformat(stored["day"]), secret)
    return record(match(index, Request.of_json(stored["request"]), draw, stored["taken"]))


def _candidate(seat: Seat) -> dict[str, Any]:
    offer, way, room, own_group = seat.fit
    place = seat.place
    found: dict[str, Any] = {
        "offer": offer.offer,
        "name": offer.name,
        "partner": offer.partner,
        "partner_name": offer.partner_name,
        "option": place.option,
        "band": BANDS[way.band],
        "minutes": way.minutes,
        "room": ROOMS[room.state],
        "free": room.free,
        "place": room.place,
    }
    marks = own_group, way.beyond, place.late
    if any(marks):
        found["marks"] = list(compress(MARKS, marks))
    if seat.cluster:
        found["cluster"] = list(seat.cluster)
    return found


def _equal(seat: Seat) -> dict[str, Any]:
    found: dict[str, Any] = {"offer": seat.offer.offer, "partner": seat.offer.partner, "free": seat.free}
    if seat.cluster:
        found["cluster"] = list(seat.cluster)
    return found


def _more(more: Mapping[Rest, int]) -> dict[str, Any]:
    counted = [
        {"option": option, "band": band, "room": room, "count": count} for (option, band, room), count in more.items()
    ]
    return {"more": counted} if counted else {}


def _aside(decision: Decision) -> Mapping[str, Any]:
    """Those set aside, one by one up to `LISTED`; beyond, how many by the first verdict against them."""
    counts = decision.counts
    if not decision.elsewhere and counts.total() <= LISTED:
        return {"aside": [_set_aside(entry) for entry in decision.aside]}
    return {"aside_counts": dict(sorted(counts.items()))}


def _set_aside(entry: Aside) -> dict[str, Any]:
    return {
        "offer": entry.name,
        "name": entry.offer.name if entry.offer else None,
        "partner_name": entry.offer.partner_name if entry.offer else None,
        "verdicts": [verdict.value for verdict in entry.verdicts],
    }
