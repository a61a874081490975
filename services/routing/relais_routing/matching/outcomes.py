"""What becomes of an offer in a choice: a candidate with its place in the order, or set aside with the reasons.

`sweep` and `match` make them; `decision` puts them in order.
"""

from collections.abc import Callable
from typing import NamedTuple

from relais_routing.matching.ask import Ask, Limits, Look, Way, way_of
from relais_routing.matching.draw import Lot
from relais_routing.matching.offers import Offer
from relais_routing.matching.room import Room, room_of
from relais_routing.matching.rules import ANSWERED_BY_INDEX, RULES, of_one_group, verdicts
from relais_routing.matching.verdicts import Verdict

AFTER_INDEX = tuple(rule for rule in RULES if rule not in ANSWERED_BY_INDEX)

Order = tuple[int, int, int, Lot, str]
"""Number of the option, rank of the way, state of the room, lot, and id: compared in this order, smallest first."""

Lots = Callable[[str, int], Lot]


class Candidate(NamedTuple):
    """An offer that may be proposed; `option` is the number of the option it answers, from 0."""

    order: Order
    offer: Offer
    option: int
    way: Way
    room: Room
    own_group: bool


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

    def drawn(self, option: int, lots: Lots) -> Candidate:
        """The candidate, with its lot."""
        offer, way, room, own_group = self
        order = (option, way.rank, room.state, lots(offer.offer, room.weight), offer.offer)
        return Candidate(order, offer, option, way, room, own_group)


def judged(ask: Ask, limits: Limits, offer: Offer) -> Fit | Aside:
    """One offer, by every rule in turn."""
    way, room = way_of(ask, offer, limits), room_of(offer, ask.today, ask.taken)
    against = verdicts(ask, Look(offer, limits.named, way, room), RULES if limits.named else AFTER_INDEX)
    if against:
        return Aside(offer.offer, offer, against, way.minutes)
    return Fit(offer, way, room, limits.named and of_one_group(ask, offer))
