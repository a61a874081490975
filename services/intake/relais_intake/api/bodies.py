"""The bodies of intake's JSON routes: what may be asked, and what is answered, as the OpenAPI document shows it.

Shapes only. Values are those of the contracts.
"""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from relais_contracts.actions import Appointment, Onward
from relais_contracts.handoffs import Request
from relais_contracts.transitions import Action, State
from relais_contracts.vocabularies import CausedBy, Outcome, Owner, Reason

_TEXT = StringConstraints(pattern=r"^[^\x00]*$")
MessageId = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[\x20-\x7e]+$")]


class Place(Appointment):
    """When and where the person is expected."""

    place: Annotated[str, _TEXT, Field(max_length=200)] | None = Field(default=None, description="Where.")


class ActionBody(BaseModel):
    """What is asked of a hand-off."""

    model_config = ConfigDict(extra="forbid")

    id: MessageId = Field(description="The message's id, chosen by the sender: the same again gets the first answer.")
    action: Action
    at: AwareDatetime | None = Field(default=None, description="When it happened; information only.")
    reason: Reason | None = Field(default=None, description="For decline and both kinds of cancellation.")
    caused_by: CausedBy | None = Field(default=None, description="On whose side the reason lies.")
    appointment: Place | None = Field(default=None, description="For schedule and reschedule.")
    outcome: Outcome | None = Field(default=None, description="For complete.")
    note: Annotated[str, _TEXT, Field(max_length=2000)] | None = Field(
        default=None, description="Plain text; stays in intake, only its reference travels. Needed for `other`."
    )
    replace: bool = Field(default=False, description="With request-cancellation: look for another partner.")
    onward: Onward | None = Field(default=None, description="For hand-on: what is handed on.")


class ActionTaken(BaseModel):
    """Where the hand-off will be once routing agrees."""

    id: str
    handoff: str
    action: Action
    events: list[str] = Field(description="Ids of the events written; none where nothing was new.")
    state: State
    allowed: list[Action] = Field(description="What this caller may ask next.")


class HandoffSeen(BaseModel):
    """A hand-off as its caller may see it."""

    handoff: str
    case: str
    step: str
    attempt: int
    operator: str | None
    partner: str
    offer: str
    actor: str
    need: str
    commune: str
    decision: str
    parent: str | None
    state: State = Field(description="As routing last told it.")
    owner: Owner
    next: str | None
    due: datetime | None
    request: Request | None = Field(description="What the consent lets the partner know.")
    appointment: Appointment | None
    pending: list[Action] = Field(description="Asked, and not answered by routing yet.")
    available_actions: list[Action] = Field(description="What this caller may ask now, the pending counted in.")


class ContactShown(BaseModel):
    """What the person agreed to show."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    preferred: str | None = None


class TextSeen(BaseModel):
    """A note, to be shown as plain text."""

    text: str
    by: dict[str, str]
    written: datetime


class EventTaken(BaseModel):
    """What an accepted event did."""

    case: str
    events: list[str] = Field(description="Ids of the events written; none where nothing was new.")
    expected: str | None = Field(description="The stage that is expected next.")


class EventTraced(BaseModel):
    """What became of an event."""

    source: str
    id: str
    accepted: datetime
    answer: Any = Field(description="The first answer.")
    published: bool = Field(description="Whether all its events are on their topic.")
    routing: list[dict[str, Any]] = Field(description="What routing made of it, as far as it has told.")


class CaseSeen(BaseModel):
    """One's own case."""

    case: str
    operator: str
    facts: dict[str, Any] | None
    expected: str | None = Field(description="The stage that is expected next.")
    stages: list[dict[str, Any]]
    strategy: dict[str, Any] | None = Field(description="The road map that runs.")
    consents: dict[str, Any]
    attested: dict[str, str]
    closed: bool
    erased: bool
    chain: list[dict[str, Any]] = Field(description="Steps, their hand-offs, and under each what was handed on.")
