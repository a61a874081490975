"""A decision: whom the request's options reach, in order, and why the others do not.

`match` makes it. Whoever is chosen is drawn at once among the first equals; more lots are drawn when somebody asks.
It holds nothing that changes: asked later, it answers the same.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from relais_contracts.vocabularies import UnmetReason
from relais_routing.matching.asides import Asides
from relais_routing.matching.draw import Draw
from relais_routing.matching.equals import Answer
from relais_routing.matching.offers import Offer
from relais_routing.matching.outcomes import Aside
from relais_routing.matching.ranking import Candidate, Listed, Ranking, Seat
from relais_routing.matching.request import Request
from relais_routing.matching.twins import Twins
from relais_routing.matching.verdicts import STAGES, Verdict

LISTED: Final = 50
"""Offers are listed one by one up to so many; beyond, they are counted."""


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
    twins: Twins

    @property
    def chosen(self) -> Candidate | None:
        """Who is proposed; plan B is the next of the ranking."""
        return self._ranking.first

    @property
    def ranking(self) -> tuple[Candidate, ...]:
        """All candidates in order, of each service one listing."""
        return self._ranking.everybody

    @property
    def equals(self) -> int:
        """Among how many the lot decided."""
        return self._ranking.equals

    @property
    def duplicates(self) -> tuple[Candidate, ...]:
        """Other listings of services that are candidates: each would have come with its cluster's lot."""
        return self._ranking.duplicates

    @property
    def among(self) -> Sequence[Seat]:
        """Those among whom the lot decided, in order."""
        return self._ranking.among

    def listed(self, most: int) -> Listed:
        """The first candidates in order, the others of the draw for the first place, and how many others there are."""
        return self._ranking.listed(most)

    @cached_property
    def aside(self) -> tuple[Aside, ...]:
        """All others by name, other listings of a candidate's service too."""
        twins = [Aside(each.offer.offer, each.offer, (Verdict.DUPLICATE,)) for each in self.duplicates]
        return tuple(sorted([*self._asides, *twins], key=lambda entry: entry.name))

    @property
    def counts(self) -> Counter[str]:
        """All others by the first verdict, those elsewhere too."""
        return self._asides.counts + Counter({Verdict.DUPLICATE.value: self._ranking.twice})

    def only_full(self) -> tuple[Offer, ...]:
        """The offers, by id, that nothing but a lack of places sets aside."""
        full = sorted(self._asides.alone(Verdict.FULL), key=lambda entry: entry.name)
        return tuple([entry.offer for entry in full if entry.offer])

    def beyond(self) -> list[int]:
        """Minutes, shortest first, to every offer that nothing but the distance sets aside."""
        return sorted(entry.minutes or 0 for entry in self._asides.alone(Verdict.TOO_FAR))

    @property
    def unmet(self) -> UnmetReason | None:
        """Why nobody can be proposed: the furthest that any offer of that need came."""
        return STAGES[self._asides.stage] if self.chosen is None else None

    @cached_property
    def _ranking(self) -> Ranking:
        request = self.request
        return Ranking(self.answers, self.draw.lots(request.case, request.actor, request.need), self.twins)

    @cached_property
    def _asides(self) -> Asides:
        return Asides(self.answers, self.elsewhere)
