"""The directory of who helps with what, where, and whether there is room.

Partners and directories send these to intake; intake writes them on `relais.directory` (compacted).
Ids are the sender's, prefixed by its source as data·inclusion does. It never ranks.
"""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field, StringConstraints

from relais_contracts.cases import ShortText
from relais_contracts.envelope import Part, Payload, event_type
from relais_contracts.identifiers import CommuneCode, Formacode, OfferId, OrgId, PartnerId, Rome
from relais_contracts.vocabularies import (
    Actor,
    Audience,
    Fees,
    MobilisationWay,
    Mobiliser,
    Mode,
    Need,
    PlacesState,
    ServiceKind,
    ZoneKind,
)

Siret = Annotated[str, StringConstraints(pattern=r"^\d{14}$")]
Link = Annotated[str, StringConstraints(max_length=2083, pattern=r"^https?://\S+$")]
Detail = Annotated[str, StringConstraints(max_length=2000)]
ZoneCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{1,10}$")]


class Zone(Part):
    """The territory an offer serves."""

    kind: ZoneKind
    codes: tuple[ZoneCode, ...] = Field(min_length=1, max_length=2000, description="INSEE codes of that kind.")


class At(Part):
    """Where an offer is given."""

    commune: CommuneCode
    latitude: float = Field(ge=-90, le=90, description="WGS 84, degrees.")
    longitude: float = Field(ge=-180, le=180, description="WGS 84, degrees.")


class Session(Part):
    """A dated session of an offer."""

    starts: date
    ends: date


class Mobilisation(Part):
    """How one asks for an offer (data·inclusion)."""

    by: tuple[Mobiliser, ...] = Field(default=(), max_length=2, description="Who may ask; none: it does not say.")
    ways: tuple[MobilisationWay, ...] = Field(default=(), max_length=4)
    link: Link | None = None
    note: Detail | None = None


class Details(Part):
    """What people read about an offer (data·inclusion); no rule looks at it. Nobody's name, phone or mail."""

    kind: ServiceKind | None = None
    description: Detail | None = None
    address: ShortText | None = None
    opening_hours: ShortText | None = None
    conditions: Detail | None = Field(default=None, description="What one must bring or fulfil.")
    audiences_note: Detail | None = None
    fees: Fees | None = None
    fees_note: Detail | None = None
    weeks: int | None = Field(default=None, ge=1, description="How many weeks it lasts.")
    hours_a_week: float | None = Field(default=None, ge=0, le=168)
    link: Link | None = Field(default=None, description="Its page at its source.")


class DirectoryPayload(Payload):
    """What all entries of the directory share."""

    declared_by: OrgId | None = Field(default=None, description="Who declared it; written by intake, never sent.")


class PartnerDeclared(DirectoryPayload):
    """An organisation exists; operators are declared too, with their group and no offers."""

    TYPE: ClassVar[str] = event_type("partner", "declared")
    partner: PartnerId
    name: ShortText
    group: ShortText | None = Field(default=None, description="Network or mother organisation, for independence.")
    commune: CommuneCode
    email: ShortText | None = Field(default=None, description="Of the organisation, never of a person.")
    siret: Siret | None = Field(default=None, description="The establishment, in INSEE's register.")
    site: Link | None = None
    updated: date | None = Field(default=None, description="When its source last looked at it; none: it does not say.")


class PartnerWithdrawn(DirectoryPayload):
    """An organisation left."""

    TYPE: ClassVar[str] = event_type("partner", "withdrawn")
    partner: PartnerId


class OfferDeclared(DirectoryPayload):
    """A partner helps with this."""

    TYPE: ClassVar[str] = event_type("offer", "declared")
    offer: OfferId
    partner: PartnerId
    name: ShortText
    actor: Actor
    needs: tuple[Need, ...] = Field(min_length=1, max_length=69)
    audiences: tuple[Audience, ...] = Field(default=(), max_length=14, description="None: everybody is welcome.")
    zone: Zone
    at: At | None = Field(default=None, description="None: only at a distance.")
    modes: tuple[Mode, ...] = Field(min_length=1, max_length=2)
    rome: tuple[Rome, ...] = Field(default=(), max_length=200)
    formacode: tuple[Formacode, ...] = Field(default=(), max_length=200)
    open_from: date | None = None
    open_until: date | None = None
    updated: date | None = Field(default=None, description="When its source last looked at it; none: it does not say.")
    quality: float | None = Field(default=None, ge=0, le=1, description="data·inclusion's score; shown, never ranked.")
    assumed: tuple[ShortText, ...] = Field(default=(), max_length=20, description="Fields filled in by an adapter.")
    source: ShortText | None = Field(default=None, description="Who produced it, where that is not who declares it.")
    mobilisation: Mobilisation | None = None
    details: Details | None = None


class OfferWithdrawn(DirectoryPayload):
    """An offer ended."""

    TYPE: ClassVar[str] = event_type("offer", "withdrawn")
    offer: OfferId


class PlacesDeclared(DirectoryPayload):
    """Whether an offer takes people, and how many."""

    TYPE: ClassVar[str] = event_type("places", "declared")
    offer: OfferId
    state: PlacesState
    number: int | None = Field(default=None, ge=0, le=100_000, description="Free at `at`; none: not counted.")
    at: AwareDatetime = Field(description="The moment the number is true of.")
    session: Session | None = None


class ClosureDeclared(DirectoryPayload):
    """A partner is closed, and its clocks pause; or one of its offers is suspended."""

    TYPE: ClassVar[str] = event_type("closure", "declared")
    partner: PartnerId
    offer: OfferId | None = Field(default=None, description="Suspended alone; none: the whole partner is closed.")
    from_: date = Field(alias="from", description="First day.")
    until: date = Field(description="Last day.")
    reason: ShortText | None = None


class ClosureWithdrawn(DirectoryPayload):
    """A closure does not take place, or a suspension is lifted."""

    TYPE: ClassVar[str] = event_type("closure", "withdrawn")
    partner: PartnerId
    offer: OfferId | None = None
    from_: date = Field(alias="from", description="First day, as declared.")
