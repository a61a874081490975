"""The decision record: everything a choice used, as plain JSON, so that it can be made again bit for bit.

Routing stores it with the decision it proves; `explain` says it in French. It holds no secret and nobody's identity.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from relais_routing.matching import rules
from relais_routing.matching.decision import LISTED, Decision
from relais_routing.matching.draw import Draw, commitment
from relais_routing.matching.index import Index
from relais_routing.matching.match import match
from relais_routing.matching.outcomes import Aside, Candidate
from relais_routing.matching.reach import BANDS
from relais_routing.matching.request import Request
from relais_routing.matching.room import ROOMS

Record = dict[str, Any]
FORMAT: Final = 1


def record(decision: Decision) -> Record:
    """The record of a decision. The candidates' order is the ranking; the first is the chosen one."""
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
        "candidates": [_candidate(candidate) for candidate in decision.ranking],
        **_aside(decision),
        "chosen": chosen.offer.offer if chosen else None,
        "unmet": decision.unmet,
    }


def replay(stored: Record, index: Index, secret: bytes) -> Record:
    """The same decision made again, on the index of the same directory version; equal to the stored one."""
    draw = Draw(date.fromisoformat(stored["day"]), secret)
    return record(match(index, Request.of_json(stored["request"]), draw, stored["taken"]))


def verify(stored: Record, secret: bytes) -> list[str]:
    """What is wrong with a record's draw, by public inputs alone: commitment, revealed secret, candidates."""
    wrong = []
    if commitment(secret) != stored["commitment"]:
        wrong.append("the secret is not the one committed to")
    request, candidates = stored["request"], stored["candidates"]
    lot = Draw(date.fromisoformat(stored["day"]), secret).lots(request["case"], request["actor"], request["need"])
    preferred = request["remote"] == "preferred"
    order = [
        (
            candidate["option"],
            -1 if preferred and candidate["band"] == "remote" else BANDS.index(candidate["band"]),
            ROOMS.index(candidate["room"]),
            lot(candidate["offer"], candidate["free"] or 1),
            candidate["offer"],
        )
        for candidate in candidates
    ]
    if order != sorted(order):
        wrong.append("the candidates are not in the order of the draw")
    if stored["chosen"] != (candidates[0]["offer"] if candidates else None):
        wrong.append("the chosen one is not the first")
    return wrong


def _candidate(candidate: Candidate) -> dict[str, Any]:
    offer, way, room = candidate.offer, candidate.way, candidate.room
    marks = [mark for mark, holds in (("own-group", candidate.own_group), ("beyond-reach", way.beyond)) if holds]
    return {
        "offer": offer.offer,
        "name": offer.name,
        "partner": offer.partner,
        "partner_name": offer.partner_name,
        "option": candidate.option,
        "band": BANDS[way.band],
        "minutes": way.minutes,
        "room": ROOMS[room.state],
        "free": room.free,
        "place": room.place,
        **({"marks": marks} if marks else {}),
    }


def _aside(decision: Decision) -> Mapping[str, Any]:
    """Those set aside, one by one up to `LISTED`; beyond, how many by the first verdict against them."""
    if not decision.elsewhere and len(decision.aside) <= LISTED:
        return {"aside": [_set_aside(entry) for entry in decision.aside]}
    return {"aside_counts": dict(sorted(decision.counts.items()))}


def _set_aside(entry: Aside) -> dict[str, Any]:
    return {
        "offer": entry.name,
        "name": entry.offer.name if entry.offer else None,
        "partner_name": entry.offer.partner_name if entry.offer else None,
        "verdicts": [verdict.value for verdict in entry.verdicts],
    }
