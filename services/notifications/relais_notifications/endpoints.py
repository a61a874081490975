"""`/v1/endpoints`: webhooks made, tested, put out of use and given new secrets by those who receive them.

The owners' door to the endpoint tables. A secret is shown once, when it is made.
"""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Final, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic_core import to_json as write_json

from relais_chassis import clock
from relais_chassis.access import Caller
from relais_chassis.decider import Refused
from relais_chassis.postgres import Connection, Database
from relais_contracts.audience import AUDIENCE
from relais_contracts.codec import to_json
from relais_contracts.envelope import CloudEvent, event_type
from relais_notifications import delivery_store, endpoint_store
from relais_notifications.deliveries.addresses import expected_of
from relais_notifications.deliveries.retiring import Retired, retire
from relais_notifications.deliveries.sealing import Sealing
from relais_notifications.deliveries.signature import SECRET_BYTES, written
from relais_notifications.endpoint_models import (
    AT_ONCE,
    CreatedEndpoint,
    Endpoint,
    NewEndpointBody,
    NewSecret,
    Owed,
    ReplayBody,
    Replayed,
)
from relais_notifications.endpoint_store import NewEndpoint, Owner

AskCaller: TypeAlias = Callable[[Request], Caller]
SOURCE: Final = "/relais/notifications"
TEST: Final = event_type("webhook", "test")
OLD_SECRET_SIGNS: Final = timedelta(hours=24)
ROLES: Final = frozenset({"partner", "operator"})
"""Roles that may have endpoints; coordinators have the board and the feed."""


def owner_of(caller: Caller) -> Owner:
    """Whose endpoints and deliveries a caller deals with; raises Refused for roles that have none."""
    if caller.role not in ROLES:
        raise Refused("wrong-role", f"role {caller.role} has no webhooks", status=403, allowed=sorted(ROLES))
    return Owner(caller.role, caller.org)


def not_found() -> Refused:
    """There is none, or it is somebody else's: the same answer."""
    return Refused("not-found", "there is no such endpoint of yours", status=404)


def routes(
    database: Database, sealing: Sealing, caller: AskCaller, wake: Callable[[], None], *, allow_private: bool
) -> APIRouter:
    """The routes; `wake` tells the sender that something is owed."""
    router = APIRouter(prefix="/v1/endpoints", tags=["webhooks"])

    def owner(request: Request) -> Owner:
        return owner_of(caller(request))

    _making(router, database, sealing, owner, allow_private=allow_private)
    _looking(router, database, owner)
    _using(router, database, owner)
    _sending(router, database, owner, wake)
    return router


def _making(
    router: APIRouter, database: Database, sealing: Sealing, owner: Callable[..., Owner], *, allow_private: bool
) -> None:
    @router.post("", status_code=201, summary="Make an endpoint")
    async def make(body: NewEndpointBody, who: Annotated[Owner, Depends(owner)]) -> CreatedEndpoint:
        """From now on the events meant for the caller are posted to the URL, signed; the secret is shown this once."""
        _check(body, allow_private=allow_private)
        id, secret, now = clock.new_id(), secrets.token_bytes(SECRET_BYTES), clock.now()
        types = sorted(set(body.types)) if body.types is not None else None
        sealed = sealing.seal(secret, id)
        new = NewEndpoint(id, body.url, body.description, types, body.max_in_flight, sealed)
        async with database.transaction() as conn:
            if not await endpoint_store.create(conn, who, new, now):
                raise Refused("too-many", f"an organisation has at most {endpoint_store.MOST} endpoints")
            found = await _found(conn, who, id)
        return CreatedEndpoint(**found, secret=written(secret))

    @router.post("/{id}/rotate", summary="Replace an endpoint's secret")
    async def rotate(id: UUID, who: Annotated[Owner, Depends(owner)]) -> NewSecret:
        """A new secret, shown this once; for 24 hours messages are signed with the old one too."""
        secret, now = secrets.token_bytes(SECRET_BYTES), clock.now()
        until = now + OLD_SECRET_SIGNS
        async with database.connection() as conn:
            if not await endpoint_store.rotate(conn, who, id, sealing.seal(secret, id), until, now):
                raise not_found()
        return NewSecret(secret=written(secret), old_secret_until=until)


def _check(body: NewEndpointBody, *, allow_private: bool) -> None:
    expected = expected_of(body.url, allow_private=allow_private)
    if expected is not None:
        errors = [{"pointer": "/url", "detail": f"expected {expected}"}]
        raise Refused("invalid", f"/url: expected {expected}", status=422, errors=errors)
    told = sorted(type for type, recipients in AUDIENCE.items() if recipients)
    for index, type in enumerate(body.types or ()):
        if type not in told:
            errors = [{"pointer": f"/types/{index}", "detail": "nobody is told of this type"}]
            raise Refused(
                "invalid", f"/types/{index}: nobody is told of {type!r}", status=422, errors=errors, allowed=told
            )


def _looking(router: APIRouter, database: Database, owner: Callable[..., Owner]) -> None:
    @router.get("", summary="One's own endpoints")
    async def list_all(who: Annotated[Owner, Depends(owner)]) -> list[Endpoint]:
        """Every endpoint of the caller's organisation, and how it does."""
        async with database.connection() as conn:
            return [Endpoint(**found) for found in await endpoint_store.listed(conn, who, clock.now())]

    @router.get("/{id}", summary="One endpoint")
    async def get(id: UUID, who: Annotated[Owner, Depends(owner)]) -> Endpoint:
        """One of the caller's endpoints."""
        async with database.connection() as conn:
            return Endpoint(**await _found(conn, who, id))


def _using(router: APIRouter, database: Database, owner: Callable[..., Owner]) -> None:
    @router.delete("/{id}", status_code=204, summary="Delete an endpoint")
    async def delete(id: UUID, who: Annotated[Owner, Depends(owner)]) -> None:
        """Nothing more is sent; its log stays readable."""
        await _retire(database, who, id, "deleted")

    @router.post("/{id}/disable", summary="Put an endpoint out of use")
    async def disable(id: UUID, who: Annotated[Owner, Depends(owner)]) -> Endpoint:
        """What waits is abandoned and can be replayed; meanwhile the feed has everything."""
        return await _retire(database, who, id, "disabled")

    @router.post("/{id}/enable", summary="Put an endpoint back into use")
    async def enable(id: UUID, who: Annotated[Owner, Depends(owner)]) -> Endpoint:
        """What is told from now on is sent; what was abandoned can be replayed."""
        async with database.transaction() as conn:
            if not await endpoint_store.enable(conn, who, id, clock.now()):
                raise not_found()
            return Endpoint(**await _found(conn, who, id))


def _sending(router: APIRouter, database: Database, owner: Callable[..., Owner], wake: Callable[[], None]) -> None:
    @router.post("/{id}/test", status_code=202, summary="Send a test event")
    async def test(id: UUID, who: Annotated[Owner, Depends(owner)]) -> Owed:
        """A signed event of type `org.relais.webhook.test.v1` goes the way of all others; the log says how it went."""
        async with database.transaction() as conn:
            await _enabled(conn, who, id)
            event = _test_event(id)
            delivery = await delivery_store.owe_event(conn, id, event.id, event.type, to_json(event), clock.now())
        wake()
        return Owed(delivery=delivery)

    @router.post("/{id}/replay", status_code=202, summary="Send again what was abandoned")
    async def replay(id: UUID, body: ReplayBody, who: Annotated[Owner, Depends(owner)]) -> Replayed:
        """Abandoned deliveries since a moment, the oldest first, under the webhook-ids they had."""
        async with database.transaction() as conn:
            await _enabled(conn, who, id)
            ids = await delivery_store.abandoned(conn, who, id, body.since, AT_ONCE)
            replayed = await delivery_store.owe_again(conn, ids, clock.now())
        wake()
        return Replayed(replayed=replayed)


async def _found(conn: Connection, who: Owner, id: UUID) -> dict[str, Any]:
    found = await endpoint_store.get(conn, who, id, clock.now())
    if found is None:
        raise not_found()
    return found


async def _enabled(conn: Connection, who: Owner, id: UUID) -> None:
    state = await endpoint_store.state(conn, who, id)
    if state is None:
        raise not_found()
    if state != "enabled":
        raise Refused("not-enabled", f"this endpoint is {state}: enable it first", state=state)


async def _retire(database: Database, who: Owner, id: UUID, state: Retired) -> Endpoint:
    async with database.connection() as conn:
        found = await _found(conn, who, id)
    await retire(database, id, state, clock.now())
    return Endpoint(**{**found, "state": "disabled" if state == "deleted" else state, "pending": 0})


def _test_event(endpoint: UUID) -> CloudEvent:
    id = f"test/{clock.new_id()}"
    data = write_json({"endpoint": str(endpoint)})
    return CloudEvent(id=id, source=SOURCE, type=TEST, data=data, time=clock.now())
