"""What exists for one wish, as data: who fits, who is set aside by which rule, and how many a longer way would reach.

Made of a decision that nobody takes, drawn by a throw-away secret. Pure but for that secret; `listings` adds what
people read of each offer.
"""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from relais_routing.matching.draw import Draw
from relais_routing.matching.index import Index
from relais_routing.matching.match import LISTED, Decision, match
from relais_routing.matching.reach import BANDS
from relais_routing.matching.record import Record, record
from relais_routing.matching.request import Request
from relais_routing.matching.room import ROOMS

Answer = dict[str, Any]
WITHIN: Final = (15, 30, 45, 60, 90)
"""Minutes of a way on site that a counsellor may talk about with the person."""
SHOWN: Final = ("candidates", "aside", "unmet", "directory", "territories", "rules")

_COUNT: Final = {"type": "integer", "minimum": 0}
_TEXT: Final = {"type": ["string", "null"]}
_CANDIDATE: Final = {
    "type": "object",
    "properties": {
        "offer": {"type": "string"}, "name": {"type": "string"}, "partner": {"type": "string"},
        "partner_name": {"type": "string"}, "option": _COUNT, "band": {"enum": list(BANDS)},
        "minutes": {"type": ["integer", "null"]}, "room": {"enum": list(ROOMS)}, "free": {"type": ["integer", "null"]},
        "updated": _TEXT, "quality": {"type": ["number", "null"]}, "assumed": {"type": "array"}, "source": _TEXT,
        "mobilisation": {"type": ["object", "null"]}, "alike": {"type": "array"},
    },
}  # fmt: skip
_ANSWER: Final = {
    "type": "object",
    "properties": {
        "actor": {"type": "string"}, "need": {"type": "string"}, "unmet": _TEXT, "directory": _COUNT,
        "candidates": {"type": "array", "items": _CANDIDATE}, "more": {"type": "array"}, "aside": {"type": "array"},
        "aside_counts": {"type": "object", "additionalProperties": _COUNT},
        "within": {"type": "object", "additionalProperties": _COUNT},
        "territories": {"type": "string"}, "rules": {"type": "string"},
    },
}  # fmt: skip
SCHEMA: Final = {"type": "object", "properties": {"wishes": {"type": "array", "items": _ANSWER}}}
"""In the OpenAPI document."""


def answer(index: Index, request: Request, taken: Mapping[str, int]) -> Answer:
    """Whoever fits in order, equals in random order; `aside_counts` by the first rule against each.

    `within` counts, by minutes, who would be reached on site if only the person went so far.
    """
    decision = match(index, request, Draw(request.today, secrets.token_bytes(32)), taken)
    found = record(decision, LISTED)
    return {
        "actor": request.actor,
        "need": request.need,
        **{name: found[name] for name in SHOWN if name in found},
        **_more(found),
        "aside_counts": dict(sorted(decision.counts.items())),
        "within": _within(decision, request.reach_minutes),
    }


def _more(found: Record) -> dict[str, Any]:
    """Who is not shown one by one, counted: the others of the first one's equals too."""
    more, equals = found.get("more", []), found.get("equals", ())
    if equals:
        first = found["candidates"][0]
        more = [{**{key: first[key] for key in ("option", "band", "room")}, "count": len(equals)}, *more]
    return {"more": more} if more else {}


def _within(decision: Decision, reach: int) -> dict[str, int]:
    on_site = [each.way.minutes for each in decision.ranking if each.way.minutes is not None]
    minutes = [*on_site, *decision.beyond()]
    return {str(most): sum(each <= most for each in minutes) for most in sorted({*WITHIN, reach})}
