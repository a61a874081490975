"""Those set aside, over all options: each once, with the verdicts under the option where it came furthest.

`decision` asks it for lists, counts and reasons. It judges nothing: answers have.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from relais_routing.matching.equals import Answer, Named
from relais_routing.matching.masks import BIT, counted, mask_of, stage_in, stages_in, verdicts_of
from relais_routing.matching.outcomes import Aside, Fit
from relais_routing.matching.reach import UNKNOWN, Numbers
from relais_routing.matching.sweep import Sweep, Swept
from relais_routing.matching.verdicts import STAGES, Verdict


class Asides:
    """Everybody who was looked at and does not fit; offers that serve other territories are counted (`elsewhere`)."""

    def __init__(self, answers: Sequence[Answer], elsewhere: int) -> None:
        self._named = [answer.outcomes for answer in answers if isinstance(answer, Named)]
        self._swept = [answer for answer in answers if isinstance(answer, Swept)]
        self._answers = answers
        self.elsewhere = elsewhere

    def __iter__(self) -> Iterator[Aside]:
        """Each, in no order."""
        for number in np.flatnonzero(self._masks).tolist():
            yield self._aside(number)
        yield from self._strays.values()

    @property
    def counts(self) -> Counter[str]:
        """How many, by the first verdict, those elsewhere too."""
        counts = counted(self._masks) if len(self._masks) else Counter[str]()
        counts.update(stray.verdicts[0].value for stray in self._strays.values())
        if self.elsewhere:
            counts[Verdict.OUT_OF_TERRITORY.value] += self.elsewhere
        return counts

    @property
    def stage(self) -> int:
        """How far the best of them came."""
        stages = {stage_in(mask) for mask in np.unique(self._masks).tolist() if mask}
        stages |= {stage_in(mask_of(stray.verdicts)) for stray in self._strays.values()}
        return max(stages, default=0)

    def alone(self, verdict: Verdict) -> list[Aside]:
        """Those whom nothing but this verdict sets aside."""
        found = [self._aside(number) for number in np.flatnonzero(self._masks == BIT[verdict]).tolist()]
        return found + [stray for stray in self._strays.values() if stray.verdicts == (verdict,)]

    def _aside(self, number: int) -> Aside:
        sweep = self._sweep
        offer = sweep.block.offer(number)
        minutes = int(sweep.minutes[number])
        return Aside(offer.offer, offer, verdicts_of(int(self._masks[number])), None if minutes == UNKNOWN else minutes)

    @property
    def _sweep(self) -> Sweep:
        return self._swept[0].sweep

    @cached_property
    def _masks(self) -> Numbers:
        """What is against each of the block, under the option where it came furthest."""
        if not self._swept:
            return np.zeros(0, np.int32)
        masks = self._swept[0].against
        for answer in self._swept[1:]:
            masks = np.where(stages_in(answer.against) > stages_in(masks), answer.against, masks)
        if self._numbers:
            masks = masks.copy()
            for name, number in self._numbers.items():
                masks[number] = self._furthest(name, number)
        return masks

    def _furthest(self, name: str, number: int) -> int:
        """An offer of the block that the person named too: the first of its best results."""
        found = []
        for answer in self._answers:
            if isinstance(answer, Swept):
                found.append(int(answer.against[number]))
            else:
                found += [_mask(each) for each in answer.outcomes if _name(each) == name]
        return max(found, key=stage_in)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """The numbers in the block of offers that the person named too."""
        names = {_name(each) for outcomes in self._named for each in outcomes}
        if not names or not self._swept:
            return {}
        return {o.offer: number for number, o in enumerate(self._sweep.block.offers) if o.offer in names}

    @cached_property
    def _strays(self) -> dict[str, Aside]:
        """Those beyond the block, by name."""
        best: dict[str, Fit | Aside] = {}
        for outcomes in self._named:
            for each in outcomes:
                name = _name(each)
                if name not in self._numbers and (name not in best or _stage(each) > _stage(best[name])):
                    best[name] = each
        return {name: each for name, each in best.items() if isinstance(each, Aside)}


def _name(outcome: Fit | Aside) -> str:
    return outcome.offer.offer if isinstance(outcome, Fit) else outcome.name


def _mask(outcome: Fit | Aside) -> int:
    return 0 if isinstance(outcome, Fit) else mask_of(outcome.verdicts)


def _stage(outcome: Fit | Aside) -> int:
    return len(STAGES) if isinstance(outcome, Fit) else stage_in(_mask(outcome))
