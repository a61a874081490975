"""The directory as declared: the last word on every organisation, offer, place and closure.

The index folds `relais.directory` into it and makes its views of it. It judges nothing and forgets what is withdrawn.
"""

from datetime import date

from relais_contracts.directory import (
    ClosureDeclared,
    ClosureWithdrawn,
    OfferDeclared,
    OfferWithdrawn,
    PartnerDeclared,
    PartnerWithdrawn,
    PlacesDeclared,
)
from relais_contracts.envelope import Payload
from relais_routing.matching.listed import Listing, Organisation, Places
from relais_routing.matching.offers import Days


class Directory:
    """Declared facts by id. Places may arrive before their offer and offers before their partner."""

    def __init__(self) -> None:
        self.partners: dict[str, Organisation] = {}
        self.offers: dict[str, Listing] = {}
        self._by_partner: dict[str, set[str]] = {}
        self._places: dict[str, tuple[Places, ...]] = {}
        self._closures: dict[tuple[str, str | None], dict[date, date]] = {}

    def apply(self, change: Payload) -> set[str]:
        """Takes one event in; answers the ids of the offers it touches. Events of other kinds touch none."""
        match change:
            case PartnerDeclared(partner=partner):
                self.partners[partner] = Organisation.of(change)
                return self.offers_of(partner)
            case PartnerWithdrawn(partner=partner):
                self.partners.pop(partner, None)
                return self.offers_of(partner)
            case OfferDeclared(offer=offer, partner=partner):
                self._forget(offer)
                self.offers[offer] = Listing.of(change)
                self._by_partner.setdefault(partner, set()).add(offer)
                return {offer}
            case OfferWithdrawn(offer=offer):
                self._forget(offer)
                return {offer}
            case PlacesDeclared(offer=offer):
                places = Places.of(change)
                others = [each for each in self.places_of(offer) if each.key != places.key]
                self._places[offer] = tuple(sorted([*others, places]))
                return {offer}
            case ClosureDeclared() | ClosureWithdrawn():
                return self._close(change)
            case _:
                return set()

    def offers_of(self, partner: str) -> set[str]:
        """The ids of a partner's offers."""
        return set(self._by_partner.get(partner, ()))

    def places_of(self, offer: str) -> tuple[Places, ...]:
        """What is declared of an offer's places, in order of their keys."""
        return self._places.get(offer, ())

    def closures_of(self, partner: str, offer: str | None = None) -> tuple[Days, ...]:
        """First and last days: when a partner is closed, or when one of its offers is suspended."""
        return tuple(self._closures.get((partner, offer), {}).items())

    def _close(self, change: ClosureDeclared | ClosureWithdrawn) -> set[str]:
        days = self._closures.setdefault((change.partner, change.offer), {})
        if isinstance(change, ClosureDeclared):
            days[change.from_] = change.until
        else:
            days.pop(change.from_, None)
        return self.offers_of(change.partner) if change.offer is None else {change.offer}

    def _forget(self, offer: str) -> None:
        before = self.offers.pop(offer, None)
        if before:
            self._by_partner[before.partner].discard(offer)
