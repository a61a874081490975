"""What is said about webhook endpoints over HTTP.

The shapes of the owners' door and of its OpenAPI. They hold no rule but their own limits.
"""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from relais_notifications.deliveries.addresses import LONGEST_URL

AT_ONCE: Final = 1000
"""Deliveries replayed by one call."""
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""No delivery is older."""


class NewEndpointBody(BaseModel):
    """What is asked of a new endpoint."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_URL)] = Field(description="An https:// URL.")
    description: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f]*$")] = Field(
        default="", description="For its owner."
    )
    types: list[str] | None = Field(default=None, max_length=100, description="Event types wanted; none: all.")
    max_in_flight: int = Field(default=8, ge=1, le=32, description="Messages sent at the same time.")


class Endpoint(BaseModel):
    """An endpoint, and how it does."""

    id: UUID
    url: str
    description: str
    types: list[str] | None
    max_in_flight: int
    state: Literal["enabled", "disabled", "gone"] = Field(description="`gone`: it answered 410.")
    created: datetime
    changed: datetime
    old_secret_until: datetime | None = Field(description="Until then messages are signed with the old secret too.")
    pending: int = Field(description="Deliveries that wait, counted up to 10,000.")
    failures: int = Field(description="Failed attempts in a row.")
    failing_since: datetime | None
    paused_until: datetime | None = Field(description="It asked for patience (Retry-After).")
    last_success: datetime | None
    last_failure: datetime | None
    last_error: str | None


class CreatedEndpoint(Endpoint):
    """A new endpoint with its secret, shown this once."""

    secret: str = Field(description="Standard Webhooks secret, `whsec_…`; it cannot be read again.")


class NewSecret(BaseModel):
    """A new secret, shown this once."""

    secret: str
    old_secret_until: datetime


class Owed(BaseModel):
    """A delivery on its way."""

    delivery: UUID = Field(description="Its webhook-id, and its place under `/v1/deliveries`.")


class ReplayBody(BaseModel):
    """From when on abandoned deliveries are sent again."""

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime = Field(ge=EARLIEST, description="Owed at or after this moment, with its offset.")


class Replayed(BaseModel):
    """What is sent again."""

    replayed: int = Field(description="How many; ask again while it is as many as one call takes.")
    at_once: int = AT_ONCE
