"""What the chain knows of the case: the part of the case's own log that a decision needs.

Learned from `relais.cases`, kept beside the chain's own state. It never refuses and holds no contact.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from relais_contracts.cases import (
    CaseClosed,
    CaseConsentGiven,
    CaseConsentWithdrawn,
    CaseErased,
    CaseOpened,
    CaseOptionChosen,
    CasePayload,
    CaseProjectVerified,
    CaseStrategyElaborated,
    CaseTransferred,
    Mobility,
    Option,
    Project,
    Step,
)
from relais_contracts.consents import Consents
from relais_contracts.envelope import Part
from relais_contracts.vocabularies import Audience


class Case(Part):
    """A case, as far as routing needs it; names here are stored."""

    operator: str = ""
    commune: str = ""
    audiences: tuple[Audience, ...] = ()
    mobility: Mobility | None = None
    project: Project | None = None
    consents: Consents = Field(default_factory=Consents)
    steps: tuple[Step, ...] = ()
    choices: Mapping[str, Option] = Field(default_factory=dict)
    ended: Literal["closed", "erased"] | None = None

    def plan(self, step: str) -> Step | None:
        """The step in the strategy of today; none where it is not, or no longer, in it."""
        return next((plan for plan in self.steps if plan.step == step), None)

    def options(self, plan: Step) -> tuple[Option, ...]:
        """The person's options in order: a later choice goes before the strategy's."""
        chosen = self.choices.get(plan.step)
        return plan.options if chosen is None else (chosen, *(each for each in plan.options if each != chosen))


UNKNOWN = Case()


class Stored:
    """A case of which operator and commune are at hand; the rest is read when a decision first needs it."""

    __slots__ = ("_case", "_state", "commune", "operator")

    def __init__(self, operator: str, commune: str, state: bytes) -> None:
        self.operator, self.commune, self._state = operator, commune, state
        self._case: Case | None = None

    @property
    def case(self) -> Case:
        """The whole of it."""
        if self._case is None:
            self._case = Case.model_validate_json(self._state)
        return self._case


def is_same(one: Step, other: Step) -> bool:
    """Whether two versions mean the same step; what else changed holds from the next attempt."""
    return (one.step, one.actor, one.need, one.rome, one.formacode) == (
        other.step,
        other.actor,
        other.need,
        other.rome,
        other.formacode,
    )


def learn(case: Case, fact: CasePayload) -> Case:
    """What is known once the case's log has said this."""
    match fact:
        case CaseOpened():
            return Case(
                operator=fact.operator or "", commune=fact.commune, audiences=fact.audiences, mobility=fact.mobility
            )
        case CaseProjectVerified():
            return case.model_copy(update={"project": fact.project})
        case CaseStrategyElaborated():
            return case.model_copy(update={"steps": fact.steps, "choices": _kept(case, fact)})
        case CaseConsentGiven():
            return case.model_copy(update={"consents": case.consents.given(fact)})
        case CaseConsentWithdrawn():
            return case.model_copy(update={"consents": case.consents.withdrawn(fact)})
        case CaseOptionChosen():
            others = {step: option for step, option in case.choices.items() if step != fact.step}
            chosen = {} if fact.option is None else {fact.step: fact.option}
            return case.model_copy(update={"choices": others | chosen})
        case CaseTransferred():
            return case.model_copy(update={"operator": fact.to})
        case CaseClosed():
            return case.model_copy(update={"ended": "closed"})
        case CaseErased():
            return Case(operator=case.operator, commune=case.commune, ended="erased")
        case _:
            return case


def _kept(case: Case, fact: CaseStrategyElaborated) -> dict[str, Option]:
    same = {new.step for new in fact.steps if (old := case.plan(new.step)) is not None and is_same(old, new)}
    return {step: option for step, option in case.choices.items() if step in same}
