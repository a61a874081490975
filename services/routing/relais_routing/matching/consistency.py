"""What a record says of itself that cannot be: a candidate that nobody asked for, a band that its minutes do not give.

`verify` asks it; it needs the record alone. Whether the directory said so too is for `replay`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from relais_routing.matching.reach import BANDS, REMOTE, band
from relais_routing.matching.record import in_order
from relais_routing.matching.room import FULL, ROOMS

Candidate = Mapping[str, Any]
Request = Mapping[str, Any]


def place_of(candidate: Candidate, request: Request) -> tuple[int, bool, int, int]:
    """The place in the order before any lot: option, like one tried or not, rank of the way, state of the room."""
    late = "like-one-tried" in candidate.get("marks", ())
    return candidate["option"], late, *_way_and_room(candidate, request)


def _way_and_room(candidate: Candidate, request: Request) -> tuple[int, int]:
    rank = BANDS.index(candidate["band"])
    preferred = rank == REMOTE and request["remote"] == "preferred"
    return -1 if preferred else rank, ROOMS.index(candidate["room"])


def strange(record: Mapping[str, Any]) -> Iterator[str]:
    """What cannot be, one sentence each."""
    request, candidates = record["request"], record["candidates"]
    seen: set[str] = set()
    for candidate in in_order(record):
        offer = candidate["offer"]
        if offer in seen:
            yield f"{offer} stands in the order twice"
        seen.add(offer)
        for reason in (_unasked(candidate, request), _impossible(candidate)):
            if reason:
                yield f"{offer} {reason}"
    for entry in record.get("aside") or ():
        if entry["offer"] in seen:
            yield f"{entry['offer']} is a candidate and set aside"
    if "equals" in record and len({place_of(each, request) for each in candidates}) > 1:
        yield "some stand among the first one's equals, behind others who are not"
    if not request["excluded"] and any(_is_hidden(rest, candidates[0], request) for rest in record.get("more", ())):
        yield "some who took part in the draw for the first place are counted only"


def _is_hidden(rest: Candidate, first: Candidate, request: Request) -> bool:
    """Whether candidates that are counted stand before the first one's equals, or among them."""
    return (rest["option"], *_way_and_room(rest, request)) <= (first["option"], *_way_and_room(first, request))


def _unasked(candidate: Candidate, request: Request) -> str | None:
    options, number = request["options"], candidate["option"]
    if not 0 <= number < len(options):
        return "answers an option that the person does not have"
    option = options[number]
    if option.get("offer", candidate["offer"]) != candidate["offer"]:
        return "is not the offer that the person named"
    if option.get("partner", candidate["partner"]) != candidate["partner"]:
        return "is not of the partner that the person named"
    if candidate["offer"] in request["excluded"]:
        return "was tried before"
    if "own-group" in candidate.get("marks", ()) and "any" in option:
        return "is of the operator's own group, and nobody named it"
    return None


def _impossible(candidate: Candidate) -> str | None:
    minutes, name = candidate.get("minutes"), candidate["band"]
    if minutes is not None and "beyond-reach" not in candidate.get("marks", ()) and BANDS[band(minutes)] != name:
        return f"is {minutes} minutes away, which is not {name}"
    if candidate["room"] == ROOMS[FULL]:
        return "has no room"
    return None
