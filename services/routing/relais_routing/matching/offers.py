"""What matching knows of an offer: one flat view of listing, organisation, places and closures.

The index makes it from the directory; rules and ranking read it. It holds nothing they may not rank on:
no quality, no freshness, no interest of anybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from relais_routing.matching.likeness import Kin
from relais_routing.matching.listed import Listing, Organisation, Places, place_key
from relais_territories import Commune, France

__all__ = ["Days", "Known", "Offer", "Spot", "place_key", "spot_of", "view"]

Days = tuple[date, date]
"""First and last day."""


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
    """An offer as the rules see it; `audiences` empty means everybody, dates are inclusive.

    `referred`: a professional may send somebody there. `alike`: its keys that other listings share, `kin`: whoever does
    so by any way round, `cluster`: the listings that are likely this service while all of them are there.
    """

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
    referred: bool
    open_from: date
    open_until: date
    places: tuple[Places, ...]
    closures: tuple[Days, ...]
    suspensions: tuple[Days, ...]
    source: str
    alike: tuple[str, ...]
    kin: tuple[str, ...]
    cluster: tuple[str, ...]


class Known(NamedTuple):
    """What the directory says of an offer today, beside its listing and its organisation."""

    places: tuple[Places, ...]
    closures: Iterable[Days]
    suspensions: Iterable[Days]
    kin: Kin


def view(listing: Listing, partner: Organisation, known: Known, france: France) -> Offer:
    """The view of a listed offer; without a place of its own it is given where its partner is."""
    commune = listing.at.commune if listing.at else partner.commune
    spot = spot_of(commune, france.commune(commune))
    if listing.at and spot.land is not None:
        spot = spot._replace(latitude=listing.at.latitude, longitude=listing.at.longitude)
    return Offer(
        offer=listing.offer,
        name=listing.name,
        partner=partner.partner,
        partner_name=partner.name,
        group=partner.group,
        actor=listing.actor,
        needs=listing.needs,
        rome=listing.rome,
        formacode=listing.formacode,
        audiences=listing.audiences,
        zone=_kept(france.zone(*listing.zone, commune)),
        spot=spot,
        in_person="in-person" in listing.modes,
        remote="remote" in listing.modes,
        referred=not listing.by or "professionnels" in listing.by,
        open_from=listing.open_from or date.min,
        open_until=listing.open_until or date.max,
        places=known.places,
        closures=tuple(sorted(known.closures)),
        suspensions=tuple(sorted(known.suspensions)),
        source=listing.source,
        alike=known.kin.shared,
        kin=known.kin.all,
        cluster=known.kin.cluster,
    )


_ZONES: Final[dict[frozenset[str], frozenset[str]]] = {}


def _kept(zone: frozenset[str]) -> frozenset[str]:
    """The same zone, kept once however many offers have it."""
    return _ZONES.setdefault(zone, zone)


def spot_of(code: str, commune: Commune | None) -> Spot:
    """Where a commune is; an unknown one is nowhere."""
    if commune is None:
        return Spot(code, None, None, "", 0, None)
    return Spot(commune.code, commune.latitude, commune.longitude, commune.epci, commune.density, commune.land)
