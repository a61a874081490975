"""The figures of practice: masked demands, interviews, answers in time, unmet needs by commune.

Counted from the rows of the last months, for one view; the API keeps them for a minute. No figure names a person.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from relais_chassis.postgres import Connection
from relais_notifications.board.offers import in_demand
from relais_notifications.board.places import point
from relais_notifications.board.present import commune_name
from relais_notifications.board.views import View

CASES_OF: Final = timedelta(days=365)
ANSWERS_OF: Final = timedelta(days=90)
PLACES_MOST: Final = 200
PARTNERS_MOST: Final = 10

_CASES: Final = """
SELECT count(*) AS cases,
    count(*) FILTER (WHERE masked IS NOT NULL) AS clarified,
    count(*) FILTER (WHERE masked) AS masked,
    count(*) FILTER (WHERE interviews = 0) AS without_interview
FROM board_case
WHERE departement = ANY($1) AND opened >= $2
    AND ($3::text IS NULL OR operator = $3)
    AND ($4::text[] IS NULL OR territories && $4)
    AND ($5::text IS NULL OR territories @> ARRAY[$5])
"""
_ANSWERS: Final = """
SELECT partner, organisation.name AS name, count(*) AS answers,
    count(*) FILTER (WHERE in_time) AS in_time,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answered - opened))
        FILTER (WHERE state <> 'lapsed') / 86400.0 AS median_days
FROM board_item LEFT JOIN organisation ON organisation.id = board_item.partner
WHERE departement = ANY($1) AND answered >= $2
    AND ($3::text IS NULL OR operator = $3)
    AND ($4::text[] IS NULL OR territories && $4)
    AND ($5::text IS NULL OR territories @> ARRAY[$5])
    AND ($6::text IS NULL OR partner = $6)
    AND ($7::text IS NULL OR actor = $7)
GROUP BY partner, organisation.name
ORDER BY count(*) FILTER (WHERE in_time)::float / count(*), count(*) DESC
"""
_UNMET: Final = """
SELECT commune, count(*) AS number FROM board_item
WHERE departement = ANY($1) AND list = 'unmet'
    AND ($2::text IS NULL OR operator = $2)
    AND ($3::text[] IS NULL OR territories && $3)
    AND ($4::text IS NULL OR territories @> ARRAY[$4])
    AND ($5::text IS NULL OR actor = $5)
GROUP BY commune ORDER BY number DESC, commune LIMIT $6
"""


_ORGANISATIONS: Final = """
WITH seen AS MATERIALIZED (
    SELECT DISTINCT operator, partner FROM board_item
    WHERE departement = ANY($1) AND list IS NOT NULL
        AND ($2::text IS NULL OR operator = $2)
        AND ($3::text[] IS NULL OR territories && $3)
        AND ($5::text IS NULL OR partner = $5)
), named AS (
    SELECT 'operators' AS kind, operator AS id FROM seen
    UNION SELECT 'partners', partner FROM seen WHERE partner IS NOT NULL
)
SELECT named.kind, named.id, coalesce(organisation.name, named.id) AS name
FROM named LEFT JOIN organisation ON organisation.id = named.id ORDER BY name, id LIMIT $4
"""
ORGANISATIONS_MOST: Final = 2000


async def organisations(conn: Connection, view: View) -> dict[str, list[dict[str, str]]]:
    """The operators and partners with something open in view, to filter by."""
    territories = list(view.territories) if view.territories is not None else None
    places = [] if view.impossible else list(view.departements)
    partner = view.partner if view.role == "partner" else None
    rows = await conn.fetch(_ORGANISATIONS, places, view.operator, territories, ORGANISATIONS_MOST, partner)
    found: dict[str, list[dict[str, str]]] = {"operators": [], "partners": []}
    for row in rows:
        found[row["kind"]].append({"id": row["id"], "name": row["name"]})
    return found


async def figures(conn: Connection, view: View, now: datetime) -> dict[str, Any]:
    """The figures of a view: counts, never ratios, so that a reader sees how few they may be.

    A partner is told of its own answers only: cases and unmet needs are not its business.
    """
    places = [] if view.impossible else list(view.departements)
    elsewhere = [] if view.role == "partner" else places
    territories = list(view.territories) if view.territories is not None else None
    of_cases = (view.operator, territories, view.within)
    cases = await conn.fetchrow(_CASES, elsewhere, now - CASES_OF, *of_cases)
    answers = await conn.fetch(_ANSWERS, places, now - ANSWERS_OF, *of_cases, view.partner, view.actor)
    unmet = await conn.fetch(_UNMET, elsewhere, *of_cases, view.actor, PLACES_MOST)
    return {
        "cases": dict(cases),
        "answers": {
            "answers": sum(row["answers"] for row in answers),
            "in_time": sum(row["in_time"] for row in answers),
            "partners": [_partner(row) for row in answers[:PARTNERS_MOST]],
        },
        "unmet": [_place(row["commune"], row["number"]) for row in unmet],
        "in_demand": await in_demand(conn, view),
    }


def _partner(row: Any) -> dict[str, Any]:
    return {
        "partner": row["partner"],
        "name": row["name"] or row["partner"],
        "answers": row["answers"],
        "in_time": row["in_time"],
        "median_days": None if row["median_days"] is None else round(float(row["median_days"]), 1),
    }


def _place(code: str, number: int) -> dict[str, Any]:
    where = point(code)
    return {"commune": code, "name": commune_name(code), "number": number, "at": where}
