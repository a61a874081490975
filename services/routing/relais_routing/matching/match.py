"""The choice: the person's options first, then the nearest reach band, then room, then the draw. No other criterion.

The chain and the options question call it; `record` keeps what it did. It looks at an offer only through the rules.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, NamedTuple

from relais_contracts.cases import AnyOption, OfferOption, Option
from relais_contracts.vocabularies import UnmetReason
from relais_routing.matching.ask import Ask, Limits, Look, Way, limits_of, way_of
from relais_routing.matching.draw import Draw, Lot
from relais_routing.matching.index import Index
from relais_routing.matching.offers import Offer, place_key
from relais_routing.matching.request import Request
from relais_routing.matching.room import Room, room_of
from relais_routing.matching.rules import ANSWERED_BY_INDEX, RULES, of_one_group, verdicts
from relais_routing.matching.verdicts import STAGES, Verdict, stage_of

LISTED: Final = 50
"""Offers set aside are listed up to so many, beyond they are counted."""

AFTER_INDEX: Final = tuple(rule for rule in RULES if rule not in ANSWERED_BY_INDEX)


Order = tuple[int, int, int, Lot, str]
"""Number of the option, rank of the way, state of the room, lot, and id: compared in this order, smallest first."""


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


@dataclass(frozen=True, slots=True)
class Decision:
    """All candidates in order, all others with their verdicts (`elsewhere` more served other territories)."""

    request: Request
    group: str | None
    draw: Draw
    directory: int
    territories: str
    taken: Mapping[str, int]
    ranking: tuple[Candidate, ...]
    aside: tuple[Aside, ...]
    elsewhere: int

    @property
    def chosen(self) -> Candidate | None:
        """Who is proposed; plan B is the next of the ranking."""
        return self.ranking[0] if self.ranking else None

    @property
    def unmet(self) -> UnmetReason | None:
        """Why nobody can be proposed: the furthest that any offer of that need came."""
        if self.ranking:
            return None
        return STAGES[max((stage_of(aside.verdicts) for aside in self.aside), default=0)]


def match(index: Index, request: Request, draw: Draw, taken: Mapping[str, int] | None = None) -> Decision:
    """Ranks every offer that may serve the request.

    `taken` counts the places proposed or accepted since they were declared, by place key (`<offer>` or
    `<offer>/<first day of the session>`).
    """
    group = request.operator_group or index.group_of(request.operator)
    ask = Ask.of(request, group, taken or {}, index.france)
    lot = draw.lots(request.case, request.actor, request.need)
    found: dict[str, Candidate] = {}
    aside: dict[str, Aside] = {}
    for number, option in enumerate(request.options):
        limits = limits_of(request, option)
        for name, offer in _considered(index, ask, option):
            if name in found:
                continue
            candidate = _judged(ask, limits, number, offer, lot) if offer else Aside(name, None, (Verdict.UNKNOWN,))
            if isinstance(candidate, Candidate):
                found[name] = candidate
                aside.pop(name, None)
            elif name not in aside or stage_of(candidate.verdicts) > stage_of(aside[name].verdicts):
                aside[name] = candidate
    elsewhere = _elsewhere(index, request, found, aside)
    ranking = tuple(sorted(found.values(), key=itemgetter(0)))
    return Decision(
        request=request,
        group=group,
        draw=draw,
        directory=index.version,
        territories=index.france.version,
        taken=_touched(ask.taken, ranking, aside.values()),
        ranking=ranking,
        aside=tuple(aside[name] for name in sorted(aside)),
        elsewhere=elsewhere,
    )


def _considered(index: Index, ask: Ask, option: Option) -> Iterable[tuple[str, Offer | None]]:
    if isinstance(option, AnyOption):
        return index.bucket(ask.request.actor, ask.request.need).serving(ask.territories).items()
    if isinstance(option, OfferOption):
        return ((option.offer, index.offer(option.offer)),)
    offers = index.offers_of(option.partner)
    return [(offer.offer, offer) for offer in offers] or ((option.partner, None),)


def _judged(ask: Ask, limits: Limits, number: int, offer: Offer, lot: Callable[[str, int], Lot]) -> Candidate | Aside:
    way, room = way_of(ask, offer, limits), room_of(offer, ask.today, ask.taken)
    against = verdicts(ask, Look(offer, limits.named, way, room), RULES if limits.named else AFTER_INDEX)
    if against:
        return Aside(offer.offer, offer, against)
    order = (number, way.rank, room.state, lot(offer.offer, room.weight), offer.offer)
    return Candidate(order, offer, number, way, room, limits.named and of_one_group(ask, offer))


def _elsewhere(index: Index, request: Request, found: Mapping[str, Candidate], aside: dict[str, Aside]) -> int:
    """Offers for that need that serve other territories: listed while few, else counted."""
    if not any(isinstance(option, AnyOption) for option in request.options):
        return 0
    offers = index.bucket(request.actor, request.need).offers
    if len(offers) - len(found) > LISTED:
        return len(offers) - sum(1 for name in (*found, *aside) if name in offers)
    for name, offer in offers.items():
        if name not in found and name not in aside:
            aside[name] = Aside(name, offer, (Verdict.OUT_OF_TERRITORY,))
    return 0


def _touched(taken: Mapping[str, int], ranking: Iterable[Candidate], aside: Iterable[Aside]) -> dict[str, int]:
    """What was counted as taken, of the offers that were looked at."""
    if not taken:
        return {}
    looked = [candidate.offer for candidate in ranking] + [entry.offer for entry in aside if entry.offer]
    keys = sorted(place_key(places) for offer in looked for places in offer.places)
    return {key: taken[key] for key in keys if key in taken}
