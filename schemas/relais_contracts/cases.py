"""What operators say of a case: its four stages, consents, choices and end.

Operators send these to intake; intake writes them, with `operator`, on `relais.cases`.
Contacts pass the door only: intake takes them out before anything is logged.
"""

from datetime import date
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, StringConstraints

from relais_contracts.envelope import Part, Payload, event_type
from relais_contracts.identifiers import CommuneCode, Formacode, HandoffId, OfferId, OrgId, PartnerId, Rome, StepId
from relais_contracts.vocabularies import (
    Actor,
    Audience,
    ConsentData,
    Means,
    Mode,
    Need,
    Outcome,
    ProjectKind,
    Remote,
    Situation,
)

ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Minutes = Annotated[int, Field(ge=0, le=600, description="Minutes.")]

STAGES: Final = ("demand", "project", "possibilities", "strategy")
"""The four stages of the conseil en évolution professionnelle, in their only order."""


class Mobility(Part):
    """How far the person can go, and by what."""

    means: tuple[Means, ...] = Field(min_length=1, max_length=4, description="How the person can travel.")
    reach_minutes: Minutes = Field(description="The longest way the person accepts, in minutes, one way.")
    remote: Remote = Field(default="accepted", description="Whether help at a distance suits the person.")


class Contact(Part):
    """How to reach the person; kept apart in intake, never in a log."""

    name: ShortText = Field(description="The person's name.")
    phone: ShortText | None = Field(default=None, description="Telephone number.")
    email: ShortText | None = Field(default=None, description="E-mail address.")
    preferred: Literal["phone", "email"] = Field(description="How the person prefers to be reached.")


class Interview(Part):
    """The conversation a stage rests on."""

    number: int = Field(ge=1, le=99, description="First, second … interview of the case.")
    mode: Mode = Field(description="Face to face or at a distance.")
    minutes: Minutes = Field(description="How long it lasted, in minutes.")


class Project(Part):
    """What the person wants to do, once verified."""

    kind: ProjectKind = Field(description="The kind of project.")
    rome: tuple[Rome, ...] = Field(default=(), max_length=20, description="Occupations aimed at (ROME).")
    formacode: tuple[Formacode, ...] = Field(default=(), max_length=20, description="Training domains (Formacode).")


class Possibility(Part):
    """One of the ways open to the person."""

    option: ShortText = Field(description="What could be done, in a few words.")
    actor: Actor = Field(description="Who would carry it out.")
    need: Need = Field(description="The need it serves (data·inclusion thématique).")


class OfferOption(Part):
    """The person wants this very offer."""

    offer: OfferId = Field(description="The offer chosen by name.")


class PartnerOption(Part):
    """The person wants this partner, whichever of its offers fits."""

    partner: PartnerId = Field(description="The partner chosen by name.")


class AnyOption(Part):
    """Whoever fits, within the person's limits."""

    any: Literal[True] = Field(description="Always true: any partner that fits.")
    modes: tuple[Mode, ...] = Field(default=(), max_length=2, description="Only these ways of meeting; none: all.")
    within_minutes: Minutes | None = Field(default=None, description="Not further than this, in minutes.")


Option = OfferOption | PartnerOption | AnyOption


class Step(Part):
    """One step of the road map, to be carried out by a partner."""

    step: StepId = Field(description="The step's id, kept from version to version.")
    actor: Actor = Field(description="The kind of partner that carries it out.")
    need: Need = Field(description="The need it serves (data·inclusion thématique).")
    rome: tuple[Rome, ...] = Field(default=(), max_length=20, description="Occupations concerned.")
    formacode: tuple[Formacode, ...] = Field(default=(), max_length=20, description="Training domains concerned.")
    after: tuple[StepId, ...] = Field(default=(), max_length=20, description="Steps that must be done before.")
    options: tuple[Option, ...] = Field(min_length=1, max_length=20, description="In the person's own order.")
    on_refusal: Literal["next", "ask"] = Field(
        default="ask", description="Plan B: `next` was agreed beforehand, `ask` asks the person again."
    )
    answer_within: int | None = Field(default=None, ge=1, le=60, description="Working days to answer, if not usual.")


class CasePayload(Payload):
    """What all case events share."""

    operator: OrgId | None = Field(default=None, description="The case's operator; written by intake, never sent.")


class CaseOpened(CasePayload):
    """A person was welcomed."""

    TYPE: ClassVar[str] = event_type("case", "opened")
    commune: CommuneCode = Field(description="Where the person lives.")
    audiences: tuple[Audience, ...] = Field(default=(), max_length=14, description="Publics the person belongs to.")
    situation: Situation = Field(description="What the person does today.")
    mobility: Mobility = Field(description="How far the person can go.")
    contact: Contact | None = Field(default=None, description="Kept apart by intake; never in the log.")


class CaseDemandClarified(CasePayload):
    """Stage 1: what the person asks, and what the person needs."""

    TYPE: ClassVar[str] = event_type("case", "demand-clarified")
    interview: Interview
    stated: tuple[Need, ...] = Field(min_length=1, max_length=20, description="What the person asked for.")
    needs: tuple[Need, ...] = Field(min_length=1, max_length=20, description="What the person needs.")


class CaseProjectVerified(CasePayload):
    """Stage 2: the project held against reality."""

    TYPE: ClassVar[str] = event_type("case", "project-verified")
    interview: Interview
    project: Project
    verdict: Literal["confirmed", "amended"] = Field(description="Whether the project stood as it was.")


class CasePossibilitiesOpened(CasePayload):
    """Stage 3: the ways open to the person, two at least."""

    TYPE: ClassVar[str] = event_type("case", "possibilities-opened")
    interview: Interview
    options: tuple[Possibility, ...] = Field(min_length=2, max_length=20, description="Two at least.")


class CaseStrategyElaborated(CasePayload):
    """Stage 4: the road map."""

    TYPE: ClassVar[str] = event_type("case", "strategy-elaborated")
    interview: Interview
    version: int = Field(ge=1, le=999, description="The last version plus one.")
    steps: tuple[Step, ...] = Field(min_length=1, max_length=20)


class CaseConsentGiven(CasePayload):
    """The person agreed to what is sent, and to whom."""

    TYPE: ClassVar[str] = event_type("case", "consent-given")
    step: StepId | None = Field(default=None, description="Only for this step; none: for all.")
    recipients: Literal["chosen", "matching"] | tuple[PartnerId, ...] = Field(
        description="`chosen`: those the person named; `matching`: those Relais finds; or partners by id."
    )
    data: tuple[ConsentData, ...] = Field(min_length=1, max_length=4, description="What they may see.")
    until: date = Field(description="The last day it holds.")


class CaseConsentWithdrawn(CasePayload):
    """The person took the consent back."""

    TYPE: ClassVar[str] = event_type("case", "consent-withdrawn")
    step: StepId | None = Field(default=None, description="Only for this step; none: for all.")


class CaseOptionChosen(CasePayload):
    """The person's answer to `step.waiting`."""

    TYPE: ClassVar[str] = event_type("case", "option-chosen")
    step: StepId
    option: Option | None = Field(default=None, description="What the person chose; none: give the step up.")


class CaseAttested(CasePayload):
    """What the person says happened at a hand-off."""

    TYPE: ClassVar[str] = event_type("case", "attested")
    handoff: HandoffId
    outcome: Outcome = Field(description="What was achieved, in the person's view.")


class CaseTransferred(CasePayload):
    """Another operator takes the case over."""

    TYPE: ClassVar[str] = event_type("case", "transferred")
    to: OrgId = Field(description="The operator that takes over; rights and news follow at once.")


class CaseClosed(CasePayload):
    """The counselling ended."""

    TYPE: ClassVar[str] = event_type("case", "closed")
    reason: ShortText = Field(description="Why.")


class CaseErased(CasePayload):
    """The person's data were erased."""

    TYPE: ClassVar[str] = event_type("case", "erased")
    reason: ShortText = Field(description="Why.")


class CaseContactDisclosed(CasePayload):
    """A partner read the contact; written by intake so that the person can be told."""

    TYPE: ClassVar[str] = event_type("case", "contact-disclosed")
    handoff: HandoffId
    partner: PartnerId
    data: tuple[ConsentData, ...] = Field(max_length=4, description="What was shown.")
