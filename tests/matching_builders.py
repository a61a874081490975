"""Situations of matching: an index of a few offers, a person who asks, a draw whose secret is known.

On top of `builders`; values are fixed, nothing is random.
"""

from datetime import date, timedelta
from typing import Any, Final

from builders import CASE, MACON, MONDAY, NEED, OPERATOR, an_offer, places
from relais_contracts.cases import AnyOption, OfferOption, PartnerOption
from relais_contracts.directory import At, OfferDeclared, PartnerDeclared, PlacesDeclared, Zone
from relais_contracts.envelope import Payload
from relais_contracts.identifiers import CommuneCode
from relais_routing.matching.draw import Draw
from relais_routing.matching.index import Index
from relais_routing.matching.match import Decision, match
from relais_routing.matching.request import Request
from relais_routing.matching.verify import Published
from relais_territories import commune

SECRET: Final = bytes(range(32))
DRAW: Final = Draw(date(2026, 3, 2), SECRET)
PUBLISHED: Final = Published(DRAW.day, DRAW.commitment, MONDAY - timedelta(days=1), SECRET)
"""The draw as its day's door gives it out once the day is over."""
ANY: Final = AnyOption(any=True)


def index_of(*events: Payload, version: int = 1) -> Index:
    """An index of these directory events; the partners of offers are declared as needed."""
    declared = {event.partner for event in events if isinstance(event, PartnerDeclared)}
    missing = {event.partner for event in events if isinstance(event, OfferDeclared)} - declared
    index = Index()
    index.apply([*(partner(name) for name in sorted(missing)), *events], version)
    return index


def partner(name: str, /, **given: Any) -> PartnerDeclared:
    """A partner in Mâcon, of no group."""
    return PartnerDeclared(**{"partner": name, "name": name.upper(), "commune": MACON, **given})


def offer(name: str, /, **given: Any) -> OfferDeclared:
    """An offer in Mâcon for all Saône-et-Loire, of a partner of its own."""
    return an_offer(**{"offer": f"{name}.offer", "partner": name, "name": f"Offre {name}", **given})


def remote(name: str, /, **given: Any) -> OfferDeclared:
    """An offer at a distance for the whole country."""
    return offer(name, **{"at": None, "modes": ("remote",), "zone": Zone(kind="country", codes=("FR",)), **given})


def room(name: str, /, **given: Any) -> PlacesDeclared:
    """Places of the offer of that partner."""
    return places(**{"offer": f"{name}.offer", **given})


def at(code: CommuneCode) -> At:
    """The town hall of a commune."""
    found = commune(code)
    assert found
    assert found.latitude is not None
    assert found.longitude is not None
    return At(commune=code, latitude=found.latitude / 100_000, longitude=found.longitude / 100_000)


def request(**given: Any) -> Request:
    """A person of Mâcon with a car, whoever fits."""
    defaults: dict[str, Any] = {
        "case": CASE,
        "step": "digital",
        "actor": "training-body",
        "need": NEED,
        "options": (ANY,),
        "commune": MACON,
        "means": ("car",),
        "reach_minutes": 60,
        "remote": "accepted",
        "operator": OPERATOR,
        "now": MONDAY,
    }
    return Request(**{**defaults, **given})


def named(offer_of: str) -> OfferOption:
    """The person names the offer of that partner."""
    return OfferOption(offer=f"{offer_of}.offer")


def at_partner(name: str) -> PartnerOption:
    """The person names the partner."""
    return PartnerOption(partner=name)


def decided(index: Index, taken: dict[str, int] | None = None, **given: Any) -> Decision:
    """The decision for that person."""
    return match(index, request(**given), DRAW, taken)


def ranking(decision: Decision) -> list[str]:
    """The partners in order."""
    return [candidate.offer.partner for candidate in decision.ranking]


def against(decision: Decision) -> dict[str, list[str]]:
    """The verdicts by offer (by partner where the offer is named after it)."""
    return {
        entry.name.removesuffix(".offer"): [verdict.value for verdict in entry.verdicts] for entry in decision.aside
    }
