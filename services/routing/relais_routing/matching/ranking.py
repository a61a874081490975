"""Candidates in order: place by place, equals by their lots, one listing of each service.

`decision` asks it. It draws equals after equals, only as far as somebody asks; the order never depends on that.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np

from relais_routing.matching.ask import Way
from relais_routing.matching.draw import Drawn, Lot, Lots, labels, of_listing
from relais_routing.matching.equals import Answer, Equals, Place, Rest, equals_of
from relais_routing.matching.offers import Offer
from relais_routing.matching.outcomes import Fit
from relais_routing.matching.room import MOST, Room
from relais_routing.matching.twins import Members, Twins

Order = tuple[int, bool, int, int, Lot, Lot, str]
"""Number of the option, late, rank of the way, state of the room, lot of the service, of the listing, and id: compared
in this order, smallest first."""


class Seat(NamedTuple):
    """One of the order: those it was drawn among, its number there, and the cluster it stands for, if any."""

    drawn: "DrawnEquals"
    number: int
    cluster: Members

    @property
    def place(self) -> Place:
        """Its place before any lot."""
        return self.drawn.equals.place

    @property
    def offer(self) -> Offer:
        """The offer."""
        return self.drawn.equals.offer(self.number)

    @property
    def free(self) -> int | None:
        """Its free places; none: not counted."""
        free = int(self.drawn.equals.free[self.number])
        return None if free < 0 else free

    @property
    def fit(self) -> Fit:
        """How it fits."""
        return self.drawn.equals.fit(self.number)

    @property
    def order(self) -> Order:
        """Its place in the order, lots and all."""
        return *self.place, *self.drawn.lots(self.number), self.offer.offer

    @property
    def candidate(self) -> "Candidate":
        """All there is to say of it."""
        return Candidate(self, *self.fit)


class Candidate(NamedTuple):
    """An offer that may be proposed, in its seat."""

    seat: Seat
    offer: Offer
    way: Way
    room: Room
    own_group: bool

    @property
    def order(self) -> Order:
        """Its place in the order."""
        return self.seat.order

    @property
    def option(self) -> int:
        """The number of the option it answers, from 0."""
        return self.seat.place.option

    @property
    def late(self) -> bool:
        """Whether it is like one that was tried."""
        return self.seat.place.late

    @property
    def cluster(self) -> Members:
        """The ids of the listings that share its ticket, if any."""
        return self.seat.cluster


class Listed(NamedTuple):
    """What a record tells of candidates: the first ones, the others of the draw for the first place, and the rest."""

    candidates: Sequence[Seat]
    equals: Sequence[Seat]
    rest: Mapping[Rest, int]


class DrawnEquals:
    """Equals with what was drawn for them: a lot of each service, and one of each listing of those listed twice."""

    def __init__(self, equals: Equals, lots: Lots, twins: Twins) -> None:
        self.equals, self._lots = equals, lots
        self._weights = np.minimum(np.maximum(equals.free, 1), MOST)
        self.clusters: dict[int, Members] = {}
        if equals.alike:
            names = equals.likes()
            found = twins.of(names)
            self.clusters = {each: found[name] for each, name in zip(equals.alike, names, strict=True) if name in found}
        self._services = self._drawn([members[0] for members in self.clusters.values()])

    @cached_property
    def _listings(self) -> Drawn:
        """Of a listing that stands alone it is the lot of its service."""
        names = [of_listing(members, self.equals.name(number)) for number, members in self.clusters.items()]
        return self._drawn(names) if names else self._services

    def _drawn(self, names: Sequence[str]) -> Drawn:
        """What is drawn for all; those in clusters go under other names."""
        found = self.equals.labels
        if names:
            found = found.copy()
            found[list(self.clusters)] = labels(names)
        return self._lots.many(found)

    def lots(self, number: int) -> tuple[Lot, Lot]:
        """The lot of a service, and of the listing."""
        weight = int(self._weights[number])
        return self._services.lot(number, weight), self._listings.lot(number, weight)

    def first(self) -> Seat:
        """Whose lots are smallest."""
        near = self._services.smallest(self._weights)
        number = near[0] if len(near) == 1 else min(near, key=self.lots)
        return self._seat(number)

    def order(self) -> Iterator[Seat]:
        """All, by their lots."""
        for number in self._services.order(self._weights, self._listings if self.clusters else None):
            yield self._seat(number)

    def services(self) -> int:
        """How many there are, each service once."""
        return len(self.equals) - len(self.clusters) + len(set(self.clusters.values()))

    def _seat(self, number: int) -> Seat:
        return Seat(self, number, self.clusters.get(number, ()))


class Ranking:
    """The candidates of all options; each service once, its other listings are duplicates."""

    def __init__(self, answers: Sequence[Answer], lots: Lots, twins: Twins) -> None:
        self._lots, self._twins = lots, twins
        coming = equals_of(answers)
        first = next(coming, None)
        self._first = DrawnEquals(first, lots, twins) if first else None
        self._coming: Iterator[Equals] = chain((first,) if first else (), coming)
        self._seats: list[Seat] = []
        self._doubles: list[Seat] = []
        self._seen: set[Members] = set()
        self._counted: list[tuple[Equals, int]] | None = None
        """What is left, as long as nothing more is drawn."""

    @cached_property
    def first(self) -> Candidate | None:
        """Who is chosen."""
        return self._first.first().candidate if self._first else None

    @property
    def equals(self) -> int:
        """How many took part in the draw for the first place, each service once."""
        return self._first.services() if self._first else 0

    @property
    def among(self) -> Sequence[Seat]:
        """Who took part in it, in order."""
        self._draw_up_to(self.equals)
        return self._seats[: self.equals]

    @cached_property
    def everybody(self) -> tuple[Candidate, ...]:
        """All candidates."""
        self._draw_up_to(sys.maxsize)
        return tuple([each.candidate for each in self._seats])

    @cached_property
    def duplicates(self) -> tuple[Candidate, ...]:
        """The other listings of services that are candidates."""
        self._draw_up_to(sys.maxsize)
        return tuple([each.candidate for each in self._doubles])

    @cached_property
    def twice(self) -> int:
        """How many these are."""
        return len(self._doubles) + sum([again for _, again in self._left()])

    def listed(self, most: int) -> Listed:
        """The first ones up to `most`, the others of the draw for the first place; how many others there are."""
        self._draw_up_to(most)
        rest = Counter([each.place.said for each in self._seats[max(self.equals, most) :]])
        for equals, again in self._left():
            rest[equals.place.said] += len(equals) - again
        return Listed(self._seats[:most], self._seats[most : self.equals], +rest)

    def _draw_up_to(self, many: int) -> None:
        while len(self._seats) < many and (equals := next(self._coming, None)):
            self._draw(equals)

    def _left(self) -> Sequence[tuple[Equals, int]]:
        """What is not drawn yet, and how many of each are listings of a service that comes before them."""
        if self._counted is None:
            left, seen = list(self._coming), set(self._seen)
            self._coming, self._counted = iter(left), []
            for equals in left:
                names = equals.likes()
                clusters = self._twins.of(names)
                members = [clusters[name] for name in names if name in clusters]
                self._counted.append((equals, len(members) - len(set(members) - seen)))
                seen.update(members)
        return self._counted

    def _draw(self, equals: Equals) -> None:
        """Takes equals into the order, of each service whoever comes first."""
        self._counted = None
        first = self._first
        drawn = first if first and equals is first.equals else DrawnEquals(equals, self._lots, self._twins)
        for seat in drawn.order():
            if seat.cluster in self._seen:
                self._doubles.append(seat)
                continue
            if seat.cluster:
                self._seen.add(seat.cluster)
            self._seats.append(seat)
