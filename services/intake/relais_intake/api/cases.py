"""`GET /v1/cases/{id}`: an operator's own case, from the first stage to the end of its chain.

Reads the case's state, its log and the projection of hand-offs in one moment. It never shows a contact.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from relais_chassis.access import Caller
from relais_chassis.decider import Refused
from relais_chassis.postgres import Connection
from relais_chassis.states import States
from relais_contracts.cases import STAGES, CaseOpened, CaseStrategyElaborated
from relais_contracts.catalogue import parse
from relais_contracts.envelope import Part, Payload
from relais_contracts.identifiers import UUID_PATTERN, stream
from relais_intake.api.answers import json_response
from relais_intake.api.bodies import CaseSeen
from relais_intake.api.desk import Desk, roles
from relais_intake.case.decider import Case
from relais_intake.case.stages import PASSED_BY, expected
from relais_intake.handoffs.tree import chain

_MINE: Final = """select true from held_case where "case" = $1 and operator = $2"""
_STEPS: Final = """select * from chain_step where "case" = $1"""
_HANDOFFS: Final = """select * from handoff where "case" = $1"""


def routes(desk: Desk) -> APIRouter:
    """The route."""
    router = APIRouter(prefix="/v1/cases", tags=["cases"])
    operator = desk.needs("operator")

    @router.get("/{case}", summary="One's own case", response_model=CaseSeen, openapi_extra=roles("operator"))
    async def look(
        case: Annotated[str, Path(pattern=UUID_PATTERN)], caller: Annotated[Caller, Depends(operator)]
    ) -> Response:
        """Stages, road map, consents, and the chain as a tree."""
        async with desk.database.transaction() as conn:
            await conn.execute("set transaction isolation level repeatable read, read only")
            if await conn.fetchval(_MINE, case, caller.org) is None:
                raise Refused("unknown-case", "there is no such case of yours", status=404)
            state, said = await _told(desk, conn, stream("case", case))
            steps, handoffs = await conn.fetch(_STEPS, case), await conn.fetch(_HANDOFFS, case)
        return json_response({"case": case, **seen(state, said, steps, handoffs)})

    return router


async def _told(desk: Desk, conn: Connection, name: str) -> tuple[Case, list[Payload]]:
    """The case, and what was said of it."""
    states = States(desk.transactor.model)
    await states.read(conn, [name])
    events = await desk.transactor.log.read(conn, name)
    return states.of(name).state, [parse(event) for event in events]


def seen(case: Case, said: Sequence[Payload], steps: Any, handoffs: Any) -> dict[str, Any]:
    """The case as its operator sees it; of an erased one nothing of the person."""
    last = {} if case.erased else {type(event): event for event in said}
    facts, strategy = last.get(CaseOpened), last.get(CaseStrategyElaborated)
    standing = zip(STAGES, PASSED_BY[: len(case.stages)], strict=False)
    consents = case.consents
    return {
        "operator": case.operator,
        "facts": _data(facts),
        "expected": None if case.closed else expected(len(case.stages)),
        "stages": [{"stage": stage, **_data(last[event])} for stage, event in standing],
        "strategy": _data(strategy),
        "consents": {
            "general": _data(consents.general),
            "by_step": {step: _data(given) for step, given in consents.by_step.items()},
        },
        "attested": dict(case.attested),
        "closed": case.closed,
        "erased": case.erased,
        "chain": chain(strategy if isinstance(strategy, CaseStrategyElaborated) else None, steps, handoffs),
    }


def _data(part: Part | None) -> Any:
    return None if part is None else part.model_dump(mode="json", exclude_none=True, exclude={"operator"})
