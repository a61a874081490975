"""The rules asked of a whole block of offers at once, for an option that names nobody.

It says what `rules` says of each, by the same integers; where an offer is beyond columns (sessions, closures, places
taken since, no known place) it asks `rules` themselves. Nothing is drawn here.
"""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from math import isqrt
from typing import Final

import numpy as np

from relais_routing.matching import columns as at
from relais_routing.matching.ask import Ask, Limits, Way
from relais_routing.matching.columns import Bits, Block, Codes, Numbers
from relais_routing.matching.outcomes import Aside, Fit, judged
from relais_routing.matching.reach import REMOTE, farthest, paces
from relais_routing.matching.room import FULL, room_of
from relais_routing.matching.verdicts import STAGE, Verdict, stage_of
from relais_territories.distances import COSINES, METRE

COSINE: Final = np.array(COSINES, np.int64)
BEYOND: Final = 8
"""Rank of a way that leads nowhere."""
OUT: Final = 4 * BEYOND
"""The order of an offer is 4 x rank of the way + state of the room; from here on it is set aside."""


class Sweep:
    """One option over one block: who fits, and why the others do not."""

    def __init__(self, ask: Ask, limits: Limits, block: Block, codes: Codes) -> None:
        self._ask, self._limits, self._block = ask._replace(taken={}), limits, block
        self._settings: Numbers | None = None
        self._faults: list[tuple[Bits, Verdict]] = []
        self._odd: dict[int, Fit | Aside] = {}
        if ask.home.latitude is None or ask.home.longitude is None:
            self.orders = np.full(len(block.offers), OUT, np.int64)
            odd = set(range(len(block.offers)))
        else:
            self._squares = _squares(ask.home.latitude, ask.home.longitude, block.columns)
            self.orders = self._reached(codes) * 4 + block.columns[at.ROOM]
            self._judge(codes)
            odd = _odd(ask, block)
        for number in odd:
            found = self._odd[number] = judged(ask, limits, block.offers[number])
            self.orders[number] = 4 * found.way.rank + found.room.state if isinstance(found, Fit) else OUT
        self.fitting = int(np.count_nonzero(self.orders < OUT))

    def first(self) -> list[Fit]:
        """Those among whom the lot decides: the nearest band, and in it the best room. Somebody must fit."""
        return [self._fit(int(number)) for number in np.flatnonzero(self.orders == self.orders.min())]

    def fits(self) -> list[Fit]:
        """Everybody who fits."""
        return [self._fit(int(number)) for number in np.flatnonzero(self.orders < OUT)]

    def asides(self) -> Iterator[Aside]:
        """Everybody else, with all verdicts."""
        for number in np.flatnonzero(self.orders >= OUT):
            found = self._odd.get(int(number)) or judged(self._ask, self._limits, self._block.offers[number])
            assert isinstance(found, Aside)
            yield found

    def counts(self) -> Counter[str]:
        """Everybody else, by the first verdict."""
        counts: Counter[str] = Counter()
        left = self._plain()
        for fault, verdict in self._in_order():
            counts[verdict.value] += int(np.count_nonzero(left & fault))
            left &= ~fault
        counts.update(odd.verdicts[0].value for odd in self._odd.values() if isinstance(odd, Aside))
        return +counts

    def stage(self) -> int:
        """How far those set aside came at most."""
        stages = [stage_of(odd.verdicts) for odd in self._odd.values() if isinstance(odd, Aside)]
        left = self._plain()
        for fault, verdict in sorted(self._in_order(), key=lambda each: STAGE[each[1]]):
            if (left & fault).any():
                stages.append(STAGE[verdict])
            left &= ~fault
        return max(stages, default=0)

    def _reached(self, codes: Codes) -> Numbers:
        """The rank of the best way to each."""
        ask, limits, columns = self._ask, self._limits, self._block.columns
        bounds = _bounds(ask.request.means, limits.minutes)
        if ask.home.density:
            near = columns[at.EPCI] == codes.known(ask.home.epci)
            self._settings = np.where(near, ask.home.density, np.minimum(columns[at.DENSITY], 1))
            beyond = (self._squares >= bounds[:, self._settings]).view(np.int8)
        else:
            beyond = (self._squares >= bounds[:, :1]).view(np.int8)
        self._no_road = columns[at.LAND] != codes.known(ask.home.land)
        away = self._no_road | (columns[at.FLAGS] & at.IN_PERSON == 0)
        ranks: Numbers = beyond[0] + beyond[1] + 2 * beyond[2] + BEYOND * (beyond[3] | away | (not limits.in_person))
        if limits.remote and self._block.flags & at.REMOTE:
            rank = -1 if ask.request.remote == "preferred" else REMOTE
            ranks[(columns[at.FLAGS] & at.REMOTE != 0) & (ranks > rank)] = rank
        self._lost = ranks >= BEYOND
        return ranks.astype(np.int64)

    def _judge(self, codes: Codes) -> None:
        """Every rule but reach and what is tried, in the order of `rules.RULES`."""
        ask, block, today = self._ask, self._block, self._ask.today.toordinal()
        self._occupations()
        columns = block.columns
        welcome = at.publics(ask.audiences) | at.EVERYBODY
        self._against(columns[at.AUDIENCES] & welcome == 0, Verdict.OTHER_AUDIENCE)
        group, operator = columns[at.GROUP], codes.known(ask.request.operator)
        own = (columns[at.PARTNER] == operator) | (group == operator)
        if ask.group is not None:
            organisation = codes.known(ask.group)
            own |= (columns[at.PARTNER] == organisation) | (group == organisation)
        self._against(own, Verdict.OWN_GROUP)
        if block.ends < today:
            self._against(columns[at.ENDS] < today, Verdict.ENDED)
        if block.opens > today:
            self._against((columns[at.OPENS] > today) & (columns[at.ENDS] >= today), Verdict.NOT_YET_OPEN)
        self._against(columns[at.ROOM] == FULL, Verdict.FULL)

    def _occupations(self) -> None:
        ask, block = self._ask, self._block
        if not (ask.rome and block.flags & at.ROME) and not (ask.formacode and block.flags & at.FORMACODE):
            return
        other = np.zeros(len(block.offers), np.bool_)
        for number in np.flatnonzero(block.columns[at.FLAGS] & (at.ROME | at.FORMACODE)):
            offer = block.offers[number]
            rome = ask.rome and offer.rome and ask.rome.isdisjoint(offer.rome)
            other[number] = rome or (ask.formacode and offer.formacode and ask.formacode.isdisjoint(offer.formacode))
        self._against(other, Verdict.OTHER_OCCUPATION)

    def _against(self, fault: Bits, verdict: Verdict) -> None:
        self._faults.append((fault, verdict))
        self.orders[fault] = OUT

    def _plain(self) -> Bits:
        """Those set aside of whom columns tell why."""
        left: Bits = self.orders >= OUT
        left[list(self._odd)] = False
        return left

    def _in_order(self) -> list[tuple[Bits, Verdict]]:
        """Every fault, reach in its place: after the need, before all others."""
        need = [fault for fault in self._faults if fault[1] is Verdict.OTHER_OCCUPATION]
        return [*need, *self._unreached(), *self._faults[len(need) :]]

    def _unreached(self) -> list[tuple[Bits, Verdict]]:
        if not self._faults:
            return []
        columns = self._block.columns
        on_site = columns[at.FLAGS] & at.IN_PERSON != 0 if self._limits.in_person else np.zeros_like(self._lost)
        remote = columns[at.FLAGS] & at.REMOTE != 0
        refused = remote if self._ask.request.remote == "refused" else np.zeros_like(remote)
        return [
            (self._lost & on_site & self._no_road, Verdict.NO_ROAD),
            (self._lost & on_site, Verdict.TOO_FAR),
            (self._lost & refused, Verdict.REMOTE_REFUSED),
            (self._lost, Verdict.OTHER_MODE),
        ]

    def _fit(self, number: int) -> Fit:
        odd = self._odd.get(number)
        if isinstance(odd, Fit):
            return odd
        offer, rank = self._block.offers[number], int(self.orders[number]) >> 2
        if rank in (-1, REMOTE):
            return Fit(offer, Way(rank, REMOTE, None), room_of(offer, self._ask.today, {}), False)
        setting = 0 if self._settings is None else int(self._settings[number])
        crow = isqrt(int(self._squares[number]))
        minutes = min([lost - crow * up // down for lost, up, down in paces(self._ask.request.means, setting)])
        return Fit(offer, Way(rank, rank, minutes), room_of(offer, self._ask.today, {}), False)


@cache
def _bounds(means: tuple[str, ...], minutes: int) -> Numbers:
    """The squares of the first metre beyond each band, and beyond the person's limit, by setting."""
    return np.array([[farthest(means, number, most) for number in range(3)] for most in (15, 30, 60, minutes)])


def _squares(latitude: int, longitude: int, columns: Numbers) -> Numbers:
    """The squares of the crow's metres, as `relais_territories.metres` reckons them."""
    north = (columns[at.LATITUDE] - latitude) * METRE // 1000
    middle = np.abs(columns[at.LATITUDE] + latitude) // 20_000
    east = (columns[at.LONGITUDE] - longitude) * METRE * COSINE[middle] // 1_000_000_000
    squares: Numbers = north * north + east * east
    return squares


def _odd(ask: Ask, block: Block) -> set[int]:
    """The offers whose answer columns do not hold."""
    odd: set[int] = set()
    flags = block.columns[at.FLAGS]
    if block.flags & at.ODD:
        odd.update(np.flatnonzero(flags & at.ODD).tolist())
    if ask.taken and block.flags & at.PLACES:
        counted = np.flatnonzero(flags & at.PLACES).tolist()
        odd.update(number for number in counted if any(key in ask.taken for key in block.offers[number].keys))
    if ask.excluded:
        odd.update(number for number, offer in enumerate(block.offers) if offer.offer in ask.excluded)
    return odd
