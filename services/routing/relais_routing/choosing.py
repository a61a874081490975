"""Matching as the chain sees it, for one batch: the index, the day's draws, and the places taken meanwhile.

Made by `open` for every transaction and thrown away with it. It keeps each decision made and its sealed record, so
that record and place can be stored with the event that it led to; it stores nothing itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from relais_contracts.cases import AnyOption, CaseConsentGiven, OfferOption, Option, PartnerOption
from relais_contracts.consents import reaches
from relais_contracts.handoffs import Commitment
from relais_routing.chain.commands import Choice
from relais_routing.chain.policy import Closure
from relais_routing.matching.draw import Draw
from relais_routing.matching.index import Index
from relais_routing.matching.match import Decision, match
from relais_routing.matching.offers import Offer
from relais_routing.matching.record import record
from relais_routing.matching.request import Request
from relais_routing.matching.room import FULL, room_of
from relais_routing.matching.seal import digest, sealed
from relais_routing.matching.taken import Taken


@dataclass(slots=True)
class Choosing:
    """The choices of one batch; each sees the places that those before it have taken."""

    index: Index
    draws: Mapping[date, Draw]
    taken: Taken
    policy: str
    """Version of the policy that the chain decides under."""
    made: dict[str, Decision] = field(default_factory=dict)
    records: dict[str, bytes] = field(default_factory=dict)
    full: dict[tuple[str, str], tuple[Offer, ...]] = field(default_factory=dict)
    """By case and step: the offers that would fit but for a place, where nobody was found or somebody was named."""

    def choose(self, decision: str, request: Request, consent: CaseConsentGiven) -> Choice:
        """Who is proposed, within the consent, under the draw of the day: no other day's secret is one."""
        draw = self.draws[request.today]
        options = within(consent, request.options, self.index)
        asked = request if options == request.options else _with(request, options)
        made = match(self.index, asked, draw, self.taken)
        if made.chosen is None and asked is not request and match(self.index, request, draw, self.taken).chosen:
            return Choice(None, None, None, beyond_consent=True)
        self.made[decision], self.records[decision] = made, sealed(record(made), self.policy)
        seal = digest(self.records[decision])
        if made.chosen is None or any(not isinstance(option, AnyOption) for option in asked.options):
            self.full[request.case, request.step] = made.only_full()
        if made.chosen is None:
            return Choice(None, None, None, made.unmet, seal=seal)
        offer = made.chosen.offer
        return Choice(offer.partner, offer.offer, Commitment(day=draw.day.isoformat(), hash=draw.commitment), seal=seal)

    def place(self, decision: str) -> str:
        """The place that a decision's choice takes; the offer itself, where nothing was ever said of its places."""
        chosen = self.made[decision].chosen
        assert chosen is not None
        return chosen.room.place or chosen.offer.offer

    def is_full(self, offer: Offer, today: date) -> bool:
        """Whether an offer has no room, as far as this batch sees."""
        return room_of(offer, today, self.taken).state == FULL

    def take(self, place: str) -> None:
        """The choices to come see one place less."""
        self.taken[place] = self.taken.get(place, 0) + 1

    def closures(self, partner: str) -> tuple[Closure, ...]:
        """When a partner is closed."""
        return self.index.closures_of(partner)

    def reopened(self, offer: str, since: datetime | None) -> bool:
        """Whether an offer has said after a moment that there is room."""
        known = self.index.offer(offer)
        if known is None or since is None:
            return False
        return any(places.at > since and places.state != "full" and places.number != 0 for places in known.places)


def places_ahead(offer: Offer, today: date) -> list[str]:
    """The places of an offer that may still be given: undated, or of a session to come."""
    return [each.key for each in offer.places if each.starts is None or each.starts >= today]


def within(consent: CaseConsentGiven, options: tuple[Option, ...], index: Index) -> tuple[Option, ...]:
    """The options that the consent's recipients allow, in order; whoever it names stands in for `any`."""
    allowed: list[Option] = []
    for option in options:
        if isinstance(option, AnyOption):
            allowed += _anybody(consent, option)
        elif _allows(consent, option, index):
            allowed.append(option)
    return tuple(allowed)


def _anybody(consent: CaseConsentGiven, option: AnyOption) -> list[Option]:
    if consent.recipients == "matching":
        return [option]
    if consent.recipients == "chosen":
        return []
    return [PartnerOption(partner=partner) for partner in consent.recipients]


def _allows(consent: CaseConsentGiven, option: OfferOption | PartnerOption, index: Index) -> bool:
    if isinstance(option, PartnerOption):
        return reaches(consent, option.partner, "", (option,))
    offer = index.offer(option.offer)
    return offer is None or reaches(consent, offer.partner, option.offer, (option,))


def _with(request: Request, options: tuple[Option, ...]) -> Request:
    return replace(request, options=options)
