"""Every offer in memory, found by what the person needs and where the person lives.

Each routing worker holds one, made of `relais.directory` and refreshed in place by what changes.
It only finds; rules judge. Order of arrival leaves no trace in it.
"""

from collections.abc import Iterable

import numpy as np

from relais_contracts.envelope import Payload
from relais_routing.matching.columns import Codes
from relais_routing.matching.directory import Directory
from relais_routing.matching.likeness import Alike, Cluster, Likenesses, keys_of
from relais_routing.matching.listed import Listing
from relais_routing.matching.offers import Days, Known, Offer, view
from relais_routing.matching.reach import Numbers, Travel, minutes
from relais_routing.matching.table import NONE, Block, Table
from relais_territories import FRANCE, France


class Slots:
    """Slots of offers, kept as a set, asked for as a column."""

    __slots__ = ("_column", "_slots")

    def __init__(self) -> None:
        self._slots: set[int] = set()
        self._column: Numbers | None = None

    def __len__(self) -> int:
        return len(self._slots)

    def add(self, slot: int) -> None:
        """Adds a slot."""
        self._slots.add(slot)
        self._column = None

    def remove(self, slot: int) -> None:
        """Takes a slot out."""
        self._slots.remove(slot)
        self._column = None

    @property
    def column(self) -> Numbers:
        """All of them, made anew after a change."""
        if self._column is None:
            self._column = np.sort(np.fromiter(self._slots, np.int64, len(self._slots)))
        return self._column


class Bucket:
    """The offers of one actor for one need, by their slots: all of them, and by territory of their zones."""

    __slots__ = ("slots", "zones")

    def __init__(self) -> None:
        self.slots = Slots()
        self.zones: dict[str, Slots] = {}

    def put(self, offer: Offer, slot: int) -> None:
        """Adds an offer."""
        self.slots.add(slot)
        for territory in offer.zone:
            self.zones.setdefault(territory, Slots()).add(slot)

    def drop(self, offer: Offer, slot: int) -> None:
        """Takes an offer out."""
        self.slots.remove(slot)
        for territory in offer.zone:
            self.zones[territory].remove(slot)
            if not self.zones[territory]:
                del self.zones[territory]

    def serving(self, territories: Iterable[str]) -> Numbers:
        """The offers whose zone holds one of the territories, each once."""
        columns = [self.zones[territory].column for territory in territories if territory in self.zones]
        if len(columns) < 2:
            return columns[0] if columns else NONE
        slots: Numbers = np.concatenate(columns)
        slots.sort()
        again = slots[1:] == slots[:-1]
        return np.delete(slots, np.flatnonzero(again)) if again.any() else slots


EMPTY = Bucket()


class Index:
    """The directory as matching uses it; `version` is the version it stands at, `travel` tells the minutes."""

    def __init__(self, france: France = FRANCE, travel: Travel = minutes) -> None:
        self.france = france
        self.travel = travel
        self.version = 0
        self.codes = Codes()
        self._directory = Directory()
        self._likenesses = Likenesses()
        self._table = Table()
        self._slots: dict[str, int] = {}
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def __len__(self) -> int:
        return len(self._slots)

    def apply(self, changes: Iterable[Payload], version: int) -> list[Offer]:
        """Takes directory events in, in order, and stands at `version`; answers the offers that are new or changed.

        The same event again changes nothing. An offer whose partner is not declared is not offered.
        """
        touched: set[str] = set()
        for change in changes:
            touched |= self._directory.apply(change)
        for name in list(touched):
            touched |= self._liken(name)
        self.version = version
        return [offer for name in sorted(touched) if (offer := self._refresh(name)) is not None]

    def offer(self, offer: str) -> Offer | None:
        """The offer of that id, as it stands."""
        slot = self._slots.get(offer)
        return None if slot is None else self._table.offer(slot)

    def offers_of(self, partner: str) -> list[Offer]:
        """What a partner offers, in order of id."""
        names = sorted(self._directory.offers_of(partner))
        return [self._table.offer(self._slots[name]) for name in names if name in self._slots]

    def block(self, slots: Numbers) -> Block:
        """Some offers of a bucket, as they stand."""
        return self._table.block(slots)

    def named(self, offers: Iterable[Offer]) -> Block:
        """Some offers of the index as a block, in their order."""
        return self._table.block(np.array([self._slots[each.offer] for each in offers], np.int64))

    def declared(self, offer: str) -> Listing | None:
        """What was declared of an offer: how fresh it is, how one asks for it. Never ranked on."""
        return self._directory.offers.get(offer)

    def declared_by(self, partner: str) -> list[Listing]:
        """What a partner has declared, whether or not the partner itself is known yet."""
        return [self._directory.offers[name] for name in sorted(self._directory.offers_of(partner))]

    def closures_of(self, partner: str) -> tuple[Days, ...]:
        """First and last day of each closure a partner has declared."""
        return tuple(self._directory.closures_of(partner))

    def group_of(self, organisation: str) -> str | None:
        """The network or mother organisation of a partner or operator, as declared."""
        declared = self._directory.partners.get(organisation)
        return declared.group if declared else None

    def bucket(self, actor: str, need: str) -> Bucket:
        """The offers of an actor for a need."""
        return self._buckets.get((actor, need), EMPTY)

    def clusters(self) -> list[Cluster]:
        """Listings of different sources that are likely one service, with the reasons."""
        return self._likenesses.clusters()

    def cluster_of(self, offer: str) -> Cluster | None:
        """The cluster that an offer is in."""
        return self._likenesses.cluster_of(offer)

    def _liken(self, name: str) -> set[str]:
        """Keeps the keys of an offer; the others that may have become more or less alike with it."""
        listing = self._directory.offers.get(name)
        partner = self._directory.partners.get(listing.partner) if listing else None
        if listing is None or partner is None:
            return self._likenesses.drop(name)
        return self._likenesses.put(Alike(name, listing.source, keys_of(listing, partner)))

    def _refresh(self, name: str) -> Offer | None:
        before, after = self.offer(name), self._view(name)
        if before == after:
            return None
        if before is not None and after is not None and _found(before) == _found(after):
            self._table.put(after, self.codes.row(after), self._slots[name])
            return after
        if before is not None:
            slot = self._slots.pop(name)
            self._table.drop(slot)
            for need in before.needs:
                self._buckets[before.actor, need].drop(before, slot)
        if after is not None:
            slot = self._slots[name] = self._table.put(after, self.codes.row(after))
            for need in after.needs:
                self._buckets.setdefault((after.actor, need), Bucket()).put(after, slot)
        return after

    def _view(self, name: str) -> Offer | None:
        directory = self._directory
        listing = directory.offers.get(name)
        partner = directory.partners.get(listing.partner) if listing else None
        if listing is None or partner is None:
            return None
        known = Known(
            places=directory.places_of(name),
            closures=directory.closures_of(partner.partner),
            suspensions=directory.closures_of(partner.partner, name),
            kin=self._likenesses.kin(name),
        )
        return view(listing, partner, known, self.france)


def _found(offer: Offer) -> tuple[str, frozenset[str], frozenset[str]]:
    """What an offer is found by."""
    return offer.actor, offer.needs, offer.zone
