"""Candidates in order: option by option, equals by their lots, one listing of each service.

`decision` asks it. It draws lots group by group, only as far as somebody asks; the order never depends on that.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Final, NamedTuple

from relais_routing.matching.columns import Objects
from relais_routing.matching.offers import Offer
from relais_routing.matching.outcomes import Aside, Candidate, Fit, Lots
from relais_routing.matching.reach import BANDS, REMOTE, Numbers
from relais_routing.matching.room import ROOMS
from relais_routing.matching.sweep import LATE, OUT, Swept

LISTED: Final = 50
"""Candidates are listed up to so many, and so are offers set aside; beyond, they are counted."""


class Named(NamedTuple):
    """The few offers that the person named."""

    outcomes: Sequence[Fit | Aside]

    @property
    def fits(self) -> list[Fit]:
        """Those that may be proposed."""
        return [each for each in self.outcomes if isinstance(each, Fit)]

    def alike(self) -> list[Offer]:
        """Those who are like another source's listing."""
        return [fit.offer for fit in self.fits if fit.offer.alike]


Answer = Swept | Named
Rest = tuple[int, str, str]
"""Option, band and room of candidates that are counted."""


class Twins(NamedTuple):
    """Clusters among those who fit and those tried, by each member's id; `late` are like one that was tried."""

    clusters: Mapping[str, tuple[str, ...]]
    late: frozenset[str]


NO_TWINS: Final = Twins({}, frozenset())


class Group(NamedTuple):
    """Equals of an option, before their lots are drawn: how many, their ids, and how to look at them."""

    option: int
    late: bool
    rank: int
    state: int
    size: int
    names: Callable[[], list[str]]
    fits: Callable[[], list[Fit]]

    @property
    def place(self) -> Rest:
        """What they have in common, in words."""
        return self.option, BANDS[REMOTE if self.rank < 0 else self.rank], ROOMS[self.state]


class Ranking:
    """The candidates of all options; `duplicates` are the other listings of services that are candidates."""

    def __init__(self, answers: Sequence[Answer], lots: Lots, twins: Twins) -> None:
        self._coming, self._lots, self._twins = _groups(answers, twins), lots, twins
        self._seen: set[tuple[str, ...]] = set()
        self.candidates: list[Candidate] = []
        self.duplicates: list[Candidate] = []
        self.equals = self._draw(next(self._coming, None))

    def everybody(self) -> list[Candidate]:
        """All candidates."""
        for group in self._coming:
            self._draw(group)
        return self.candidates

    def listed(self) -> tuple[list[Candidate], Counter[Rest]]:
        """All of the draw for the first place, and the next ones up to `LISTED`; how many others there are."""
        while len(self.candidates) < LISTED and (group := next(self._coming, None)):
            self._draw(group)
        left = list(self._coming)
        while any(name in self._twins.clusters for group in left for name in group.names()):
            self._draw(left.pop(0))
        self._coming = iter(left)
        most = max(self.equals, LISTED)
        rest = Counter({group.place: 0 for group in left})
        for group in left:
            rest[group.place] += group.size
        rest.update(_place(candidate) for candidate in self.candidates[most:])
        return self.candidates[:most], rest

    def _draw(self, group: Group | None) -> int:
        """Draws the lots of equals; how many there are, each service once."""
        if group is None:
            return 0
        clusters, before = self._twins.clusters, len(self.candidates)
        drawn = [
            fit.drawn(group.option, self._lots, clusters.get(fit.offer.offer, ()), late=group.late)
            for fit in group.fits()
        ]
        for candidate in sorted(drawn, key=itemgetter(0)):
            if candidate.cluster in self._seen:
                self.duplicates.append(candidate)
                continue
            if candidate.cluster:
                self._seen.add(candidate.cluster)
            self.candidates.append(candidate)
        return len(self.candidates) - before


def _place(candidate: Candidate) -> Rest:
    return candidate.option, BANDS[candidate.way.band], ROOMS[candidate.room.state]


def _groups(answers: Sequence[Answer], twins: Twins) -> Iterator[Group]:
    """Equals of every option, best first; whoever answers an earlier option is not asked again."""
    ranked: set[str] = set()
    for option, answer in enumerate(answers):
        if isinstance(answer, Named):
            fits = [fit for fit in answer.fits if fit.offer.offer not in ranked]
            yield from _of_named(option, fits, twins)
            ranked.update(fit.offer.offer for fit in fits)
        else:
            yield from _of_swept(option, answer, ranked)
            if option + 1 < len(answers):
                ranked.update(offer.offer for offer in answer.sweep.block.offers[answer.orders < OUT])


def _of_named(option: int, fits: Sequence[Fit], twins: Twins) -> Iterator[Group]:
    places: dict[tuple[bool, int, int], list[Fit]] = {}
    for fit in fits:
        place = fit.offer.offer in twins.late, fit.way.rank, fit.room.state
        places.setdefault(place, []).append(fit)
    for (late, rank, state), equals in sorted(places.items(), key=itemgetter(0)):
        names = [fit.offer.offer for fit in equals]
        yield Group(option, late, rank, state, len(equals), names.copy, equals.copy)


def _of_swept(option: int, answer: Swept, ranked: Collection[str]) -> Iterator[Group]:
    offers = answer.sweep.block.offers
    for order, numbers in answer.groups(ranked):
        rank, state = divmod(order % LATE, 4)
        names, fits = partial(_names, offers, numbers), partial(answer.fits, numbers)
        yield Group(option, order >= LATE, rank - 1, state, len(numbers), names, fits)


def _names(offers: Objects, numbers: Numbers) -> list[str]:
    return [offer.offer for offer in offers[numbers]]
