"""Candidates in order: option by option, equals by their lots, one listing of each service.

`decision` asks it. It draws lots group by group, only as far as somebody asks; the order never depends on that.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import count, repeat
from operator import itemgetter
from typing import Any, Final, NamedTuple

from relais_routing.matching.draw import Lot, Lots
from relais_routing.matching.offers import Offer
from relais_routing.matching.outcomes import Aside, Candidate, Fit
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
    """Equals of an option: their ids and tickets, and how to look at each."""

    option: int
    late: bool
    rank: int
    state: int
    names: Sequence[str]
    weights: Sequence[int]
    fit: Callable[[int], Fit]

    @property
    def place(self) -> Rest:
        """What they have in common, in words."""
        return self.option, BANDS[REMOTE if self.rank < 0 else self.rank], ROOMS[self.state]


class Drawn(NamedTuple):
    """One of a group with its lots: of its service, and of the listing."""

    lot: Lot
    own: Lot
    name: str
    number: int
    cluster: tuple[str, ...]
    group: Group

    @property
    def candidate(self) -> Candidate:
        """The offer with its place in the order."""
        group, fit = self.group, self.group.fit(self.number)
        order = (group.option, group.late, group.rank, group.state, self.lot, self.own, self.name)
        return Candidate(order, fit.offer, group.option, fit.way, fit.room, fit.own_group, self.cluster, group.late)


class Ranking:
    """The candidates of all options; each service once, its other listings are duplicates."""

    def __init__(self, answers: Sequence[Answer], lots: Lots, twins: Twins) -> None:
        self._coming, self._lots, self._clusters = _groups(answers, twins), lots, twins.clusters
        self._seen: set[tuple[str, ...]] = set()
        self._drawn: list[Drawn] = []
        self._doubles: list[Drawn] = []
        self.equals = self._draw(next(self._coming, None))

    @cached_property
    def first(self) -> Candidate | None:
        """Who is chosen."""
        return self._drawn[0].candidate if self._drawn else None

    @cached_property
    def everybody(self) -> tuple[Candidate, ...]:
        """All candidates."""
        for group in self._coming:
            self._draw(group)
        return tuple([each.candidate for each in self._drawn])

    @cached_property
    def duplicates(self) -> tuple[Candidate, ...]:
        """The other listings of services that are candidates."""
        self._draw_twins()
        return tuple([each.candidate for each in self._doubles])

    @cached_property
    def listed(self) -> tuple[list[Candidate], Counter[Rest]]:
        """All of the draw for the first place, and the next ones up to `LISTED`; how many others there are."""
        while len(self._drawn) < LISTED and (group := next(self._coming, None)):
            self._draw(group)
        left = self._draw_twins()
        most = max(self.equals, LISTED)
        rest: Counter[Rest] = Counter([each.group.place for each in self._drawn[most:]])
        for group in left:
            rest[group.place] += len(group.names)
        return [each.candidate for each in self._drawn[:most]], rest

    def _draw_twins(self) -> Sequence[Group]:
        """Draws on until no listing of a cluster is left, so that each service is counted once; the groups left."""
        left = list(self._coming)
        while any(name in self._clusters for group in left for name in group.names):
            self._draw(left.pop(0))
        self._coming = iter(left)
        return left

    def _draw(self, group: Group | None) -> int:
        """Draws the lots of equals; how many there are, each service once."""
        if group is None:
            return 0
        before, names = len(self._drawn), group.names
        owns = self._lots.many(names, group.weights)
        drawn: list[Any] = list(zip(owns, owns, names, count(), repeat(()), repeat(group)))
        for number, name in enumerate(names):
            if name in self._clusters:
                drawn[number] = self._clustered(name, number, group)
        for each in map(Drawn._make, sorted(drawn)):
            if each.cluster in self._seen:
                self._doubles.append(each)
                continue
            if each.cluster:
                self._seen.add(each.cluster)
            self._drawn.append(each)
        return len(self._drawn) - before

    def _clustered(self, name: str, number: int, group: Group) -> Drawn:
        """A listing of a cluster has the cluster's lot, and another one among its listings."""
        cluster, weight = self._clusters[name], group.weights[number]
        service, own = self._lots(cluster[0], weight), self._lots.listing(cluster, name, weight)
        return Drawn(service, own, name, number, cluster, group)


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
        names, weights = [fit.offer.offer for fit in equals], [fit.room.weight for fit in equals]
        yield Group(option, late, rank, state, names, weights, equals.__getitem__)


def _of_swept(option: int, answer: Swept, ranked: Collection[str]) -> Iterator[Group]:
    sweep = answer.sweep
    for order, numbers in answer.groups(ranked):
        rank, state = divmod(order % LATE, 4)
        names, weights = [offer.offer for offer in sweep.block.offers[numbers]], sweep.weights[numbers].tolist()
        fit = partial(_fit, answer, numbers)
        yield Group(option, order >= LATE, rank - 1, state, names, weights, fit)


def _fit(answer: Swept, numbers: Numbers, number: int) -> Fit:
    return answer.fit(int(numbers[number]))
