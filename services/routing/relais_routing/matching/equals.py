"""Equals: offers of one option that nothing but the lot tells apart, best first.

Between the answers to a request's options and `ranking`, which draws. Whoever answers an earlier option is not asked
again.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import NamedTuple, TypeVar

import numpy as np

from relais_routing.matching.columns import ALIKE, FLAGS, UNCOUNTED
from relais_routing.matching.draw import Labels, labels
from relais_routing.matching.offers import Offer
from relais_routing.matching.outcomes import Aside, Fit
from relais_routing.matching.reach import BANDS, REMOTE, Numbers
from relais_routing.matching.room import ROOMS
from relais_routing.matching.sweep import LATE, OUT, Swept

T = TypeVar("T")


class Named(NamedTuple):
    """The few offers that the person named; `late` are likely the same service as one that was tried."""

    outcomes: Sequence[Fit | Aside]
    late: set[str]

    @property
    def fits(self) -> list[Fit]:
        """Those that may be proposed."""
        return [each for each in self.outcomes if isinstance(each, Fit)]

    def alike(self) -> list[Offer]:
        """Those who fit and are like another listing."""
        return [fit.offer for fit in self.fits if fit.offer.alike]

    def put_off(self, names: Collection[str]) -> None:
        """Lets offers come after all others."""
        self.late.update(names)


Answer = Swept | Named
Rest = tuple[int, str, str]
"""Option, band and room of candidates that are counted."""


class Place(NamedTuple):
    """What comes before any lot: option, like one tried or not, rank of the way, state of the room."""

    option: int
    late: bool
    rank: int
    state: int

    @property
    def said(self) -> Rest:
        """The place in words."""
        return self.option, BANDS[REMOTE if self.rank < 0 else self.rank], ROOMS[self.state]


@dataclass(frozen=True, slots=True)
class Equals:
    """The offers in one place of the order, their labels and free places; `alike` are the numbers of those with twins.

    `offer` gives one by its number here, `fit` looks at it.
    """

    place: Place
    labels: Labels
    free: Numbers
    alike: Sequence[int]
    offer: Callable[[int], Offer]
    fit: Callable[[int], Fit]

    def __len__(self) -> int:
        return len(self.free)

    def name(self, number: int) -> str:
        """The id of one."""
        return self.offer(number).offer

    def likes(self) -> list[str]:
        """The ids of those with twins."""
        return [self.name(number) for number in self.alike]


def equals_of(answers: Sequence[Answer]) -> Iterator[Equals]:
    """Equals of every option, best first."""
    ranked: set[str] = set()
    for option, answer in enumerate(answers):
        if isinstance(answer, Named):
            fits = [fit for fit in answer.fits if fit.offer.offer not in ranked]
            yield from _of_named(option, fits, answer.late)
            ranked.update(fit.offer.offer for fit in fits)
        else:
            yield from _of_swept(option, answer, ranked)
            if option + 1 < len(answers):
                fitting = (answer.orders < OUT).nonzero()[0].tolist()
                ranked.update(answer.sweep.block.offer(number).offer for number in fitting)


def _of_named(option: int, fits: Sequence[Fit], late: Collection[str]) -> Iterator[Equals]:
    places: dict[Place, list[Fit]] = {}
    for fit in fits:
        place = Place(option, fit.offer.offer in late, fit.way.rank, fit.room.state)
        places.setdefault(place, []).append(fit)
    for place, equals in sorted(places.items(), key=itemgetter(0)):
        offers = [fit.offer for fit in equals]
        free = [UNCOUNTED if fit.room.free is None else fit.room.free for fit in equals]
        alike = [number for number, offer in enumerate(offers) if offer.alike]
        found = labels([offer.offer for offer in offers])
        yield Equals(place, found, np.array(free, np.int32), alike, offers.__getitem__, equals.__getitem__)


def _of_swept(option: int, answer: Swept, ranked: Collection[str]) -> Iterator[Equals]:
    sweep, block = answer.sweep, answer.sweep.block
    for order, numbers in answer.groups(ranked):
        rank, state = divmod(order % LATE, 4)
        alike = (block.columns[FLAGS][numbers] & ALIKE).nonzero()[0].tolist() if block.some & ALIKE else ()
        yield Equals(
            Place(option, order >= LATE, rank - 1, state),
            block.labels(numbers),
            sweep.free[numbers],
            alike,
            partial(_one, block.offer, numbers),
            partial(_one, answer.fit, numbers),
        )


def _one(of: Callable[[int], T], numbers: Numbers, number: int) -> T:
    """What there is of one that has another number in the block."""
    return of(int(numbers[number]))
