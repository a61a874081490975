"""Likely duplicates: one service that two sources list. Never merged, shown with the reason, one of them per choice.

Declared facts are made comparable and put together into keys; two listings of different sources with an equal key are
alike. The index keeps the keys, a choice looks at those of its candidates alone. It judges nothing and forgets nobody.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from itertools import combinations
from typing import Final, NamedTuple

from relais_routing.matching.listed import Listing, Organisation
from relais_territories.names import comparable

NOT_TELLING: Final = frozenset((
    "a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "par", "pour", "sur", "un",
    "une",
    "asbl", "ass", "asso", "association", "earl", "eirl", "epic", "eurl", "gie", "gip", "sa", "sarl", "sas",
    "sasu", "sci", "scic", "scop", "snc",
))  # fmt: skip
"""Articles, small words and legal forms: two sources write them or not."""

CELL: Final = 50
"""Side of a cell, in hundred-thousandths of a degree: some 55 m from south to north, 40 m from west to east."""


class Why(StrEnum):
    """Why two listings are alike. Shown to people and kept: never rename one."""

    NAME = "same-name"
    """The same commune, service and organisation by name."""
    REGISTER = "same-siret"
    """The same establishment in INSEE's register, and the same service by name."""
    POINT = "same-point"
    """The same point on the map, organisation by name, kind of partner and needs."""
    AGAIN = "same-listing"
    """The same organisation by id, place, service by name, kind of partner and needs: listed once more."""


AGAIN: Final = f"{Why.AGAIN}|"
"""How the one key begins that a single source may use twice."""


class Alike(NamedTuple):
    """A listing as likeness sees it: its id, who lists it, and its keys (each begins with its reason)."""

    offer: str
    source: str
    keys: tuple[str, ...]


class Link(NamedTuple):
    """Two listings, and all that makes them alike."""

    one: str
    other: str
    why: tuple[Why, ...]


class Cluster(NamedTuple):
    """Listings that are likely one service: ids in order, each link with its reasons."""

    members: tuple[str, ...]
    links: tuple[Link, ...]

    @property
    def key(self) -> str:
        """What the cluster's one ticket is drawn by."""
        return self.members[0]


@lru_cache(maxsize=1 << 16)
def plain(name: str) -> str:
    """A name by the words that tell, in order of the alphabet: « Association L'ENVOL » becomes `envol`."""
    words = comparable(name).split()
    return " ".join(sorted(set(words).difference(NOT_TELLING) or set(words)))


def keys_of(listing: Listing, partner: Organisation) -> tuple[str, ...]:
    """The keys of a listing. What its facts do not tell gives none: no name, no register, a point that was assumed."""
    service, organisation, at = plain(listing.name), plain(partner.name), listing.at
    keys = []
    if service and organisation:
        keys.append(f"{Why.NAME}|{at.commune if at else partner.commune}|{service}|{organisation}")
    if service and partner.siret:
        keys.append(f"{Why.REGISTER}|{partner.siret}|{service}")
    if organisation and at and not at.assumed:
        needs = "|".join(sorted(listing.needs))
        cell = f"{at.latitude // CELL}|{at.longitude // CELL}"
        keys.append(f"{Why.POINT}|{cell}|{organisation}|{listing.actor}|{needs}")
    if service:
        place = f"{at.commune}|{at.latitude}|{at.longitude}" if at else ""
        needs = "|".join(sorted(listing.needs))
        keys.append(f"{AGAIN}{listing.partner}|{place}|{service}|{listing.actor}|{needs}")
    return tuple(keys)


def clusters(listings: Iterable[Alike]) -> list[Cluster]:
    """The clusters among some listings, in order of their keys; whoever is like nobody is in none.

    A key that one source uses twice tells nothing, but for `AGAIN`: that source says itself that these are different
    services.
    """
    alike: dict[str, list[Alike]] = {}
    for listing in listings:
        for key in listing.keys:
            alike.setdefault(key, []).append(listing)
    if len(alike) == sum(map(len, alike.values())):
        return []
    why: dict[tuple[str, str], list[Why]] = defaultdict(list)
    for key, those in alike.items():
        if len(those) > 1 and (key.startswith(AGAIN) or len({each.source for each in those}) == len(those)):
            for pair in combinations(sorted(each.offer for each in those), 2):
                why[pair].append(Why(key.partition("|")[0]))
    return _components({pair: tuple(sorted(reasons)) for pair, reasons in why.items()})


def _components(why: Mapping[tuple[str, str], tuple[Why, ...]]) -> list[Cluster]:
    first: dict[str, str] = {}

    def root(offer: str) -> str:
        while (above := first.setdefault(offer, offer)) != offer:
            offer = above
        return offer

    for one, other in why:
        low, high = sorted((root(one), root(other)))
        first[high] = low
    links: dict[str, list[Link]] = defaultdict(list)
    for (one, other), reasons in sorted(why.items()):
        links[root(one)].append(Link(one, other, reasons))
    members: dict[str, set[str]] = defaultdict(set)
    for offer in first:
        members[root(offer)].add(offer)
    return [Cluster(tuple(sorted(members[key])), tuple(links[key])) for key in sorted(members)]


class Kin(NamedTuple):
    """What a listing has in common with others: its `shared` keys; `all` who share one by any way round, by id; its
    `cluster` while all of them are there.
    """

    shared: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    cluster: tuple[str, ...] = ()


NO_KIN: Final = Kin()


class Likenesses:
    """All listings by their keys: who is alike today, kept up to date as the directory changes."""

    def __init__(self) -> None:
        self._listings: dict[str, Alike] = {}
        self._by_key: dict[str, tuple[str, ...]] = {}

    def put(self, listing: Alike) -> set[str]:
        """Adds a listing or replaces it; the ids of all whose kin may have changed."""
        before = self._listings.get(listing.offer)
        if before == listing:
            return set()
        others = self.drop(listing.offer)
        self._listings[listing.offer] = listing
        for key in listing.keys:
            self._by_key[key] = (*self._by_key.get(key, ()), listing.offer)
        return others.union(self._near(listing.offer))

    def drop(self, offer: str) -> set[str]:
        """Takes a listing out; the ids of all whose kin may have changed."""
        others = set(self._near(offer))
        before = self._listings.pop(offer, None)
        for key in before.keys if before else ():
            those = tuple([name for name in self._by_key[key] if name != offer])
            if those:
                self._by_key[key] = those
            else:
                del self._by_key[key]
        return others

    def kin(self, offer: str) -> Kin:
        """What an offer has in common with others."""
        shared = self._shared(offer)
        if not shared:
            return NO_KIN
        cluster = self.cluster_of(offer)
        return Kin(shared, tuple(sorted(self._near(offer))), cluster.members if cluster else ())

    def clusters(self) -> list[Cluster]:
        """Every cluster there is."""
        names = {name for key, those in self._by_key.items() if self._is_shared(key) for name in those}
        return clusters(self._listings[name] for name in names)

    def cluster_of(self, offer: str) -> Cluster | None:
        """The cluster that an offer is in."""
        found = clusters(self._listings[name] for name in self._near(offer))
        return next((each for each in found if offer in each.members), None)

    def _near(self, offer: str) -> set[str]:
        """Whoever shares a key with an offer, or with one who does; nobody but itself: none."""
        found: set[str] = set()
        waiting = [offer] if offer in self._listings else []
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += [other for key in self._shared(name) for other in self._by_key[key]]
        return found if len(found) > 1 else set()

    def _shared(self, offer: str) -> tuple[str, ...]:
        return tuple([key for key in self._listings[offer].keys if self._is_shared(key)])

    def _is_shared(self, key: str) -> bool:
        those = self._by_key[key]
        if len(those) < 2:
            return False
        return key.startswith(AGAIN) or len({self._listings[name].source for name in those}) > 1
