"""`/v1/handoffs/{id}`: look at a hand-off, ask something of it, read its contact and its notes.

The door of partners, operators and coordinators. Somebody else's hand-off is 404 like one that does not exist.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from relais_chassis import clock
from relais_chassis.access import Caller
from relais_chassis.commands import Command
from relais_chassis.decider import JSON, Refused
from relais_chassis.gather import RETRY_AFTER
from relais_chassis.problems import Problem
from relais_contracts.actions import ActionRequested, By
from relais_contracts.codec import JSON as JSON_TYPE
from relais_contracts.identifiers import UUID_PATTERN, stream
from relais_intake.actions.demands import missing
from relais_intake.api import answers
from relais_intake.api.bodies import ActionBody, ActionTaken, ContactShown, HandoffSeen, TextSeen
from relais_intake.api.desk import Behind, Desk, roles
from relais_intake.case.disclosure import OPEN_TO_READING
from relais_intake.contacts.sealing import Sealed
from relais_intake.handoffs import store
from relais_intake.store.asking import Asking, as_asked
from relais_intake.store.readings import Reading

HandoffPath = Annotated[str, Path(pattern=UUID_PATTERN, description="The hand-off.")]
SEEN: Final = (
    *("case", "step", "attempt", "operator", "partner", "offer", "actor", "need", "commune", "decision", "parent"),
    *("state", "owner", "next", "due"),
)
_NOTE: Final = "select role, org, key_id, sealed, written from note where id = $1 and handoff = $2"
BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {JSON_TYPE: {"schema": {"$ref": "#/components/schemas/ActionBody"}}},
    }
}
NO_STORE: Final = {"Cache-Control": "no-store"}


def routes(desk: Desk) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/v1/handoffs", tags=["hand-offs"])
    _looking(router, desk)
    _asking(router, desk)
    _reading(router, desk)
    return router


def _looking(router: APIRouter, desk: Desk) -> None:
    looker = desk.needs("partner", "operator", "coordinator")

    @router.get(
        "/{handoff}",
        summary="A hand-off, and what may be asked of it",
        response_model=HandoffSeen,
        openapi_extra=roles("partner", "operator", "coordinator"),
    )
    async def look(handoff: HandoffPath, caller: Annotated[Caller, Depends(looker)]) -> Response:
        """State, owner, what is awaited and by when, and `available_actions` for this caller."""
        row = await visible(desk, caller, handoff, looking=True)
        async with desk.database.connection() as conn:
            undecided = (await store.undecided(conn, [handoff]))[0]
        after = as_asked(undecided)
        pending = [ActionRequested.model_validate_json(each).action for each in undecided.requests]
        return JSONResponse(
            {
                "handoff": handoff,
                **{name: answers.plain(row[name]) for name in SEEN},
                "request": answers.parsed(row["request"]),
                "appointment": answers.parsed(row["appointment"]),
                "pending": pending,
                "available_actions": list(after.allowed(caller.role, clock.now())) if row["is_own"] else [],
            }
        )


def _asking(router: APIRouter, desk: Desk) -> None:
    asker = desk.needs("partner", "operator", "coordinator")

    @router.post(
        "/{handoff}/actions",
        status_code=202,
        summary="Ask something of a hand-off",
        response_model=ActionTaken,
        openapi_extra={**roles("partner", "operator", "coordinator"), **BODY},
        responses={200: {"model": ActionTaken, "description": "The same message again: the first answer."}},
    )
    async def ask(handoff: HandoffPath, request: Request, caller: Annotated[Caller, Depends(asker)]) -> Response:
        """Judged at once, decided by routing. `id` tells repetitions apart; 409 names what is `allowed` instead."""
        body = await _body(request)
        lacking = missing(body.action, body.model_dump(exclude_none=True))
        if lacking:
            errors: list[JSON] = [{"pointer": f"/{name}", "detail": f"{body.action} needs it"} for name in lacking]
            raise Refused("invalid", f"{body.action} needs {', '.join(lacking)}", status=422, errors=errors)
        row = await visible(desk, caller, handoff)
        asking = _asking_of(desk, body, caller, handoff)
        origin = answers.origin_of_action(caller, body.id, asking.request)
        case = () if asking.note is None else (stream("case", row["case"]),)  # it may be erased at this moment
        command = Command(stream("actions", row["case"]), asking, origin, asking.request.received, beside=case)
        return answers.response(await desk.gather.submit(command), id=body.id)


async def _body(request: Request) -> ActionBody:
    """The body, read as strictly as an event: FastAPI's own reading would take no list for a tuple."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON_TYPE:
        raise Refused("content-type", f"expected {JSON_TYPE}", status=415, expected=[JSON_TYPE])
    return ActionBody.model_validate_json(await request.body())


def _asking_of(desk: Desk, body: ActionBody, caller: Caller, handoff: str) -> Asking:
    given = body.model_dump(exclude={"id", "note"}, exclude_none=True)
    text = None if body.note is None else desk.seal.reference(handoff, caller.org, body.note)
    by = By.model_validate({"role": caller.role, "org": caller.org})
    request = ActionRequested(**{**given, "handoff": handoff, "by": by, "received": clock.now(), "text": text})
    return Asking(request, body.note)


def _reading(router: APIRouter, desk: Desk) -> None:
    partner, both_ends = desk.needs("partner"), desk.needs("partner", "operator")

    @router.get(
        "/{handoff}/contact",
        summary="The person's contact",
        response_model=ContactShown,
        openapi_extra=roles("partner"),
    )
    async def contact(handoff: HandoffPath, caller: Annotated[Caller, Depends(partner)]) -> Response:
        """For the partner that accepted, within the person's consent. Each reading is put on the record.

        503 with Retry-After between its acceptance and routing's word on it, which takes a moment.
        """
        row = await visible(desk, caller, handoff)
        reading = Reading(handoff, caller.org)
        answer = await desk.gather.submit(Command(stream("case", row["case"]), reading, None, clock.now()))
        try:
            answers.raised(answer)
        except Refused as refused:
            if refused.code == "not-accepted" and await _is_accepted_soon(desk, handoff):
                raise _not_confirmed_yet() from None
            raise
        return JSONResponse(reading.shown, headers=NO_STORE)

    @router.get(
        "/{handoff}/texts/{text}",
        summary="A note",
        response_model=TextSeen,
        openapi_extra=roles("partner", "operator"),
    )
    async def text(
        handoff: HandoffPath,
        text: Annotated[str, Path(max_length=64, pattern=r"^[\x21-\x7e]+$")],
        caller: Annotated[Caller, Depends(both_ends)],
    ) -> Response:
        """For both ends of the hand-off. Show it as plain text only."""
        await visible(desk, caller, handoff)
        async with desk.database.connection() as conn:
            row = await conn.fetchrow(_NOTE, text, handoff)
        if row is None:
            raise Refused("unknown-text", "there is no such text", status=404)
        clear = desk.seal.open(text, Sealed(row["key_id"], row["sealed"])).decode()
        by = {"role": row["role"], "org": row["org"]}
        return JSONResponse({"text": clear, "by": by, "written": row["written"].isoformat()}, headers=NO_STORE)


async def _is_accepted_soon(desk: Desk, handoff: str) -> bool:
    """Whether the contact may be read as soon as routing agrees to what was asked."""
    async with desk.database.connection() as conn:
        (undecided,) = await store.undecided(conn, [handoff])
    return as_asked(undecided).state in OPEN_TO_READING


def _not_confirmed_yet() -> Problem:
    return Problem(
        503,
        "not-confirmed-yet",
        "your acceptance is noted and about to be confirmed; ask again in a moment",
        headers={"Retry-After": str(RETRY_AFTER)},
        french="Votre acceptation est enregistrée, sa confirmation est en cours. Réessayez dans un instant.",
    )


async def visible(desk: Desk, caller: Caller, handoff: str, *, looking: bool = False) -> Any:
    """The hand-off if it is the caller's; 404 where it is not, 503 where routing's news do not arrive.

    What is not known here may just have been proposed, or its news be put aside: both are waited for. `looking`: what
    the caller handed on is shown to it as well.
    """
    row, is_known = await _found(desk, caller, handoff)
    if not is_known:
        await desk.caught_up()
        await _is_not_put_aside(desk, handoff)
        row, _ = await _found(desk, caller, handoff)
    if row is None or not (looking or row["is_own"]):
        raise Refused("unknown-handoff", "there is no such hand-off of yours", status=404)
    return row


async def _is_not_put_aside(desk: Desk, handoff: str) -> None:
    async with desk.database.connection() as conn:
        if await store.is_put_aside(conn, handoff):
            raise Behind("news of this hand-off are put aside until somebody has looked at them")


async def _found(desk: Desk, caller: Caller, handoff: str) -> tuple[Any, bool]:
    async with desk.database.connection() as conn:
        row = await store.visible(conn, caller, handoff)
        if row is not None or not await store.is_known(conn, handoff):
            return row, row is not None
        return await store.visible(conn, caller, handoff), True  # it may have arrived between the two questions
