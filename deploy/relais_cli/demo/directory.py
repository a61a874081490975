"""The demo's directory as lines for `POST /v1/directory`: operators, partners, offers, places.

Made from the cast, with coordinates of the built-in communes. It sends nothing.
"""

from collections.abc import Iterator
from datetime import datetime

from relais_cli.demo.cast import ACTOR_OF, DIRECTORY, TERRITORIES, Partner
from relais_contracts.directory import At, DirectoryPayload, OfferDeclared, PartnerDeclared, PlacesDeclared, Zone
from relais_intake.directory.adapters.lines import line_of
from relais_territories import commune


def lines(now: datetime, *, counted: bool = True) -> list[bytes]:
    """One structured CloudEvent a line, in an order that intake can take; `counted`: with numbers of places."""
    return [line_of(payload, DIRECTORY) for payload in _entries(now, counted)]


def _entries(now: datetime, counted: bool) -> Iterator[DirectoryPayload]:
    for territory in TERRITORIES:
        yield PartnerDeclared(
            partner=territory.operator, name=territory.operator_name, commune=territory.operator_commune
        )
        for partner in territory.partners:
            yield PartnerDeclared(partner=partner.id, name=partner.name, commune=partner.commune)
            yield _offer(partner)
            number = partner.places if counted else None
            yield PlacesDeclared(offer=partner.offer, state="open", number=number, at=now)


def _offer(partner: Partner) -> OfferDeclared:
    place = commune(partner.commune)
    assert place is not None
    assert place.latitude is not None
    assert place.longitude is not None
    return OfferDeclared(
        offer=partner.offer,
        partner=partner.id,
        name=partner.name,
        actor=ACTOR_OF[partner.need],
        needs=(partner.need,),
        zone=Zone(kind="departement", codes=(partner.departement,)),
        at=At(commune=partner.commune, latitude=place.latitude / 100_000, longitude=place.longitude / 100_000),
        modes=partner.modes,
    )
