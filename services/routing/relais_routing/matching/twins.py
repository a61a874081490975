"""Which candidates are likely one service, among those who fit and those tried before.

`match` makes it of the answers, `ranking` asks it as far as it draws. Which keys make listings alike is `likeness`'s.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from relais_routing.matching.likeness import Alike, clusters
from relais_routing.matching.offers import Offer

Members = tuple[str, ...]
"""The ids of a cluster, in order."""


class Twins:
    """The listings that have kin somewhere (`alike`), and the clusters that those here make."""

    def __init__(self, alike: Callable[[], Iterable[Offer]]) -> None:
        self._find = alike

    def of(self, names: Iterable[str]) -> Mapping[str, Members]:
        """The clusters of some listings, by each member; whoever is like nobody here is in none."""
        found: dict[str, Members] = {}
        for name in names:
            offer = self._alike.get(name)
            if offer and name not in found:
                here = [self._alike[each] for each in offer.kin if each in self._alike]
                if len(here) == len(offer.kin):
                    found.update(dict.fromkeys(offer.cluster, offer.cluster))
                elif len(here) > 1:
                    found.update(_among(here))
        return found

    @cached_property
    def _alike(self) -> Mapping[str, Offer]:
        return {offer.offer: offer for offer in self._find()}


def _among(offers: Iterable[Offer]) -> Mapping[str, Members]:
    """The clusters that are left where some of the kin are not here."""
    made = clusters(Alike(each.offer, each.source, each.alike) for each in offers)
    return {name: cluster.members for cluster in made for name in cluster.members}
