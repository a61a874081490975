"""`GET /v1/cases/{id}`: an operator's own case, from the first stage to the end of its chain.

Reads the case's state and the projection of hand-offs in one moment. It never shows a contact.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from relais_chassis.access import Caller
from relais_chassis.decider import Refused
from relais_chassis.states import States
from relais_contracts.cases import STAGES
from relais_contracts.envelope import Part
from relais_contracts.identifiers import UUID_PATTERN, stream
from relais_intake.api.answers import json_response
from relais_intake.api.bodies import CaseSeen
from relais_intake.api.desk import Desk, roles
from relais_intake.case.decider import Case
from relais_intake.case.stages import expected
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
        name = stream("case", case)
        async with desk.database.transaction() as conn:
            if await conn.fetchval(_MINE, case, caller.org) is None:
                raise Refused("unknown-case", "there is no such case of yours", status=404)
            states = States(desk.transactor.model)
            await states.read(conn, [name])
            steps, handoffs = await conn.fetch(_STEPS, case), await conn.fetch(_HANDOFFS, case)
        return json_response({"case": case, **seen(states.of(name).state, steps, handoffs)})

    return router


def seen(case: Case, steps: Any, handoffs: Any) -> dict[str, Any]:
    """The case as its operator sees it."""
    consents = case.consents
    return {
        "operator": case.operator,
        "facts": _data(case.facts),
        "expected": None if case.closed else expected(len(case.stages)),
        "stages": [{"stage": STAGES[place], **_data(event)} for place, event in enumerate(case.stages)],
        "strategy": _data(case.strategy),
        "consents": {
            "general": _data(consents.general),
            "by_step": {step: _data(given) for step, given in consents.by_step.items()},
        },
        "attested": dict(case.attested),
        "closed": case.closed,
        "erased": case.erased,
        "chain": chain(case.strategy, steps, handoffs),
    }


def _data(part: Part | None) -> Any:
    return None if part is None else part.model_dump(mode="json", exclude_none=True, exclude={"operator"})
