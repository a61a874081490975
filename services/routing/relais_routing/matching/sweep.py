"""The rules asked of a whole block of offers at once, for options that name nobody.

It says what `rules` says of each, by the same integers; what columns do not hold (sessions, closures, places taken
since) it looks up offer by offer. A sweep judges all that no option changes, `under` an option the way there. Nothing
is drawn here.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

import numpy as np

from relais_routing.matching import columns as at
from relais_routing.matching.ask import Ask, Limits, Way, remote_rank
from relais_routing.matching.columns import Bits, Block, Codes
from relais_routing.matching.masks import BIT
from relais_routing.matching.offers import Offer
from relais_routing.matching.outcomes import Fit
from relais_routing.matching.reach import BAND_ENDS, REMOTE, UNKNOWN, Numbers, Travel
from relais_routing.matching.room import FULL, room_of
from relais_routing.matching.rules import shut
from relais_routing.matching.verdicts import Verdict

RANKS: Final = np.array((0, 1, 2, 4))
"""Rank of a way on site, by how many of `BAND_ENDS` it is longer than."""
NOWHERE: Final = 8
"""Rank of a way that does not lead there."""
LATE: Final = 32
"""Added to the order of what is like an offer tried already: it comes after all others of its option."""
OUT: Final = 2 * LATE
"""The order of an offer is 4 x (rank of the way + 1) + state of the room; from here on it is set aside."""


class Sweep:
    """One block, judged by every rule but reach; `served` tells who serves the person's territory (none: all)."""

    def __init__(self, ask: Ask, block: Block, codes: Codes, travel: Travel, served: Bits | None = None) -> None:
        self.block, self.taken = block, dict[str, int]()
        self.today, self.request = ask.today, ask.request
        self.minutes = travel(codes.home(ask.home), block.places, ask.request.means)
        self.no_road: Bits = block.columns[at.LAND] != codes.known(ask.home.land)
        self.against: Numbers = np.zeros(len(block.offers), np.int64)
        self.states, self.weights = self._rooms(ask)
        self._occupations(ask)
        self._people(ask, codes)
        self._dates(ask)
        self._set(self.states == FULL, Verdict.FULL)
        if ask.excluded:
            tried = [number for number, offer in enumerate(block.offers) if offer.offer in ask.excluded]
            self.against[tried] += BIT[Verdict.ALREADY_TRIED]
        self.served = served

    def under(self, limits: Limits) -> "Swept":
        """What becomes of the block under an option's limits."""
        return Swept(self, limits)

    def _rooms(self, ask: Ask) -> tuple[Numbers, Numbers]:
        """The state of each room today, and its tickets."""
        block, today = self.block, ask.today
        states, weights = block.columns[at.ROOM].copy(), block.columns[at.WEIGHT].copy()
        if block.flags & at.SESSION:
            states[block.columns[at.STARTS] < today.toordinal()] = FULL
        if ask.taken:
            self._take(ask.taken, states, weights)
        for number in block.having(at.SEVERAL):
            room = room_of(block.offers[number], today, self.taken)
            states[number], weights[number] = room.state, room.weight
        return states, weights

    def _take(self, taken: Mapping[str, int], states: Numbers, weights: Numbers) -> None:
        """Counts what was taken of places since they were declared, and keeps it."""
        block = self.block
        counted = block.having(at.COUNTED)
        for number, offer in zip(counted, block.offers[counted].tolist(), strict=True):
            for places in offer.places:
                if places.key in taken and (declared := places.counted) is not None:
                    self.taken[places.key] = taken[places.key]
                    free = declared - taken[places.key]
                    weights[number] = max(1, free)
                    if free <= 0:
                        states[number] = FULL

    def _occupations(self, ask: Ask) -> None:
        if not ask.rome and not ask.formacode:
            return
        for number in self.block.having(at.ROME * bool(ask.rome) | at.FORMACODE * bool(ask.formacode)):
            offer = self.block.offers[number]
            rome = ask.rome and offer.rome and ask.rome.isdisjoint(offer.rome)
            if rome or (ask.formacode and offer.formacode and ask.formacode.isdisjoint(offer.formacode)):
                self.against[number] |= BIT[Verdict.OTHER_OCCUPATION]

    def _people(self, ask: Ask, codes: Codes) -> None:
        """Whom an offer welcomes, who may send them, and whose it is."""
        flags, columns = self.block.flags, self.block.columns
        if flags & at.CHOOSY:
            welcome = at.publics(ask.audiences) | at.EVERYBODY
            self._set(columns[at.AUDIENCES] & welcome == 0, Verdict.OTHER_AUDIENCE)
        if flags & at.UNREFERRED:
            self._set(columns[at.FLAGS] & at.UNREFERRED != 0, Verdict.SELF_REFERRAL)
        own = {codes.known(ask.request.operator), -1 if ask.group is None else codes.known(ask.group)} - {-1}
        if own:
            group, partner = columns[at.GROUP], columns[at.PARTNER]
            several = [(partner == one) | (group == one) for one in own]
            self._set(np.logical_or.reduce(several), Verdict.OWN_GROUP)

    def _dates(self, ask: Ask) -> None:
        block, today = self.block, ask.today.toordinal()
        if block.ends < today:
            self._set(block.columns[at.ENDS] < today, Verdict.ENDED)
        if block.opens > today:
            opens = (block.columns[at.OPENS] > today) & (block.columns[at.ENDS] >= today)
            self._set(opens, Verdict.NOT_YET_OPEN)
        for number in block.having(at.SHUT):
            offer = block.offers[number]
            verdict = shut(offer, ask.today)
            if verdict and offer.open_from <= ask.today <= offer.open_until:
                self.against[number] |= BIT[verdict]

    def _set(self, fault: Bits, verdict: Verdict) -> None:
        self.against += fault * BIT[verdict]


class Swept:
    """A sweep under one option: `against` holds every verdict, `orders` where each comes."""

    def __init__(self, sweep: Sweep, limits: Limits) -> None:
        self.sweep = sweep
        self._ranks = self._ways(limits)
        self.against = sweep.against + self._unreached(limits)
        if sweep.served is not None:
            self.against = np.where(sweep.served, self.against, BIT[Verdict.OUT_OF_TERRITORY])
        self.orders: Numbers = np.where(self.against == 0, 4 * self._ranks + (sweep.states + 4), OUT)

    def groups(self, ranked: Collection[str] = ()) -> Iterator[tuple[int, Numbers]]:
        """Equals, best first: their order and their numbers; without those `ranked` before."""
        orders = self.orders.copy()
        if ranked:
            orders[[offer.offer in ranked for offer in self.sweep.block.offers]] = OUT
        while len(orders) and (best := int(orders.min())) < OUT:
            equal = orders == best
            yield best, np.flatnonzero(equal)
            orders[equal] = OUT

    def alike(self) -> list[Offer]:
        """Those who fit and are like another source's listing."""
        block = self.sweep.block
        return [block.offers[number] for number in block.having(at.ALIKE) if self.orders[number] < OUT]

    def put_off(self, names: Collection[str]) -> None:
        """Lets offers come after all others."""
        for number in self.sweep.block.having(at.ALIKE):
            if self.sweep.block.offers[number].offer in names and self.orders[number] < OUT:
                self.orders[number] += LATE

    def fit(self, number: int) -> Fit:
        """The offer of that number, which fits."""
        sweep = self.sweep
        offer, rank = sweep.block.offers[number], int(self._ranks[number])
        room = room_of(offer, sweep.today, sweep.taken)
        if rank in (-1, REMOTE):
            return Fit(offer, Way(rank, REMOTE, None), room, False)
        return Fit(offer, Way(rank, rank, int(sweep.minutes[number])), room, False)

    def _ways(self, limits: Limits) -> Numbers:
        """The rank of the best way to each."""
        sweep, block = self.sweep, self.sweep.block
        minutes = sweep.minutes
        ranks: Numbers = RANKS[np.searchsorted(BAND_ENDS, minutes)]
        self._on_site = block.columns[at.FLAGS] & at.IN_PERSON != 0
        if not limits.in_person:
            self._on_site = np.zeros_like(self._on_site)
        ranks[~self._on_site | (minutes > limits.minutes) | (minutes == UNKNOWN) | sweep.no_road] = NOWHERE
        if limits.remote and block.flags & at.REMOTE:
            rank = remote_rank(sweep.request)
            ranks[(block.columns[at.FLAGS] & at.REMOTE != 0) & (ranks > rank)] = rank
        return ranks

    def _unreached(self, limits: Limits) -> Numbers:
        """Why there is no way, where there is none."""
        sweep, flags = self.sweep, self.sweep.block.columns[at.FLAGS]
        why = np.where(sweep.no_road, BIT[Verdict.NO_ROAD], BIT[Verdict.TOO_FAR])
        why[sweep.minutes == UNKNOWN] = BIT[Verdict.PLACE_UNKNOWN]
        refused = sweep.request.remote == "refused"
        mode = np.where((flags & at.REMOTE != 0) & refused, BIT[Verdict.REMOTE_REFUSED], BIT[Verdict.OTHER_MODE])
        return np.where(self._ranks == NOWHERE, np.where(self._on_site, why, mode), 0)
