"""What matching knows of an offer: one flat view of offer, partner, places and closures.

The index makes it from the directory; rules and ranking read it. It holds nothing they may not rank on:
no quality, no freshness, no interest of anybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from relais_contracts.directory import ClosureDeclared, OfferDeclared, PartnerDeclared, PlacesDeclared
from relais_territories import Commune, France

EVERYBODY = "tous-publics"


class Spot(NamedTuple):
    """A place on the map, in hundred-thousandths of a degree; `epci`, `density` and `land` tell how one travels.

    `land` is none, and so are the coordinates, for a commune that is not known.
    """

    commune: str
    latitude: int | None
    longitude: int | None
    epci: str
    density: int
    land: str | None


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer as the rules see it; `audiences` empty means everybody, dates are inclusive; `keys` of its places."""

    offer: str
    name: str
    partner: str
    partner_name: str
    group: str | None
    actor: str
    needs: frozenset[str]
    rome: frozenset[str]
    formacode: frozenset[str]
    audiences: frozenset[str]
    zone: frozenset[str]
    spot: Spot
    in_person: bool
    remote: bool
    open_from: date
    open_until: date
    places: tuple[PlacesDeclared, ...]
    keys: tuple[str, ...]
    closures: tuple[tuple[date, date], ...]


def view(
    offer: OfferDeclared,
    partner: PartnerDeclared,
    places: Iterable[PlacesDeclared],
    closures: Iterable[ClosureDeclared],
    france: France,
) -> Offer:
    """The view of a declared offer; without a place of its own it is given where its partner is."""
    commune = offer.at.commune if offer.at else partner.commune
    spot = spot_of(commune, france.commune(commune))
    if offer.at and spot.land is not None:
        latitude, longitude = round(offer.at.latitude * 100_000), round(offer.at.longitude * 100_000)
        spot = Spot(spot.commune, latitude, longitude, spot.epci, spot.density, spot.land)
    counted = sorted(places, key=place_key)
    return Offer(
        offer=offer.offer,
        name=offer.name,
        partner=partner.partner,
        partner_name=partner.name,
        group=partner.group,
        actor=offer.actor,
        needs=frozenset(offer.needs),
        rome=frozenset(offer.rome),
        formacode=frozenset(offer.formacode),
        audiences=frozenset() if EVERYBODY in offer.audiences else frozenset(offer.audiences),
        zone=france.zone(offer.zone.kind, offer.zone.codes, commune),
        spot=spot,
        in_person="in-person" in offer.modes,
        remote="remote" in offer.modes,
        open_from=offer.open_from or date.min,
        open_until=offer.open_until or date.max,
        places=tuple(counted),
        keys=tuple([place_key(each) for each in counted]),
        closures=tuple(sorted((closure.from_, closure.until) for closure in closures)),
    )


def spot_of(code: str, commune: Commune | None) -> Spot:
    """Where a commune is; an unknown one is nowhere."""
    if commune is None:
        return Spot(code, None, None, "", 0, None)
    return Spot(commune.code, commune.latitude, commune.longitude, commune.epci, commune.density, commune.land)


def place_key(places: PlacesDeclared) -> str:
    """What reservations are counted on: the offer, or `<offer>/<first day>` for a session."""
    return f"{places.offer}/{places.session.starts.isoformat()}" if places.session else places.offer
