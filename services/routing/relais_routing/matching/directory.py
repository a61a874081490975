"""The directory as declared: the last word on every partner, offer, place and closure.

The index folds `relais.directory` into it and makes its views of it. It judges nothing and forgets what is withdrawn.
"""

from collections.abc import Iterable
from datetime import date

from relais_contracts.directory import (
    ClosureDeclared,
    OfferDeclared,
    OfferWithdrawn,
    PartnerDeclared,
    PartnerWithdrawn,
    PlacesDeclared,
)
from relais_contracts.envelope import Payload
from relais_routing.matching.offers import place_key


class Directory:
    """Declared facts by id. Places may arrive before their offer and offers before their partner."""

    def __init__(self) -> None:
        self.partners: dict[str, PartnerDeclared] = {}
        self.offers: dict[str, OfferDeclared] = {}
        self._by_partner: dict[str, set[str]] = {}
        self._places: dict[str, dict[str, PlacesDeclared]] = {}
        self._closures: dict[str, dict[date, ClosureDeclared]] = {}

    def apply(self, change: Payload) -> set[str]:
        """Takes one event in; answers the ids of the offers it touches. Events of other kinds touch none."""
        match change:
            case PartnerDeclared(partner=partner):
                self.partners[partner] = change
                return self.offers_of(partner)
            case PartnerWithdrawn(partner=partner):
                self.partners.pop(partner, None)
                return self.offers_of(partner)
            case OfferDeclared(offer=offer, partner=partner):
                self._forget(offer)
                self.offers[offer] = change
                self._by_partner.setdefault(partner, set()).add(offer)
                return {offer}
            case OfferWithdrawn(offer=offer):
                self._forget(offer)
                return {offer}
            case PlacesDeclared(offer=offer):
                self._places.setdefault(offer, {})[place_key(change)] = change
                return {offer}
            case ClosureDeclared(partner=partner):
                self._closures.setdefault(partner, {})[change.from_] = change
                return self.offers_of(partner)
            case _:
                return set()

    def offers_of(self, partner: str) -> set[str]:
        """The ids of a partner's offers."""
        return set(self._by_partner.get(partner, ()))

    def places_of(self, offer: str) -> Iterable[PlacesDeclared]:
        """What is declared of an offer's places."""
        return self._places.get(offer, {}).values()

    def closures_of(self, partner: str) -> Iterable[ClosureDeclared]:
        """When a partner is closed."""
        return self._closures.get(partner, {}).values()

    def _forget(self, offer: str) -> None:
        before = self.offers.pop(offer, None)
        if before:
            self._by_partner[before.partner].discard(offer)
