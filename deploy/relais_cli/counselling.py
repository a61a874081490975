"""What a counsellor tells of an invented person, from the first interview to the strategy, as intake takes it.

The demo, the fault tests and the benchmark each invent people of their own and let them be counselled here. It draws
and sends nothing.
"""

from collections.abc import Sequence
from typing import Literal

from relais_contracts.cases import (
    CaseConsentGiven,
    CaseDemandClarified,
    CaseOpened,
    CasePayload,
    CasePossibilitiesOpened,
    CaseProjectVerified,
    CaseStrategyElaborated,
    Interview,
    Possibility,
    Project,
    Step,
)
from relais_contracts.vocabularies import Need


def counselled(
    opened: CaseOpened,
    interviews: tuple[Interview, Interview],
    *,
    stated: Sequence[Need],
    project: Project,
    verdict: Literal["confirmed", "amended"] = "confirmed",
    possibilities: Sequence[Possibility],
    consent: CaseConsentGiven,
    steps: Sequence[Step],
) -> tuple[CasePayload, ...]:
    """The six facts of a case in order: the consent before the strategy, which comes last and sets the chain going.

    The needs clarified are those of the strategy's steps; demand and project take the first interview, the rest the
    second.
    """
    first, second = interviews
    return (
        opened,
        CaseDemandClarified(interview=first, stated=tuple(stated), needs=tuple(step.need for step in steps)),
        CaseProjectVerified(interview=first, project=project, verdict=verdict),
        CasePossibilitiesOpened(interview=second, options=tuple(possibilities)),
        consent,
        CaseStrategyElaborated(interview=second, version=1, steps=tuple(steps)),
    )
