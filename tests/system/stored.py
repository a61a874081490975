"""A decision as routing stores it, with all that it refers to: for the commands that look at it afterwards."""

import asyncpg
import orjson

from builders import CASE, MACON, MONDAY, OPERATOR
from matching_builders import DRAW, SECRET, offer, partner, request
from relais_contracts.handoffs import HandoffProposed
from relais_routing import directory
from relais_routing.matching.index import Index
from relais_routing.matching.match import match
from relais_routing.matching.record import record
from relais_routing.matching.seal import digest, sealed
from relais_territories import FRANCE, France

DECISION = "7c0c1f0e-58a1-4f7e-8d56-0a54a2c1c5d1"
ENTRIES = [event for name in ("a", "b", "c") for event in (partner(name), offer(name))]


async def store_decision(conn: "asyncpg.Connection[asyncpg.Record]", *, revealed: bool = False) -> bytes:
    """Write it in routing's schema, its draw given out or not, on a directory that has moved on since; the record."""
    await directory.store(conn, [(f"entry/{number}", event, MONDAY) for number, event in enumerate(ENTRIES)])
    made = await _made(conn, FRANCE)
    await directory.store(conn, [("entry/0", partner("a", name="Autre nom"), MONDAY)])
    drawn = "insert into draw (day, secret, revealed, committed_at) values ($1, $2, $3, $4)"
    await conn.execute(drawn, DRAW.day, SECRET, revealed, MONDAY)
    await conn.execute("insert into known_case values ($1, $2, $3, '{}')", CASE, OPERATOR, MACON)
    await conn.execute(
        "insert into decision values ($1, $2, 'digital', $3, $4, 1, $5)", DECISION, CASE, MONDAY, made, len(ENTRIES)
    )
    await conn.execute(
        "insert into log (stream, version, type, subject, time, data) values ($1, 1, $2, $3, $4, '{}')",
        f"chain/{CASE}", HandoffProposed.TYPE, CASE, MONDAY,
    )  # fmt: skip
    await seal(conn, made)
    return made


async def make_again(conn: "asyncpg.Connection[asyncpg.Record]", france: France) -> bytes:
    """Let the decision stored be one that was made, and sealed, in other territories; the record."""
    made = await _made(conn, france)
    await conn.execute("update decision set record = $1", made)
    await seal(conn, made)
    return made


async def _made(conn: "asyncpg.Connection[asyncpg.Record]", france: France) -> bytes:
    index = await directory.index_at(conn, len(ENTRIES), Index(france))
    return sealed(record(match(index, request(), DRAW)), "1")


async def seal(conn: "asyncpg.Connection[asyncpg.Record]", made: bytes) -> None:
    """Let the event in the log seal these bytes, as if routing had made them."""
    said = orjson.dumps({"decision": DECISION, "step": "digital", "record": digest(made)})
    await conn.execute("update log set data = $1 where stream = $2", said, f"chain/{CASE}")
