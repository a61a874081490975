"""Every offer in memory, found by what the person needs and where the person lives.

Each routing worker holds one, made of `relais.directory` and refreshed in place by what changes.
It only finds; rules judge. Order of arrival leaves no trace in it.
"""

from collections.abc import Iterable
from datetime import date

from relais_contracts.directory import OfferDeclared
from relais_contracts.envelope import Payload
from relais_routing.matching.columns import Block, Codes, Row, joined
from relais_routing.matching.directory import Directory
from relais_routing.matching.likeness import Cluster, Listing, Listings, keys_of, source_of
from relais_routing.matching.offers import Offer, view
from relais_territories import FRANCE, France


class Bucket:
    """The offers of one actor for one need: all by id, and by territory of their zones."""

    __slots__ = ("_blocks", "offers", "zones")

    def __init__(self) -> None:
        self.offers: dict[str, Offer] = {}
        self.zones: dict[str, dict[str, tuple[Offer, Row]]] = {}
        self._blocks: dict[str, Block] = {}

    def put(self, offer: Offer, row: Row) -> None:
        """Adds an offer."""
        self.offers[offer.offer] = offer
        for territory in offer.zone:
            self.zones.setdefault(territory, {})[offer.offer] = offer, row
            self._blocks.pop(territory, None)

    def drop(self, offer: Offer) -> None:
        """Takes an offer out."""
        del self.offers[offer.offer]
        for territory in offer.zone:
            del self.zones[territory][offer.offer]
            self._blocks.pop(territory, None)
            if not self.zones[territory]:
                del self.zones[territory]

    def serving(self, territories: Iterable[str]) -> Block:
        """The offers whose zone holds one of the territories."""
        return joined([self._block(territory) for territory in territories if territory in self.zones])

    def _block(self, territory: str) -> Block:
        block = self._blocks.get(territory)
        if block is None:
            offers, rows = zip(*self.zones[territory].values(), strict=True)
            block = self._blocks[territory] = Block.of(offers, rows)
        return block


EMPTY = Bucket()


class Index:
    """The directory as matching uses it; `version` is the directory version it stands at."""

    def __init__(self, france: France = FRANCE) -> None:
        self.france = france
        self.version = 0
        self.codes = Codes()
        self._directory = Directory()
        self._listings = Listings()
        self._offers: dict[str, Offer] = {}
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def __len__(self) -> int:
        return len(self._offers)

    def apply(self, changes: Iterable[Payload], version: int) -> list[Offer]:
        """Takes directory events in, in order, and stands at `version`; answers the offers that are new or changed.

        The same event again changes nothing. An offer whose partner is not declared is not offered.
        """
        touched: set[str] = set()
        for change in changes:
            touched |= self._directory.apply(change)
        self.version = version
        return [offer for name in sorted(touched) if (offer := self._refresh(name)) is not None]

    def offer(self, offer: str) -> Offer | None:
        """The offer of that id, as it stands."""
        return self._offers.get(offer)

    def offers_of(self, partner: str) -> list[Offer]:
        """What a partner offers, in order of id."""
        names = sorted(self._directory.offers_of(partner))
        return [self._offers[name] for name in names if name in self._offers]

    def declared_by(self, partner: str) -> list[OfferDeclared]:
        """What a partner has declared, whether or not the partner itself is known yet."""
        return [self._directory.offers[name] for name in sorted(self._directory.offers_of(partner))]

    def closures_of(self, partner: str) -> tuple[tuple[date, date], ...]:
        """First and last day of each closure a partner has declared."""
        return tuple([(closure.from_, closure.until) for closure in self._directory.closures_of(partner)])

    def group_of(self, organisation: str) -> str | None:
        """The network or mother organisation of a partner or operator, as declared."""
        declared = self._directory.partners.get(organisation)
        return declared.group if declared else None

    def declared(self, offer: str) -> OfferDeclared | None:
        """What was declared of an offer that is offered: how fresh it is, how one asks for it. Never ranked on."""
        return self._directory.offers.get(offer) if offer in self._offers else None

    def clusters(self) -> list[Cluster]:
        """Listings of different sources that are likely one service, with the reasons."""
        return self._listings.clusters()

    def cluster_of(self, offer: str) -> Cluster | None:
        """The cluster that an offer is in."""
        return self._listings.cluster_of(offer)

    def bucket(self, actor: str, need: str) -> Bucket:
        """The offers of an actor for a need."""
        return self._buckets.get((actor, need), EMPTY)

    def _refresh(self, name: str) -> Offer | None:
        before, after = self._offers.get(name), self._view(name)
        if before == after:
            return None
        if before is not None:
            del self._offers[name]
            self._listings.drop(name)
            for need in before.needs:
                self._buckets[before.actor, need].drop(before)
        if after is not None:
            self._offers[name] = after
            self._list(name)
            row = self.codes.row(after)
            for need in after.needs:
                self._buckets.setdefault((after.actor, need), Bucket()).put(after, row)
        return after

    def _list(self, name: str) -> None:
        offer = self._directory.offers[name]
        partner = self._directory.partners[offer.partner]
        self._listings.put(Listing(name, source_of(offer), keys_of(offer, partner)))

    def _view(self, name: str) -> Offer | None:
        directory = self._directory
        offer = directory.offers.get(name)
        partner = directory.partners.get(offer.partner) if offer else None
        if offer is None or partner is None:
            return None
        return view(offer, partner, directory.places_of(name), directory.closures_of(offer.partner), self.france)
