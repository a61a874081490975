"""Offers as whoever knows nothing of our index would hold them: one flat row each, made of what was declared.

Loop and SQL are made of these rows, so that what they find owes nothing to the index that they are compared with.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from relais_contracts.directory import ClosureDeclared, OfferDeclared, PartnerDeclared, PlacesDeclared
from relais_contracts.envelope import Payload
from relais_routing.matching.offers import Spot, spot_of
from relais_routing.matching.room import ROOMS
from relais_territories import FRANCE

FULL = ROOMS.index("full")
Days = tuple[date, date]


class Room(NamedTuple):
    """One place or session: its first day, its state's number in `ROOMS`, free places where they are counted."""

    starts: date | None
    state: int
    free: int | None


class Plain(NamedTuple):
    """One offer; `audiences` empty means everybody, days are inclusive."""

    offer: str
    partner: str
    network: str | None
    actor: str
    needs: frozenset[str]
    audiences: frozenset[str]
    rome: frozenset[str]
    formacode: frozenset[str]
    zone: frozenset[str]
    spot: Spot
    in_person: bool
    remote: bool
    opens: date
    ends: date
    rooms: tuple[Room, ...]
    closed: tuple[Days, ...]


class Declared:
    """A directory's declarations, sorted: `operators` and their networks are among the partners."""

    def __init__(self, entries: Iterable[Payload]) -> None:
        self.partners: dict[str, PartnerDeclared] = {}
        self.offers: list[OfferDeclared] = []
        self.places: defaultdict[str, list[PlacesDeclared]] = defaultdict(list)
        self._closed: defaultdict[tuple[str, str | None], list[Days]] = defaultdict(list)
        for entry in entries:
            match entry:
                case PartnerDeclared():
                    self.partners[entry.partner] = entry
                case OfferDeclared():
                    self.offers.append(entry)
                case PlacesDeclared():
                    self.places[entry.offer].append(entry)
                case ClosureDeclared():
                    self._closed[entry.partner, entry.offer].append((entry.from_, entry.until))

    def network_of(self, organisation: str) -> str | None:
        """The network of a partner or an operator."""
        declared = self.partners.get(organisation)
        return declared.group if declared else None

    def rows(self, taken: Mapping[str, int]) -> list[Plain]:
        """Every offer as a row; `taken` counts the places gone since they were declared."""
        return [self._row(offer, taken) for offer in self.offers]

    def _row(self, offer: OfferDeclared, taken: Mapping[str, int]) -> Plain:
        partner = self.partners[offer.partner]
        commune = offer.at.commune if offer.at else partner.commune
        spot = spot_of(commune, FRANCE.commune(commune))
        if offer.at:
            spot = spot._replace(latitude=round(offer.at.latitude * 100_000))
            spot = spot._replace(longitude=round(offer.at.longitude * 100_000))
        return Plain(
            offer=offer.offer,
            partner=offer.partner,
            network=partner.group,
            actor=offer.actor,
            needs=frozenset(offer.needs),
            audiences=frozenset() if "tous-publics" in offer.audiences else frozenset(offer.audiences),
            rome=frozenset(offer.rome),
            formacode=frozenset(offer.formacode),
            zone=FRANCE.zone(offer.zone.kind, offer.zone.codes, commune),
            spot=spot,
            in_person="in-person" in offer.modes,
            remote="remote" in offer.modes,
            opens=offer.open_from or date.min,
            ends=offer.open_until or date.max,
            rooms=tuple(_room(places, taken) for places in self.places.get(offer.offer, ())),
            closed=(*self._closed.get((offer.partner, None), ()), *self._closed.get((offer.partner, offer.offer), ())),
        )


def _room(places: PlacesDeclared, taken: Mapping[str, int]) -> Room:
    starts = places.session.starts if places.session else None
    state = ROOMS.index(places.state)
    if places.number is None or places.state == "waiting-list":
        return Room(starts, state, None)
    free = places.number - taken.get(key_of(places), 0)
    return Room(starts, state if free > 0 else FULL, max(0, free))


def key_of(places: PlacesDeclared) -> str:
    """What routing counts taken places by: the offer, or `<offer>/<first day>` of a session."""
    return f"{places.offer}/{places.session.starts}" if places.session else places.offer
