"""The question whether choices were fair: what each received beside what honest draws would have given it.

HTTP reads only, through `door`. Operators see what went to their own group, coordinators the partners and operators of
their territories: counts are kept by département, the smallest place in which they point at nobody.
"""

import asyncio
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from relais_chassis import clock
from relais_chassis.access import Caller
from relais_chassis.postgres import Connection, Database
from relais_contracts.identifiers import Territory
from relais_routing.door import Door, concerns
from relais_routing.impartiality import store
from relais_routing.impartiality.band import ALPHA
from relais_routing.impartiality.counts import KINDS, Period, month_of, month_text, months_until
from relais_routing.impartiality.report import Row, rows
from relais_territories import FRANCE

Month = Annotated[str | None, Query(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="A month, as in 2026-03.")]
SHOWN: Final = 200
"""Rows that one answer holds at most, worst first."""


class Shares:
    """Answers from the counts."""

    def __init__(self, database: Database, door: Door) -> None:
        self._database, self._door = database, door

    def router(self) -> APIRouter:
        """The one route."""
        router = APIRouter(prefix="/v1")
        router.add_api_route("/impartiality", self.impartiality)
        return router

    async def impartiality(
        self,
        request: Request,
        since: Month = None,
        until: Month = None,
        group: Annotated[str | None, Query(max_length=200)] = None,
        territory: Annotated[Territory | None, Query()] = None,
    ) -> Response:
        """Shares received and eligible, bands and alarms; of the last twelve months, unless said otherwise."""
        caller = self._door.caller(request, "operator", "coordinator", "admin")
        year = months_until(_first_day(until) or month_of(clock.now()))
        period = year._replace(since=_first_day(since) or year.since)
        within = await asyncio.to_thread(seen_by, caller, territory)  # the first walks through France
        async with self._database.connection() as conn:
            found = await looked_at(conn, period, within, _operator(caller))
            raised = await _raised(conn, caller, {row.id for row in found if row.kind == "operator"})
        return JSONResponse({**answer(found, period, group), "raised": raised})


async def looked_at(
    conn: Connection, period: Period, territories: list[str] | None, operator: str | None = None
) -> list[Row]:
    """The rows of a period, in some territories, of one operator: worst first."""
    sums = await store.sums(conn, period, KINDS if operator is None else ("operator",), territories, operator)
    return rows(sums, await store.about(conn, {name for _, name, _ in sums}))


def answer(found: list[Row], period: Period, group: str | None) -> dict[str, Any]:
    """The rows as JSON; those of one group alone are judged by the same bands as with all others."""
    shown = [row for row in found if group is None or group in (row.group, row.id)]
    return {
        "since": month_text(period.since),
        "until": month_text(period.until),
        "alpha": ALPHA,
        "looked_at": len(found),
        "alarms": sum(row.is_alarm for row in shown),
        "rows": [row.to_json() for row in shown[:SHOWN]],
    }


def seen_by(caller: Caller, territory: str | None) -> list[str] | None:
    """The départements to be counted: those that the caller's territories touch, and the one asked for."""
    everywhere = caller.role != "coordinator"
    theirs = None if everywhere else {each for known in caller.territories for each in departements(known)}
    if territory is None:
        return None if theirs is None else sorted(theirs)
    asked = departements(territory)
    return sorted(asked if theirs is None else asked & theirs)


def departements(territory: str) -> frozenset[str]:
    """The départements that a territory such as `region:27` or `epci:200070308` touches, as they are counted."""
    return frozenset(f"departement:{code}" for code in FRANCE.departements_of(territory))


def _operator(caller: Caller) -> str | None:
    return caller.org if caller.role == "operator" else None


async def _raised(conn: Connection, caller: Caller, operators: set[str]) -> dict[str, str]:
    """The month of the last alarm about each operator, for itself and the coordinators of where it is."""
    known = await store.about(conn, operators)
    told = [each for each in known if caller.role == "admin" or concerns(caller, each, known[each].commune)]
    return {operator: month for operator, (_, month) in (await store.raised(conn, told)).items()}


def _first_day(month: str | None) -> date | None:
    return date.fromisoformat(f"{month}-01") if month else None
