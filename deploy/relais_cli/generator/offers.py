"""Invented offers of a partner: whom they serve, where, how, when; as mixed as the proportions say.

Room, sessions and closures come with them from `rooms`. No offer is copied from a file.
"""

from datetime import date, timedelta
from random import Random
from typing import Any, Final

from relais_cli.generator import names
from relais_cli.generator.land import Land, at
from relais_cli.generator.partners import Partner, looked_at
from relais_cli.generator.proportions import Weighted, assumed, measured
from relais_cli.generator.trades import Trades
from relais_contracts.directory import At, Details, Mobilisation, OfferDeclared, Zone
from relais_contracts.vocabularies import Audience, MobilisationWay, Mode, ServiceKind

IN_PERSON: Final = "in-person"
MODES: Final[dict[str, tuple[Mode, ...]]] = {
    IN_PERSON: ("in-person",),
    "in-person remote": ("in-person", "remote"),
    "remote": ("remote",),
}
WAYS: Final[tuple[MobilisationWay, ...]] = (
    "envoyer-un-courriel",
    "se-presenter",
    "telephoner",
    "utiliser-lien-mobilisation",
)


class Offers:
    """Draws offers one by one."""

    def __init__(self, random: Random, land: Land, trades: Trades, today: date) -> None:
        self._random, self._land, self._trades, self._today = random, land, trades, today
        self._modes: Weighted[str] = Weighted(assumed("modes")["weights"])
        self._publics: Weighted[Audience] = Weighted(assumed("audiences")["weights"])
        self._how_many: Weighted[str] = Weighted(assumed("audiences")["how_many"])
        self._kinds: Weighted[ServiceKind] = Weighted(assumed("texts")["kinds"])

    def offer(self, partner: Partner, number: int) -> OfferDeclared:
        """The offer of a number (from 1) of a partner."""
        random = self._random
        needs = self._trades.needs(random, partner.trade)
        zone = self._land.zone(random, partner.home)
        place = at(random, partner.home)
        modes = self._met(zone, place)
        if "in-person" not in modes and random.random() >= measured()["with_place"]:
            place = None
        opens, ends = self._dates()
        return OfferDeclared(
            offer=f"{partner.declared.partner}-{number}",
            partner=partner.declared.partner,
            name=names.offer(random, needs[0]),
            actor=partner.trade.actor,
            needs=needs,
            audiences=self._audiences(),
            zone=zone,
            at=place,
            modes=modes,
            **self._occupations(partner),
            open_from=opens,
            open_until=ends,
            updated=looked_at(random, self._today),
            quality=self._quality(),
            source=partner.trade.source,
            mobilisation=self._mobilisation(partner.declared.partner, number),
            details=self._details(),
        )

    def _met(self, zone: Zone, place: At | None) -> tuple[Mode, ...]:
        """How people meet: a whole country at a distance too, and only so where there is no door."""
        if place is None:
            return ("remote",)
        drawn = self._modes.draw(self._random)
        return ("in-person", "remote") if zone.kind == "country" and drawn == IN_PERSON else MODES[drawn]

    def _audiences(self) -> tuple[Audience, ...]:
        random, figures = self._random, assumed("audiences")
        if random.random() < figures["everybody"]:
            return random.choice(((), ("tous-publics",)))
        return tuple(sorted(self._publics.some(random, int(self._how_many.draw(random)))))

    def _occupations(self, partner: Partner) -> dict[str, Any]:
        random, figures = self._random, assumed("occupations")
        training = partner.trade.actor == "training-body"
        rome = random.random() < (figures["training"] if training else figures["rome"])
        formacode = random.random() < (figures["training"] if training else figures["formacode"])
        return {
            "rome": tuple(sorted(random.sample(figures["romes"], random.randint(1, 6)))) if rome else (),
            "formacode": tuple(sorted(random.sample(figures["formacodes"], random.randint(1, 3)))) if formacode else (),
        }

    def _dates(self) -> tuple[date | None, date | None]:
        random, figures = self._random, assumed("dates")
        if random.random() >= figures["share"]:
            return None, None
        opens = self._today + timedelta(days=random.randint(*figures["begins"]))
        return opens, opens + timedelta(days=random.randint(*figures["lasts"]))

    def _quality(self) -> float | None:
        figures = assumed("freshness")
        unscored = self._random.random() < figures["unscored"]
        return None if unscored else round(self._random.uniform(*figures["score"]), 2)

    def _mobilisation(self, partner: str, number: int) -> Mobilisation | None:
        random = self._random
        if random.random() >= assumed("texts")["mobilisation"]:
            return None
        linked = random.random() < measured()["with_link"]
        return Mobilisation(
            by=random.choice((("professionnels",), ("professionnels", "usagers"))),
            ways=tuple(random.sample(WAYS[:3], random.randint(1, 2))) + WAYS[3:] * linked,
            link=f"https://{partner}.example.org/{number}" if linked else None,
        )

    def _details(self) -> Details:
        random, figures = self._random, assumed("texts")
        fees: Any = None
        if random.random() < figures["fees"]:
            fees = "payant" if random.random() < figures["paid"] else "gratuit"
        return Details(
            kind=self._kinds.draw(random),
            description=names.text(random, _length(random)),
            fees=fees,
        )


def _length(random: Random) -> int:
    """Characters of a description, as long as real ones are; the contract takes 2,000."""
    bounds = [0, *measured()["description_lengths"], 2000]
    tenth = random.randrange(len(bounds) - 1)
    return min(2000, random.randint(*sorted(bounds[tenth : tenth + 2])))
