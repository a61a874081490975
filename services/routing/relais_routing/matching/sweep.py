"""The rules asked of a whole block of offers at once, for options that name nobody.

It says what `rules` says of each, by the same integers; what columns do not hold (specialities, closures) it looks up
offer by offer. A sweep judges all that no option changes, `under` an option the way there. Nothing is drawn here.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import Final

import numpy as np

from relais_routing.matching import columns as at
from relais_routing.matching.ask import Ask, Limits, Way, remote_rank
from relais_routing.matching.columns import Bits, Codes
from relais_routing.matching.masks import BIT
from relais_routing.matching.offers import Offer
from relais_routing.matching.outcomes import Fit
from relais_routing.matching.reach import BAND_ENDS, REMOTE, UNKNOWN, Numbers, Travel, band
from relais_routing.matching.room import FULL, room_of
from relais_routing.matching.rooms import rooms
from relais_routing.matching.rules import shut
from relais_routing.matching.table import Block
from relais_routing.matching.verdicts import Verdict

NOWHERE: Final = 8
"""Rank of a way that does not lead there."""
LONG: Final = BAND_ENDS[-1] + 1
RANKS: Final = np.array([*map(band, range(LONG + 1)), NOWHERE], np.int32)
"""Rank of a way on site by its minutes, `LONG` for all above; the last one is that of minutes `UNKNOWN`."""
LATE: Final = 32
"""Added to the order of what is like an offer tried already: it comes after all others of its option."""
OUT: Final = 2 * LATE
"""The order of an offer is 4 x (rank of the way + 1) + state of the room; from here on it is set aside."""


class Sweep:
    """One block, judged by every rule but reach; `served` tells who serves the person's territory (none: all)."""

    def __init__(self, ask: Ask, block: Block, codes: Codes, travel: Travel, served: Bits | None = None) -> None:
        self.block, self.served = block, served
        self.today, self.request = ask.today, ask.request
        self.minutes = travel(codes.home(ask.home), block.places, ask.request.means)
        self.no_road: Bits = block.columns[at.LAND] != codes.known(ask.home.land)
        self._faults: list[tuple[Verdict, Bits]] = []
        self.faulty: Bits = np.zeros(len(block), np.bool_)
        """Whether any verdict but that of reach and territory is against an offer."""
        self.states, self.free, self.taken = rooms(block, ask.today.toordinal(), ask.taken)
        self._occupations(ask)
        self._people(ask, codes)
        self._dates(ask)
        self._set(Verdict.FULL, self.states == FULL)
        if ask.excluded:
            tried = [number for number, offer in enumerate(block.offers) if offer.offer in ask.excluded]
            self._mark(Verdict.ALREADY_TRIED, tried)

    def under(self, limits: Limits) -> "Swept":
        """What becomes of the block under an option's limits."""
        return Swept(self, limits)

    @cached_property
    def against(self) -> Numbers:
        """The verdicts of each, but those of reach and territory."""
        masks: Numbers = np.zeros(len(self.block), np.int32)
        for verdict, fault in self._faults:
            masks += fault * np.int32(BIT[verdict])
        return masks

    def _occupations(self, ask: Ask) -> None:
        if not ask.rome and not ask.formacode:
            return
        others = []
        for number in self.block.having(at.ROME * bool(ask.rome) | at.FORMACODE * bool(ask.formacode)).tolist():
            offer = self.block.offer(number)
            rome = ask.rome and offer.rome and ask.rome.isdisjoint(offer.rome)
            if rome or (ask.formacode and offer.formacode and ask.formacode.isdisjoint(offer.formacode)):
                others.append(number)
        self._mark(Verdict.OTHER_OCCUPATION, others)

    def _people(self, ask: Ask, codes: Codes) -> None:
        """Whom an offer welcomes, who may send them, and whose it is."""
        block, columns = self.block, self.block.columns
        if block.some & at.CHOOSY:
            welcome = at.publics(ask.audiences) | at.EVERYBODY
            self._set(Verdict.OTHER_AUDIENCE, columns[at.AUDIENCES] & welcome == 0)
        if block.some & at.UNREFERRED:
            self._set(Verdict.SELF_REFERRAL, block.flagged(at.UNREFERRED))
        own = {codes.known(ask.request.operator), -1 if ask.group is None else codes.known(ask.group)} - {-1}
        for one in own:
            self._set(Verdict.OWN_GROUP, (columns[at.PARTNER] == one) | (columns[at.GROUP] == one))

    def _dates(self, ask: Ask) -> None:
        block, columns, today = self.block, self.block.columns, ask.today.toordinal()
        if block.some & at.DATED:
            ended = columns[at.ENDS] < today
            self._set(Verdict.ENDED, ended)
            self._set(Verdict.NOT_YET_OPEN, (columns[at.OPENS] > today) & ~ended)
        if not block.some & at.SHUT:
            return
        closed: dict[Verdict, list[int]] = {}
        for number in ((columns[at.SHUTS] <= today) & (columns[at.REOPENS] >= today)).nonzero()[0].tolist():
            offer = block.offer(number)
            verdict = shut(offer, ask.today)
            if verdict and offer.open_from <= ask.today <= offer.open_until:
                closed.setdefault(verdict, []).append(number)
        for verdict, numbers in closed.items():
            self._mark(verdict, numbers)

    def _mark(self, verdict: Verdict, numbers: Sequence[int]) -> None:
        if numbers:
            fault = np.zeros(len(self.faulty), np.bool_)
            fault[numbers] = True
            self._set(verdict, fault)

    def _set(self, verdict: Verdict, fault: Bits) -> None:
        self._faults.append((verdict, fault))
        self.faulty |= fault


class Swept:
    """A sweep under one option: `orders` holds where each comes, `against` every verdict."""

    def __init__(self, sweep: Sweep, limits: Limits) -> None:
        self.sweep, self._limits = sweep, limits
        self._ranks = self._ways()
        out = sweep.faulty | (self._ranks == NOWHERE)
        if sweep.served is not None:
            out |= ~sweep.served
        self.orders: Numbers = np.where(out, OUT, 4 * self._ranks + (sweep.states + 4))

    @cached_property
    def against(self) -> Numbers:
        """The verdicts of each."""
        masks = self.sweep.against + self._unreached()
        if self.sweep.served is not None:
            masks = np.where(self.sweep.served, masks, BIT[Verdict.OUT_OF_TERRITORY])
        return masks

    def groups(self, ranked: Collection[str] = ()) -> Iterator[tuple[int, Numbers]]:
        """Equals, best first: their order and their numbers; without those `ranked` before."""
        orders = self.orders.copy()
        if ranked:
            orders[[offer.offer in ranked for offer in self.sweep.block.offers]] = OUT
        while len(orders) and (best := int(orders.min())) < OUT:
            equal = orders == best
            yield best, equal.nonzero()[0]
            orders[equal] = OUT

    def alike(self) -> list[Offer]:
        """Those who fit and are like another listing."""
        block = self.sweep.block
        numbers = block.having(at.ALIKE)
        return [block.offer(number) for number in numbers[self.orders[numbers] < OUT].tolist()]

    def put_off(self, names: Collection[str]) -> None:
        """Lets offers come after all others."""
        for number in self.sweep.block.having(at.ALIKE).tolist():
            if self.sweep.block.offer(number).offer in names and self.orders[number] < OUT:
                self.orders[number] += LATE

    def fit(self, number: int) -> Fit:
        """The offer of that number, which fits."""
        sweep = self.sweep
        offer, rank = sweep.block.offer(number), int(self._ranks[number])
        room = room_of(offer, sweep.today, sweep.taken)
        if rank in (-1, REMOTE):
            return Fit(offer, Way(rank, REMOTE, None), room, False)
        return Fit(offer, Way(rank, rank, int(sweep.minutes[number])), room, False)

    def _ways(self) -> Numbers:
        """The rank of the best way to each."""
        sweep, block, limits = self.sweep, self.sweep.block, self._limits
        ranks: Numbers = RANKS.take(np.minimum(sweep.minutes, LONG))
        away = sweep.no_road | (sweep.minutes > limits.minutes)
        if not block.all & at.IN_PERSON:
            away |= ~block.flagged(at.IN_PERSON)
        np.copyto(ranks, NOWHERE, where=away)
        if not limits.in_person:
            ranks[:] = NOWHERE
        if limits.remote and block.some & at.REMOTE:
            rank = remote_rank(sweep.request)
            np.copyto(ranks, rank, where=block.flagged(at.REMOTE) & (ranks > rank))
        return ranks

    def _unreached(self) -> Numbers:
        """Why there is no way, where there is none."""
        sweep, block = self.sweep, self.sweep.block
        why = np.where(sweep.no_road, BIT[Verdict.NO_ROAD], BIT[Verdict.TOO_FAR])
        why[sweep.minutes == UNKNOWN] = BIT[Verdict.PLACE_UNKNOWN]
        refused = sweep.request.remote == "refused"
        mode = np.where(block.flagged(at.REMOTE) & refused, BIT[Verdict.REMOTE_REFUSED], BIT[Verdict.OTHER_MODE])
        on_site = block.flagged(at.IN_PERSON) & self._limits.in_person
        return np.where(self._ranks == NOWHERE, np.where(on_site, why, mode), 0)
