"""A decision: whom the request's options reach, in order, and why the others do not.

`match` makes it. Whoever is chosen is drawn at once among the first equals; the whole ranking is drawn when somebody
asks, by the same lots. It holds nothing that changes: asked later, it answers the same.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Final, Protocol

from relais_contracts.vocabularies import UnmetReason
from relais_routing.matching.draw import Draw
from relais_routing.matching.offers import Offer
from relais_routing.matching.outcomes import Aside, Candidate, Fit, Lots
from relais_routing.matching.request import Request
from relais_routing.matching.verdicts import STAGES, Verdict, stage_of

LISTED: Final = 50
"""Offers set aside are listed up to so many, beyond they are counted."""


class Answer(Protocol):
    """What one option finds: a `Sweep`, or whom the person named."""

    fitting: int

    def first(self) -> list[Fit]:
        """Those among whom the lot decides."""

    def fits(self) -> list[Fit]:
        """Everybody who fits."""

    def asides(self) -> Iterable[Aside]:
        """Everybody else."""

    def counts(self) -> Counter[str]:
        """Everybody else, by the first verdict."""

    def stage(self) -> int:
        """How far those set aside came at most."""


class Named:
    """The few offers that the person named."""

    def __init__(self, outcomes: Sequence[Fit | Aside]) -> None:
        self._fits = [each for each in outcomes if isinstance(each, Fit)]
        self._asides = [each for each in outcomes if isinstance(each, Aside)]
        self.fitting = len(self._fits)

    def first(self) -> list[Fit]:
        """Those among whom the lot decides."""
        best = min((_place(fit) for fit in self._fits), default=None)
        return [fit for fit in self._fits if _place(fit) == best]

    def fits(self) -> list[Fit]:
        """Everybody who fits."""
        return self._fits

    def asides(self) -> list[Aside]:
        """Everybody else."""
        return self._asides

    def counts(self) -> Counter[str]:
        """Everybody else, by the first verdict."""
        return Counter(aside.verdicts[0].value for aside in self._asides)

    def stage(self) -> int:
        """How far those set aside came at most."""
        return max((stage_of(aside.verdicts) for aside in self._asides), default=0)


@dataclass(eq=False)
class Decision:
    """All candidates in order, all others with their verdicts (`elsewhere` more served other territories)."""

    request: Request
    group: str | None
    draw: Draw
    directory: int
    territories: str
    taken: Mapping[str, int]
    elsewhere: int
    answers: Sequence[Answer]
    listed: Sequence[Offer]

    @cached_property
    def chosen(self) -> Candidate | None:
        """Who is proposed; plan B is the next of the ranking."""
        for option, answer in enumerate(self.answers):
            if answer.fitting:
                return min((fit.drawn(option, self._lots) for fit in answer.first()), key=itemgetter(0))
        return None

    @cached_property
    def ranking(self) -> tuple[Candidate, ...]:
        """All candidates in order."""
        found: dict[str, Candidate] = {}
        for option, answer in enumerate(self.answers):
            for fit in answer.fits():
                if fit.offer.offer not in found:
                    found[fit.offer.offer] = fit.drawn(option, self._lots)
        return tuple(sorted(found.values(), key=itemgetter(0)))

    @cached_property
    def aside(self) -> tuple[Aside, ...]:
        """All others by name, with the verdicts under the option where each came furthest."""
        found = {candidate.offer.offer for candidate in self.ranking}
        aside: dict[str, Aside] = {}
        for entry in self._asides():
            if entry.name in found:
                continue
            if entry.name not in aside or stage_of(entry.verdicts) > stage_of(aside[entry.name].verdicts):
                aside[entry.name] = entry
        return tuple(aside[name] for name in sorted(aside))

    @property
    def counts(self) -> Counter[str]:
        """All others by the first verdict, those elsewhere too."""
        alone = len(self.answers) == 1 and not self.listed
        counts = self.answers[0].counts() if alone else Counter(entry.verdicts[0].value for entry in self.aside)
        if self.elsewhere:
            counts[Verdict.OUT_OF_TERRITORY.value] += self.elsewhere
        return counts

    def only_full(self) -> tuple[Offer, ...]:
        """The offers, by id, that nothing but a lack of places sets aside."""
        return tuple([each.offer for each in self.aside if each.offer and each.verdicts == (Verdict.FULL,)])

    def beyond(self) -> list[int]:
        """Minutes, shortest first, to every offer that nothing but the distance sets aside."""
        far = [each.minutes for each in self.aside if each.verdicts == (Verdict.TOO_FAR,)]
        return sorted(minutes for minutes in far if minutes is not None)

    @property
    def unmet(self) -> UnmetReason | None:
        """Why nobody can be proposed: the furthest that any offer of that need came."""
        if any(answer.fitting for answer in self.answers):
            return None
        return STAGES[max((answer.stage() for answer in self.answers), default=0)]

    @cached_property
    def _lots(self) -> Lots:
        return self.draw.lots(self.request.case, self.request.actor, self.request.need)

    def _asides(self) -> Iterator[Aside]:
        for answer in self.answers:
            yield from answer.asides()
        for offer in self.listed:
            yield Aside(offer.offer, offer, (Verdict.OUT_OF_TERRITORY,))


def _place(fit: Fit) -> tuple[int, int]:
    return fit.way.rank, fit.room.state
