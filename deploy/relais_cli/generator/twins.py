"""The same service declared once more by a second source: another id, other spellings, a point some metres away.

What the directory's clusters have to find. The organisation is declared once more too, as such sources do.
"""

from random import Random

from relais_cli.generator import names
from relais_cli.generator.land import moved
from relais_cli.generator.partners import Partner
from relais_cli.generator.proportions import assumed
from relais_contracts.directory import OfferDeclared, PartnerDeclared

METRES = 60
"""How far off two sources place the same door, at most."""


def partner_of(random: Random, partner: Partner, offer: OfferDeclared) -> PartnerDeclared:
    """The organisation as the other source knows it, for one of its offers."""
    first, number = partner.declared, offer.offer.partition("--")[2]
    return first.model_copy(
        update={
            "partner": f"{_other(random, partner.trade.source)}--bis-{number}",
            "name": names.respelled(random, first.name),
            "siret": first.siret if random.random() < assumed("twins")["siret"] else None,
            "email": None,
            "site": None,
        }
    )


def offer_of(random: Random, partner: Partner, again: PartnerDeclared, offer: OfferDeclared) -> OfferDeclared:
    """The offer as the other source knows it: perhaps not all of its needs."""
    at = offer.at
    if at is not None:
        place = round(at.latitude * 100_000), round(at.longitude * 100_000)
        at = moved(partner.home, *place, random.uniform(-METRES, METRES) / 2, random.uniform(-METRES, METRES) / 2)
    return offer.model_copy(
        update={
            "offer": f"{again.partner}-1",
            "partner": again.partner,
            "name": names.respelled(random, offer.name),
            "needs": offer.needs[: max(1, len(offer.needs) - random.randint(0, 1))],
            "at": at,
            "source": again.partner.partition("--")[0],
            "quality": None,
            "mobilisation": None,
        }
    )


def _other(random: Random, source: str) -> str:
    others: list[str] = [name for name in assumed("sources")["names"] if name != source]
    return random.choice(others)
