"""What becomes of an offer in a choice: it fits, or is set aside with the reasons.

`sweep` and `match` make them; `ranking` puts candidates in order.
"""

from typing import NamedTuple

from relais_routing.matching.ask import Ask, Limits, Look, Way, way_in
from relais_routing.matching.offers import Offer
from relais_routing.matching.room import Room, room_of
from relais_routing.matching.rules import of_one_group, verdicts
from relais_routing.matching.verdicts import Verdict


class Aside(NamedTuple):
    """An offer set aside, and why; `offer` is none where the person named one that is not in the directory."""

    name: str
    offer: Offer | None
    verdicts: tuple[Verdict, ...]
    minutes: int | None = None


class Fit(NamedTuple):
    """An offer that passes every rule, before its lot is drawn."""

    offer: Offer
    way: Way
    room: Room
    own_group: bool


def judged(ask: Ask, limits: Limits, offer: Offer, minutes: int | None) -> Fit | Aside:
    """One offer that is so many minutes away, by every rule in turn."""
    way, room = way_in(minutes, ask, offer, limits), room_of(offer, ask.today, ask.taken)
    against = verdicts(ask, Look(offer, limits.named, way, room))
    if against:
        return Aside(offer.offer, offer, against, way.minutes)
    return Fit(offer, way, room, limits.named and of_one_group(ask, offer))
