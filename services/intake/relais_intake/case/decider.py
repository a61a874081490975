"""The case, from the first interview to its erasure: what an operator may say next, and what follows from it.

Stands between intake's door and the log. It never reads a clock or a database, and never chooses a partner.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from pydantic import Field

from relais_chassis.decider import Refused
from relais_contracts import cases
from relais_contracts.cases import CasePayload, Option
from relais_contracts.consents import Consents
from relais_contracts.envelope import Part, Payload
from relais_contracts.vocabularies import Outcome
from relais_intake.case import rules
from relais_intake.case.disclosure import Disclose, disclose
from relais_intake.case.stages import fingerprint, passed

# What may be asked


@dataclass(frozen=True, slots=True)
class Tell:
    """An operator says something of a case: `event` without contact and without `operator`, which is `by`."""

    by: str
    event: CasePayload
    today: date
    handoffs: frozenset[str] = frozenset()
    onward: frozenset[str] = frozenset()
    """The case's hand-offs, and the steps that partners added by handing on, as far as routing has told."""
    organisations: frozenset[str] = frozenset()
    """Those that the directory has, among the ones the event names."""


Question: TypeAlias = Tell | Disclose

# What may have happened: relais_contracts.cases

# What is known (stored as a snapshot: a change of shape needs the snapshots deleted)

_NOTHING_AGREED = Consents()


class Case(Part):
    """What later decisions need of a case; `operator` is its operator now, None before it is opened."""

    operator: str | None = None
    facts: str | None = None
    stages: tuple[str, ...] = ()
    """What was said at the opening and at each stage that stands, as fingerprints."""
    version: int = 0
    steps: Mapping[str, tuple[Option, ...]] = Field(default_factory=dict)
    """The strategy that runs: whom the person named for each step."""
    consents: Consents = Field(default_factory=lambda: _NOTHING_AGREED)
    chosen: Mapping[str, Option] = Field(default_factory=dict)
    attested: Mapping[str, Outcome] = Field(default_factory=dict)
    closed: bool = False
    erased: bool = False

    def written(self) -> bytes:
        """The case as a snapshot."""
        return self.__pydantic_serializer__.to_json(self, by_alias=True, exclude_defaults=True)

    @classmethod
    def read(cls, snapshot: bytes) -> "Case":
        """The case of a snapshot."""
        return cls.model_validate_json(snapshot)


# What follows


def evolve(case: Case, event: Payload) -> Case:
    """The case after an event; never refuses, whatever the history."""
    match event:
        case cases.CaseOpened():
            return Case(operator=event.operator, facts=fingerprint(event))
        case cases.CaseStrategyElaborated():
            steps = {step.step: step.options for step in event.steps}
            return _with(case, stages=passed(case.stages, event), version=event.version, steps=steps)
        case cases.CaseDemandClarified() | cases.CaseProjectVerified() | cases.CasePossibilitiesOpened():
            return _with(case, stages=passed(case.stages, event))
        case cases.CaseConsentGiven():
            return _with(case, consents=case.consents.given(event))
        case cases.CaseConsentWithdrawn():
            return _with(case, consents=case.consents.withdrawn(event))
        case cases.CaseOptionChosen(step=step, option=option):
            others = {name: known for name, known in case.chosen.items() if name != step}
            return _with(case, chosen=others if option is None else {**others, step: option})
        case cases.CaseAttested():
            return _with(case, attested={**case.attested, event.handoff: event.outcome})
        case cases.CaseTransferred():
            return _with(case, operator=event.to)
        case cases.CaseClosed():
            return _with(case, closed=True)
        case cases.CaseErased():
            return Case(operator=case.operator, closed=True, erased=True)
        case _:  # a contact disclosed changes nothing that is decided here
            return case


def _with(case: Case, **changes: object) -> Case:
    return case.model_copy(update=changes)


# What may happen next


def decide(case: Case, question: Question) -> list[Payload]:
    """The events that follow, `operator` filled in; asked twice, none. Raises Refused with a reason."""
    if isinstance(question, Disclose):
        return [*disclose(case.operator, case.consents, _named(case, question.step), question)]
    event = question.event.model_copy(update={"operator": question.by})
    rules.belongs(case.operator, question.by, event)
    rules.still_open(case.closed, case.erased, event)
    return [event] if _is_news(case, event, question) else []


def _is_news(case: Case, event: CasePayload, told: Tell) -> bool:
    match event:
        case cases.CaseOpened():
            return rules.opens(case.facts, event)
        case cases.CaseStrategyElaborated():
            return rules.passes_stage(case.stages, event) and rules.elaborates(case.version, event)
        case cases.CaseConsentGiven():
            return rules.consents(case.consents, told.onward.union(case.steps), event, told.today)
        case cases.CaseConsentWithdrawn():
            return rules.withdraws(case.consents, event)
        case cases.CaseOptionChosen():
            return rules.chooses(told.onward.union(case.steps), event)
        case cases.CaseAttested():
            return rules.attests(case.attested.get(event.handoff), told.handoffs, event)
        case cases.CaseTransferred():
            return rules.transfers(case.operator, told.organisations, event)
        case cases.CaseClosed():
            return not case.closed
        case cases.CaseErased():
            return not case.erased
        case cases.CaseDemandClarified() | cases.CaseProjectVerified() | cases.CasePossibilitiesOpened():
            return rules.passes_stage(case.stages, event)
        case _:
            raise Refused("not-yours-to-say", f"{event.TYPE} is written by Relais alone", status=422)


def _named(case: Case, step: str) -> list[Option]:
    """Whom the person named for a step, in the strategy or by a later choice."""
    later = case.chosen.get(step)
    return [*case.steps.get(step, ()), *([later] if later else [])]
