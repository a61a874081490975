"""The order of the counselling as data: which event passes which stage, and what is expected next.

The decider reads it. The order is the public specification's: demand, project, only then possibilities, finally
the strategy.
"""

from hashlib import blake2b
from typing import Final, TypeAlias

from relais_contracts.cases import (
    STAGES,
    CaseDemandClarified,
    CasePayload,
    CasePossibilitiesOpened,
    CaseProjectVerified,
    CaseStrategyElaborated,
)

StageEvent: TypeAlias = CaseDemandClarified | CaseProjectVerified | CasePossibilitiesOpened | CaseStrategyElaborated

PASSED_BY: Final[tuple[type[StageEvent], ...]] = (
    CaseDemandClarified,
    CaseProjectVerified,
    CasePossibilitiesOpened,
    CaseStrategyElaborated,
)
"""The event that passes each stage of `STAGES`."""

_PLACE: Final = {event: place for place, event in enumerate(PASSED_BY)}


def place_of(event: StageEvent) -> int:
    """Which stage an event passes, from 0."""
    return _PLACE[type(event)]


def passed(stages: tuple[str, ...], event: StageEvent) -> tuple[str, ...]:
    """The stages that stand after an event: one revised opens those after it again."""
    return (*stages[: place_of(event)], fingerprint(event))


def expected(passed: int) -> str | None:
    """The name of the stage that comes after so many; None once all four are done."""
    return STAGES[passed] if passed < len(STAGES) else None


def expected_type(passed: int) -> str | None:
    """The wire name of the event that is expected after so many stages."""
    return PASSED_BY[passed].TYPE if passed < len(PASSED_BY) else None


def fingerprint(event: CasePayload) -> str:
    """What an event says, whoever says it, in a few letters: enough to know the same again."""
    said = event.__pydantic_serializer__.to_json(event, by_alias=True, exclude_none=True, exclude={"operator"})
    return blake2b(said, digest_size=12).hexdigest()
