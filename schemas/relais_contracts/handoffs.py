"""What routing writes: hand-offs, steps, chains, and the draw's commitments.

One chain per case, on `relais.handoffs`. Each hand-off event names its partner, operator and commune, so that every
recipient is known without a join. It never carries a contact.
"""

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field, StringConstraints

from relais_contracts.actions import Appointment, By, Onward, TextId
from relais_contracts.cases import Project
from relais_contracts.envelope import Part, Payload, event_type
from relais_contracts.identifiers import (
    CommuneCode,
    DecisionId,
    Formacode,
    HandoffId,
    OfferId,
    OrgId,
    PartnerId,
    Rome,
    StepId,
)
from relais_contracts.transitions import Action, Clock, State
from relais_contracts.vocabularies import (
    Actor,
    Audience,
    CausedBy,
    Need,
    Outcome,
    Owner,
    Reason,
    UnmetReason,
    WaitingFor,
)

Awaited = Annotated[str, StringConstraints(max_length=32), Field(description="What is awaited; see AWAITED.")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$"), Field(description="SHA-256, in hex.")]


class Request(Part):
    """What the partner is told of the person's project, cut to what the consent allows."""

    project: Project | None = None
    rome: tuple[Rome, ...] = ()
    formacode: tuple[Formacode, ...] = ()
    audiences: tuple[Audience, ...] = ()


class Commitment(Part):
    """The day's draw secret, committed beforehand by its hash."""

    day: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    hash: Digest


class HandoffPayload(Payload):
    """What every hand-off event says."""

    handoff: HandoffId
    step: StepId
    attempt: int = Field(ge=1, description="Attempts of a step never restart.")
    operator: OrgId = Field(description="The case's operator now.")
    partner: PartnerId
    offer: OfferId
    actor: Actor
    need: Need
    commune: CommuneCode = Field(description="Where the person lives.")
    decision: DecisionId = Field(description="Why this partner: `GET /v1/decisions/{id}`.")
    state: State = Field(description="The state after this event.")
    owner: Owner = Field(description="Who must act next.")
    next: Awaited | None = Field(default=None, description="What is awaited of the owner.")
    due: AwareDatetime | None = Field(default=None, description="By when.")
    since: AwareDatetime | None = Field(default=None, description="Since when: what `due` is counted from.")
    parent: HandoffId | None = Field(default=None, description="The hand-off this one was handed on from.")


class HandoffProposed(HandoffPayload):
    """A partner was chosen; its answer is awaited."""

    TYPE: ClassVar[str] = event_type("handoff", "proposed")
    request: Request = Field(description="What the consent lets the partner know.")
    answer_within: int | None = Field(default=None, description="Days to answer, where the strategy says.")
    commitment: Commitment | None = Field(default=None, description="The draw behind the choice.")
    record: Digest | None = Field(default=None, description="Of the decision record: it cannot be changed afterwards.")


class HandoffReminded(HandoffPayload):
    """The partner was reminded of what is awaited."""

    TYPE: ClassVar[str] = event_type("handoff", "reminded")


class HandoffAccepted(HandoffPayload):
    """The partner takes the person."""

    TYPE: ClassVar[str] = event_type("handoff", "accepted")


class HandoffDeclined(HandoffPayload):
    """The partner refuses."""

    TYPE: ClassVar[str] = event_type("handoff", "declined")
    reason: Reason
    caused_by: CausedBy
    text: TextId | None = None


class HandoffLapsed(HandoffPayload):
    """The partner kept silent until the clock ran out."""

    TYPE: ClassVar[str] = event_type("handoff", "lapsed")


class HandoffStarted(HandoffPayload):
    """The partner began."""

    TYPE: ClassVar[str] = event_type("handoff", "started")


class HandoffNoted(HandoffPayload):
    """The partner left a note."""

    TYPE: ClassVar[str] = event_type("handoff", "noted")
    text: TextId | None = None


class HandoffScheduled(HandoffPayload):
    """An appointment was made."""

    TYPE: ClassVar[str] = event_type("handoff", "scheduled")
    appointment: Appointment


class HandoffRescheduled(HandoffPayload):
    """The appointment was moved."""

    TYPE: ClassVar[str] = event_type("handoff", "rescheduled")
    appointment: Appointment


class HandoffNoShow(HandoffPayload):
    """The person did not come."""

    TYPE: ClassVar[str] = event_type("handoff", "no-show")
    text: TextId | None = None


class HandoffAppointmentCancelled(HandoffPayload):
    """The appointment was cancelled; another is awaited."""

    TYPE: ClassVar[str] = event_type("handoff", "appointment-cancelled")
    reason: Reason | None = None
    caused_by: CausedBy | None = None
    text: TextId | None = None


class HandoffAttended(HandoffPayload):
    """The person came."""

    TYPE: ClassVar[str] = event_type("handoff", "attended")
    at: AwareDatetime | None = Field(default=None, description="When, as the partner says.")


class HandoffCancellationRequested(HandoffPayload):
    """Operator, coordinator or Relais asked to stop; the partner confirms."""

    TYPE: ClassVar[str] = event_type("handoff", "cancellation-requested")
    by: By
    reason: Reason | None = None
    caused_by: CausedBy | None = None
    replace: bool = Field(default=False, description="Whether another partner is looked for.")
    text: TextId | None = None


class HandoffCancelled(HandoffPayload):
    """The cancellation was confirmed."""

    TYPE: ClassVar[str] = event_type("handoff", "cancelled")


class HandoffCompleted(HandoffPayload):
    """The partner finished, with an outcome."""

    TYPE: ClassVar[str] = event_type("handoff", "completed")
    outcome: Outcome
    text: TextId | None = None


class HandoffHandedOn(HandoffPayload):
    """The partner handed part of the work on."""

    TYPE: ClassVar[str] = event_type("handoff", "handed-on")
    onward: StepId = Field(description="The step under which the onward hand-off runs.")
    work: Onward | None = Field(default=None, description="What is handed on.")


class HandoffEscalated(HandoffPayload):
    """A clock ran out; the coordinator must act."""

    TYPE: ClassVar[str] = event_type("handoff", "escalated")
    clock: Clock


class HandoffActionRefused(HandoffPayload):
    """An action came too late or from the wrong side."""

    TYPE: ClassVar[str] = event_type("handoff", "action-refused")
    action: Action
    by: By
    allowed: tuple[Action, ...] = Field(description="What the asker could do instead.")
    detail: Annotated[str, StringConstraints(max_length=400)]


class StepPayload(Payload):
    """What every event about a step says."""

    step: StepId
    operator: OrgId
    actor: Actor
    need: Need
    commune: CommuneCode
    owner: Owner
    next: Awaited | None = None
    due: AwareDatetime | None = None


class StepUnmet(StepPayload):
    """Nobody can be proposed."""

    TYPE: ClassVar[str] = event_type("step", "unmet")
    reason: UnmetReason
    decision: DecisionId | None = None
    record: Digest | None = Field(default=None, description="Of the decision record: it cannot be changed afterwards.")


class StepWaiting(StepPayload):
    """The step waits for the person, a consent or the operator's view of an outcome."""

    TYPE: ClassVar[str] = event_type("step", "waiting")
    waiting_for: WaitingFor = Field(alias="for")
    handoff: HandoffId | None = None


class StepDone(StepPayload):
    """The step reached its end."""

    TYPE: ClassVar[str] = event_type("step", "done")
    outcome: Outcome | None = Field(default=None, description="None: given up by the person.")
    handoff: HandoffId | None = None


class StepEscalated(StepPayload):
    """A step's clock ran out; the coordinator must act."""

    TYPE: ClassVar[str] = event_type("step", "escalated")
    clock: Clock


class StepDropped(StepPayload):
    """The step is no longer wanted: gone from the strategy, or the case ended."""

    TYPE: ClassVar[str] = event_type("step", "dropped")


class ChainDone(Payload):
    """All steps of the case are done or dropped."""

    TYPE: ClassVar[str] = event_type("chain", "done")
    operator: OrgId
    commune: CommuneCode
    steps: int = Field(ge=0, description="How many steps the chain held.")


class DrawCommitted(Payload):
    """A day's draw secret exists; its hash binds it before the first draw."""

    TYPE: ClassVar[str] = event_type("draw", "committed")
    commitment: Commitment


class DrawRevealed(Payload):
    """A day's draw secret, given out once the day is over."""

    TYPE: ClassVar[str] = event_type("draw", "revealed")
    commitment: Commitment
    secret: Digest
