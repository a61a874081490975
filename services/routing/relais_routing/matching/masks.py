"""Verdicts as bits, so that a whole column of offers carries all of theirs: no bit is nobody's objection.

The bits stand in the order of the rules: the lowest is the first verdict. Between `sweep`, which sets them, and
`decision`, which reads them. Never stored.
"""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Final

import numpy as np

from relais_routing.matching.reach import Numbers
from relais_routing.matching.verdicts import STAGE, STAGES, Verdict, stage_of

ORDER: Final = (
    Verdict.UNKNOWN,
    Verdict.OTHER_NEED,
    Verdict.OTHER_OCCUPATION,
    Verdict.OTHER_ACTOR,
    Verdict.OUT_OF_TERRITORY,
    Verdict.PLACE_UNKNOWN,
    Verdict.NO_ROAD,
    Verdict.TOO_FAR,
    Verdict.REMOTE_REFUSED,
    Verdict.OTHER_MODE,
    Verdict.OTHER_AUDIENCE,
    Verdict.SELF_REFERRAL,
    Verdict.OWN_GROUP,
    Verdict.ENDED,
    Verdict.NOT_YET_OPEN,
    Verdict.CLOSED,
    Verdict.SUSPENDED,
    Verdict.FULL,
    Verdict.ALREADY_TRIED,
    Verdict.DUPLICATE,
)
BIT: Final[dict[Verdict, int]] = {verdict: 1 << number for number, verdict in enumerate(ORDER)}


def mask_of(verdicts: Iterable[Verdict]) -> int:
    """Some verdicts in bits."""
    return sum(BIT[verdict] for verdict in verdicts)


@cache
def verdicts_of(mask: int) -> tuple[Verdict, ...]:
    """The verdicts of some bits, in order."""
    return tuple(verdict for verdict in ORDER if mask & BIT[verdict])


@cache
def stage_in(mask: int) -> int:
    """How far an offer came; beyond every stage where nothing is against it."""
    return stage_of(verdicts_of(mask)) if mask else len(STAGES)


_OF_STAGE: Final = [mask_of(verdict for verdict in ORDER if STAGE[verdict] == stage) for stage in range(len(STAGES))]


def stages_in(masks: Numbers) -> Numbers:
    """`stage_in` of a column."""
    stages: Numbers = np.full(len(masks), len(STAGES))
    for stage in range(len(STAGES) - 1, -1, -1):
        stages[masks & _OF_STAGE[stage] != 0] = stage
    return stages


def counted(masks: Numbers) -> Counter[str]:
    """How many are set aside, by the first verdict."""
    bits = np.frexp((masks & -masks).astype(np.float64))[1]
    many = np.bincount(bits, minlength=len(ORDER) + 1)[1:].tolist()
    return Counter({verdict.value: count for verdict, count in zip(ORDER, many, strict=True) if count})
