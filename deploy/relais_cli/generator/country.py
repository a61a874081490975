"""The whole invented directory, entry by entry, in an order that can be taken in: organisations before their offers.

The same for the same order, on machines with the same territories; nothing is kept but one partner at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise
from random import Random

from relais_cli.generator import twins
from relais_cli.generator.land import Land
from relais_cli.generator.offers import Offers
from relais_cli.generator.partners import Partner, Partners
from relais_cli.generator.proportions import Weighted, assumed, measured
from relais_cli.generator.rooms import Rooms
from relais_cli.generator.trades import Trades
from relais_contracts.directory import DirectoryPayload, OfferDeclared


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted: so many offers (those declared twice included) of so many partners, around a day.

    `region` confines it to one région. Partners that a second source declares again are not counted.
    """

    offers: int
    partners: int
    day: date
    seed: int = 1
    region: str | None = None

    @property
    def twins(self) -> int:
        """How many of the offers are others declared once more."""
        share: float = assumed("twins")["share"]
        return round(self.offers * share)


def directory(order: Order) -> Iterator[DirectoryPayload]:
    """Every entry; ValueError where the partners are too many for the offers, or the région is not known."""
    if not 0 < order.partners <= order.offers - order.twins:
        raise ValueError(f"{order.offers} offers are for 1 to {order.offers - order.twins} partners")
    return _Country(order).entries()


class _Country:
    def __init__(self, order: Order) -> None:
        self._order, self._random = order, Random(f"directory {order.seed}")
        land, trades = Land(order.region), Trades()
        self._partners = Partners(self._random, land, trades, order.day)
        self._offers = Offers(self._random, land, trades, order.day)
        self._rooms = Rooms(self._random, order.day)
        self._twins, self._left = order.twins, order.offers - order.twins

    def entries(self) -> Iterator[DirectoryPayload]:
        """Operators, then partner after partner with all that is theirs."""
        yield from self._partners.operators()
        for number, offers in enumerate(self._sizes(), 1):
            partner = self._partners.partner(number)
            yield partner.declared
            yield from self._rooms.closed(partner.declared.partner)
            for each in range(1, offers + 1):
                offer = self._offers.offer(partner, each)
                yield from self._with_room(offer)
                if self._is_twin():
                    yield from self._again(partner, offer)

    def _sizes(self) -> Iterator[int]:
        """Offers of each partner: one, and a share of the others by the sizes counted in real files."""
        sizes = Weighted([(int(size), count) for size, count in measured()["services_per_partner"].items()])
        drawn = [sizes.draw(self._random) for _ in range(self._order.partners)]
        total, more = sum(drawn), self._left - self._order.partners
        return (
            1 + after * more // total - before * more // total for before, after in pairwise(accumulate([0, *drawn]))
        )

    def _with_room(self, offer: OfferDeclared) -> Iterator[DirectoryPayload]:
        yield offer
        yield from self._rooms.places(offer)
        yield from self._rooms.suspended(offer)

    def _is_twin(self) -> bool:
        """Of those left to come, exactly as many as are wanted."""
        chosen = self._random.random() * self._left < self._twins
        self._left -= 1
        self._twins -= chosen
        return chosen

    def _again(self, partner: Partner, offer: OfferDeclared) -> Iterator[DirectoryPayload]:
        again = twins.partner_of(self._random, partner, offer)
        yield again
        yield from self._with_room(twins.offer_of(self._random, partner, again, offer))
