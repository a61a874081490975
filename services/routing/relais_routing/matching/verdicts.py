"""Why an offer is set aside, and how far it came: the verdicts of the rules.

Every rule gives one of these or nothing. Stored in decision records: never rename one, add new ones with care.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from relais_contracts.vocabularies import UnmetReason


class Verdict(StrEnum):
    """One reason to set an offer aside."""

    UNKNOWN = "unknown"
    OTHER_NEED = "other-need"
    OTHER_OCCUPATION = "other-occupation"
    OTHER_ACTOR = "other-actor"
    OUT_OF_TERRITORY = "out-of-territory"
    ENDED = "ended"
    OTHER_MODE = "other-mode"
    REMOTE_REFUSED = "remote-refused"
    TOO_FAR = "too-far"
    NO_ROAD = "no-road"
    PLACE_UNKNOWN = "place-unknown"
    OTHER_AUDIENCE = "other-audience"
    SELF_REFERRAL = "self-referral"
    OWN_GROUP = "own-group"
    NOT_YET_OPEN = "not-yet-open"
    CLOSED = "closed"
    SUSPENDED = "suspended"
    FULL = "full"
    ALREADY_TRIED = "already-tried"
    DUPLICATE = "duplicate"


STAGES: Final[tuple[UnmetReason, ...]] = ("no-offer", "out-of-reach", "not-eligible", "no-capacity", "all-declined")
"""How far an offer may come before it is set aside, nearest to nothing first."""

STAGE: Final[dict[Verdict, int]] = {
    Verdict.UNKNOWN: 0,
    Verdict.OTHER_NEED: 0,
    Verdict.OTHER_OCCUPATION: 0,
    Verdict.OTHER_ACTOR: 0,
    Verdict.OUT_OF_TERRITORY: 0,
    Verdict.ENDED: 0,
    Verdict.OTHER_MODE: 1,
    Verdict.REMOTE_REFUSED: 1,
    Verdict.TOO_FAR: 1,
    Verdict.NO_ROAD: 1,
    Verdict.PLACE_UNKNOWN: 1,
    Verdict.OTHER_AUDIENCE: 2,
    Verdict.SELF_REFERRAL: 2,
    Verdict.OWN_GROUP: 2,
    Verdict.NOT_YET_OPEN: 3,
    Verdict.CLOSED: 3,
    Verdict.SUSPENDED: 3,
    Verdict.FULL: 3,
    Verdict.ALREADY_TRIED: 4,
    Verdict.DUPLICATE: 4,
}


def stage_of(verdicts: Iterable[Verdict]) -> int:
    """How far an offer with these verdicts came: the earliest of them stopped it."""
    return min(STAGE[verdict] for verdict in verdicts)
