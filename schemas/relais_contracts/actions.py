"""What a partner, an operator or a coordinator asks of a hand-off.

Intake writes it on `relais.actions` after a first look; routing decides it.
Free text stays in intake: only its reference travels.
"""

from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Final

from pydantic import AwareDatetime, Field, StringConstraints

from relais_contracts.cases import Option
from relais_contracts.envelope import Part, Payload, event_type
from relais_contracts.identifiers import HandoffId, OrgId
from relais_contracts.transitions import Action
from relais_contracts.vocabularies import Actor, CausedBy, Mode, Need, Outcome, Reason, Role

TextId = Annotated[
    str, StringConstraints(max_length=64), Field(description="Reference to a note that stays in intake.")
]
Moment = Annotated[datetime, AwareDatetime]


LONGEST_AGO: Final = timedelta(days=366)
LONGEST_AHEAD: Final = timedelta(days=548)
"""An appointment lies within a year back from its request, to be entered afterwards, and a year and a half ahead.
Intake refuses others; no clock starts beyond."""


class By(Part):
    """Who asks."""

    role: Role
    org: OrgId


class Appointment(Part):
    """When and where the person is expected."""

    at: AwareDatetime = Field(description="Start, with its offset.")
    place: Annotated[str, StringConstraints(max_length=200)] | None = Field(default=None, description="Where.")
    mode: Mode = Field(default="in-person", description="Face to face or at a distance.")


class Onward(Part):
    """The part of the work that a partner hands on."""

    actor: Actor
    need: Need
    option: Option = Field(description="To whom.")


class ActionRequested(Payload):
    """Somebody asks something of a hand-off; `received` decides, `at` informs."""

    TYPE: ClassVar[str] = event_type("action", "requested")
    handoff: HandoffId
    action: Action
    by: By
    received: AwareDatetime = Field(description="When intake took it in: this decides what came too late.")
    at: AwareDatetime | None = Field(default=None, description="When it happened, as the sender says.")
    reason: Reason | None = None
    caused_by: CausedBy | None = None
    appointment: Appointment | None = None
    outcome: Outcome | None = None
    text: TextId | None = None
    replace: bool = Field(default=False, description="With a request for cancellation: look for another partner.")
    onward: Onward | None = Field(default=None, description="With `hand-on`: what is handed on.")
