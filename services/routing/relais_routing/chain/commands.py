"""What may be asked of a chain, and what deciding needs besides: the moment, the policy, the directory.

Facts of the case and `action.requested` come as the contracts' own events; the two questions of our own are here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol, TypeAlias

from relais_contracts.actions import ActionRequested
from relais_contracts.cases import CaseConsentGiven, CasePayload
from relais_contracts.handoffs import Commitment
from relais_contracts.vocabularies import UnmetReason
from relais_routing.chain.calendar import PARIS
from relais_routing.chain.policy import Closure, Policy
from relais_routing.matching.request import Request


@dataclass(frozen=True, slots=True)
class CheckClocks:
    """Look whether a clock has run out; `now` is never later than what is known to have been answered."""

    now: datetime


@dataclass(frozen=True, slots=True)
class Rematch:
    """Look again whether somebody can be found for the steps that are unmet."""


ChainCommand: TypeAlias = CasePayload | ActionRequested | CheckClocks | Rematch


class Choice(NamedTuple):
    """Whom matching would propose; or why nobody, and whether somebody stands beyond what the consent allows."""

    partner: str | None
    offer: str | None
    commitment: Commitment | None
    unmet: UnmetReason | None = None
    beyond_consent: bool = False
    seal: str | None = None
    """SHA-256 of the decision record; none where no decision came about."""


class Choose(Protocol):
    """Matching, as the chain sees it."""

    def __call__(self, decision: str, request: Request, consent: CaseConsentGiven) -> Choice:
        """Who is to be proposed."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """What a decision may look at beside the case and the chain."""

    now: datetime
    policy: Policy
    choose: Choose
    closures: Callable[[str], Sequence[Closure]]
    """When a partner is closed."""
    reopened: Callable[[str, datetime | None], bool]
    """Whether an offer has declared free places after a moment."""

    @property
    def today(self) -> date:
        """The day in France."""
        return self.now.astimezone(PARIS).date()
