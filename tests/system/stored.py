"""A decision as routing stores it, with all that it refers to: for the commands that look at it afterwards."""

import asyncpg

from builders import CASE, MACON, MONDAY, OPERATOR
from matching_builders import DRAW, SECRET, offer, partner, request
from relais_routing import directory
from relais_routing.matching.match import match
from relais_routing.matching.record import record
from relais_routing.matching.seal import sealed

DECISION = "7c0c1f0e-58a1-4f7e-8d56-0a54a2c1c5d1"
ENTRIES = [event for name in ("a", "b", "c") for event in (partner(name), offer(name))]


async def store_decision(conn: "asyncpg.Connection[asyncpg.Record]", *, revealed: bool = False) -> bytes:
    """Write it in routing's schema, its draw given out or not, on a directory that has moved on since; the record."""
    await directory.store(conn, [(f"entry/{number}", event, MONDAY) for number, event in enumerate(ENTRIES)])
    index = await directory.index_at(conn, len(ENTRIES))
    made = sealed(record(match(index, request(), DRAW)), "1")
    await directory.store(conn, [("entry/0", partner("a", name="Autre nom"), MONDAY)])
    drawn = "insert into draw (day, secret, revealed, committed_at) values ($1, $2, $3, $4)"
    await conn.execute(drawn, DRAW.day, SECRET, revealed, MONDAY)
    await conn.execute("insert into known_case values ($1, $2, $3, '{}')", CASE, OPERATOR, MACON)
    await conn.execute(
        "insert into decision (id, case_id, step, at, directory, record) values ($1, $2, 'digital', $3, $4, $5)",
        DECISION, CASE, MONDAY, len(ENTRIES), made,
    )  # fmt: skip
    return made
