"""`/v1/deliveries`: what was sent to one's endpoints, how it went, and sending it again.

The owners' door to the log of deliveries. It changes nothing but what is owed.
"""

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from pydantic_core import from_json

from relais_chassis import clock
from relais_chassis.decider import Refused
from relais_chassis.postgres import Database
from relais_contracts.identifiers import UUID_PATTERN
from relais_notifications import delivery_store
from relais_notifications.delivery_store import Filters
from relais_notifications.endpoint_store import Owner
from relais_notifications.endpoints import AskCaller, owner_of

State = Literal["pending", "delivered", "abandoned"]


class Delivery(BaseModel):
    """One event for one endpoint."""

    id: UUID = Field(description="The webhook-id.")
    endpoint: UUID
    event_id: str
    type: str
    case: str = Field(description="The case it is about; of a test event, the endpoint.")
    state: State
    reason: str | None = Field(description="Why it was abandoned.")
    owed: datetime = Field(description="Since when; a replay begins anew.")
    attempts: int = Field(description="Attempts since then.")
    next_attempt: datetime | None = Field(description="Of the case's oldest delivery that waits: order is kept.")
    done: datetime | None = Field(description="When it was delivered or abandoned.")
    last_status: int | None
    last_error: str | None


class Attempt(BaseModel):
    """One attempt."""

    at: datetime
    milliseconds: int
    status: int | None
    error: str | None


class DeliveryInFull(Delivery):
    """A delivery with the event and every attempt."""

    event: dict[str, Any]
    attempts_made: list[Attempt]


class Deliveries(BaseModel):
    """A page of the log, the newest first."""

    deliveries: list[Delivery]
    next: str | None = Field(description="Give it as `after` for the next page; none: this was the last.")


def routes(database: Database, caller: AskCaller, wake: Callable[[], None]) -> APIRouter:
    """The routes; `wake` tells the sender that something is owed."""
    router = APIRouter(prefix="/v1/deliveries", tags=["webhooks"])

    def owner(request: Request) -> Owner:
        return owner_of(caller(request))

    @router.get("", summary="The log of deliveries")
    async def log(
        who: Annotated[Owner, Depends(owner)],
        endpoint: UUID | None = None,
        state: State | None = None,
        case: Annotated[str | None, Query(pattern=UUID_PATTERN)] = None,
        type: Annotated[str | None, Query(pattern=r"^[a-z0-9.\-]{1,100}$")] = None,
        after: Annotated[str | None, Query(max_length=100)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Deliveries:
        """What was owed to the caller's endpoints, the newest first."""
        filters = Filters(endpoint, state, case, type, _before(after), limit)
        async with database.connection() as conn:
            found = await delivery_store.listed(conn, who, filters)
        following = _cursor(found[-1]) if len(found) == limit else None
        return Deliveries(deliveries=[Delivery(**each) for each in found], next=following)

    @router.get("/{id}", summary="One delivery")
    async def get(id: UUID, who: Annotated[Owner, Depends(owner)]) -> DeliveryInFull:
        """One delivery with the event and every attempt."""
        async with database.connection() as conn:
            found = await delivery_store.get(conn, who, id)
        if found is None:
            raise _not_found()
        return DeliveryInFull(**{**found, "event": from_json(found["event"])})

    @router.post("/{id}/replay", status_code=202, summary="Send one delivery again")
    async def replay(id: UUID, who: Annotated[Owner, Depends(owner)]) -> Delivery:
        """Under the same webhook-id, with three days of attempts before it; one that waits already simply waits on."""
        async with database.transaction() as conn:
            usable = await delivery_store.is_usable(conn, who, id)
            if usable is None:
                raise _not_found()
            if not usable:
                raise Refused("not-enabled", "its endpoint is not in use: enable it first")
            await delivery_store.owe_again(conn, [id], clock.now())
            found = await delivery_store.get(conn, who, id)
        wake()
        return Delivery(**found or {})

    return router


def _not_found() -> Refused:
    return Refused("not-found", "there is no such delivery of yours", status=404)


def _cursor(last: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(f"{last['position']}.{last['id']}".encode()).decode().rstrip("=")


def _before(cursor: str | None) -> tuple[int, UUID] | None:
    if cursor is None:
        return None
    try:
        position, _, id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition(".")
        before = int(position), UUID(id)
    except ValueError:
        before = -1, UUID(int=0)
    if not 0 <= before[0] < 2**63:
        raise Refused("not-a-cursor", "`after` is expected to come from the page before", status=422)
    return before
