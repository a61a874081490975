"""The hard gate before a person's contact: who may be shown what, today.

The case decider asks it for every single reading. It never sees the contact itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from relais_chassis.decider import Refused
from relais_contracts.cases import CaseContactDisclosed, Option
from relais_contracts.consents import Consents, reaches
from relais_contracts.transitions import State
from relais_contracts.vocabularies import ConsentData

OPEN_TO_READING: Final[frozenset[State]] = frozenset(
    {"accepted", "active", "scheduled", "no-show", "appointment-cancelled", "attended"}
)
"""From acceptance to the end, as long as nobody asked to stop."""

SHOWN: Final[tuple[ConsentData, ...]] = ("identity", "contact")
"""What of a consent's data is kept here; need and project travelled with the proposal."""


@dataclass(frozen=True, slots=True)
class Disclose:
    """A partner reads the contact behind a hand-off."""

    handoff: str
    partner: str
    offer: str
    step: str
    root: str
    """The road map's step it descends from: itself, unless it was handed on."""
    state: State
    today: date
    is_kept: bool
    """Whether there is a contact at all."""


def disclose(
    operator: str | None, consents: Consents, options: Iterable[Option], asked: Disclose
) -> list[CaseContactDisclosed]:
    """One event for each reading, naming what is shown; Refused without consent, acceptance or contact."""
    consent = consents.holding(asked.step, asked.today, asked.root)
    if consent is None or not reaches(consent, asked.partner, asked.offer, options):
        raise Refused("no-consent", "no consent of the person names you today", status=403)
    data = tuple(kind for kind in SHOWN if kind in consent.data)
    if not data:
        raise Refused("no-consent", "the person's consent covers neither identity nor contact", status=403)
    if asked.state not in OPEN_TO_READING:
        raise Refused("not-accepted", f"the contact is shown from acceptance to the end, not while {asked.state}")
    if not asked.is_kept:
        raise Refused("no-contact", "no contact is kept for this case", status=404)
    return [CaseContactDisclosed(operator=operator, handoff=asked.handoff, partner=asked.partner, data=data)]
