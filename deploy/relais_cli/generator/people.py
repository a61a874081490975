"""Invented people who need a partner: where they live, how they travel, what they come for.

Each becomes one request to matching. By population as the directory, but drawn apart from it, so that the same people
can be asked of directories of any size. Nobody exists.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from relais_cli.generator.land import Land
from relais_cli.generator.proportions import Weighted, assumed
from relais_cli.generator.trades import Trades
from relais_contracts.cases import AnyOption, OfferOption, Option, PartnerOption
from relais_contracts.directory import OfferDeclared
from relais_contracts.vocabularies import Actor
from relais_routing.matching.request import Request


class People:
    """Draws people one by one; those who name somebody name one of `known`."""

    def __init__(
        self, now: datetime, known: Sequence[OfferDeclared] = (), seed: int = 1, region: str | None = None
    ) -> None:
        self._random, self._now, self._known = Random(f"people {seed}"), now, known
        self._land, self._trades = Land(region), Trades()
        self._actors: Weighted[Actor] = Weighted(assumed("wishes")["actors"])
        self._situations: Weighted[str] = Weighted(assumed("people")["situations"])
        self._means: list[Weighted[str]] = [Weighted(weights) for weights in assumed("means")["by_density"]]
        self._minutes: Weighted[str] = Weighted(assumed("mobility")["minutes"])
        self._remote: Weighted[str] = Weighted(assumed("mobility")["remote"])

    def requests(self, count: int) -> Iterator[Request]:
        """What so many people ask of matching."""
        return (self._request() for _ in range(count))

    def _request(self) -> Request:
        random, home = self._random, self._land.commune(self._random)
        return Request(
            case=str(UUID(int=random.getrandbits(128), version=4)),
            step="step-1",
            commune=home.code,
            means=tuple(self._means[home.density].draw(random).split()),
            reach_minutes=int(self._minutes.draw(random)),
            remote=self._remote.draw(random),
            operator=f"cep--{random.randint(1, assumed('operators')['number'])}",
            now=self._now,
            audiences=self._audiences(),
            **self._wish(),
        )

    def _wish(self) -> dict[str, Any]:
        random, figures = self._random, assumed("wishes")
        rome = (random.choice(assumed("occupations")["romes"]),) if random.random() < figures["occupation"] else ()
        options: tuple[Option, ...] = (AnyOption(any=True),)
        if self._known and random.random() < figures["named"]:
            offer = random.choice(self._known)
            named: Option = random.choice((OfferOption(offer=offer.offer), PartnerOption(partner=offer.partner)))
            return {
                "actor": offer.actor,
                "need": random.choice(offer.needs),
                "options": (named, *options),
                "rome": rome,
            }
        actor = self._actors.draw(random)
        need = random.choice(self._trades.by_actor[actor].draw(random))
        return {"actor": actor, "need": need, "options": options, "rome": rome}

    def _audiences(self) -> tuple[str, ...]:
        random, figures = self._random, assumed("people")
        own = figures["audiences"][self._situations.draw(random)]
        return tuple(
            dict.fromkeys([*own, *(name for name, share in figures["more"].items() if random.random() < share)])
        )
