"""What no schema can say: whether communes and zones exist, whether dates and places make sense.

Called for each line before it is asked of a stream. Pure but for the built-in table of communes.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from relais_chassis.decider import JSON
from relais_contracts.directory import (
    ClosureDeclared,
    DirectoryPayload,
    OfferDeclared,
    PartnerDeclared,
    PlacesDeclared,
)
from relais_intake.directory.points import wrong_with
from relais_territories import FRANCE

LONGEST_CLOSURE: Final = timedelta(days=731)
"""Two years: a first and a last day further apart are a slip of the pen, or an end."""


def problems(payload: DirectoryPayload) -> list[dict[str, JSON]]:
    """Everything that is wrong with an entry, each with its JSON pointer; none: it can be taken."""
    return [{"pointer": pointer, "detail": detail} for pointer, detail in _problems(payload)]


def _problems(payload: DirectoryPayload) -> Iterator[tuple[str, str]]:
    match payload:
        case PartnerDeclared():
            if FRANCE.commune(payload.commune) is None:
                yield "/data/commune", f"{payload.commune} is not a commune of France"
        case OfferDeclared():
            yield from _zone(payload)
            yield from _place(payload)
            if payload.open_from and payload.open_until and payload.open_until < payload.open_from:
                yield "/data/open_until", "ends before it starts"
        case PlacesDeclared(session=session) if session is not None and session.ends < session.starts:
            yield "/data/session/ends", "ends before it starts"
        case ClosureDeclared() if payload.until < payload.from_:
            yield "/data/until", "ends before it starts"
        case ClosureDeclared() if payload.until - payload.from_ > LONGEST_CLOSURE:
            last = (payload.from_ + LONGEST_CLOSURE).isoformat()
            yield "/data/until", f"expected {last} or before: who is away for longer is withdrawn from the directory"
        case _:
            return


def _zone(offer: OfferDeclared) -> Iterator[tuple[str, str]]:
    for index, code in enumerate(offer.zone.codes):
        if not FRANCE.is_known(offer.zone.kind, code):
            yield f"/data/zone/codes/{index}", f"{offer.zone.kind}:{code} is not known"


def _place(offer: OfferDeclared) -> Iterator[tuple[str, str]]:
    if "in-person" in offer.modes and offer.at is None:
        yield "/data/at", "an offer in person says where"
    if offer.at is None:
        return
    commune = FRANCE.commune(offer.at.commune)
    if commune is None:
        yield "/data/at/commune", f"{offer.at.commune} is not a commune of France"
    elif wrong := wrong_with(offer.at, commune):
        yield "/data/at/latitude", wrong
