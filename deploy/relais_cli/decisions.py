"""`relais decisions`: a choice made again from what was stored, or a draw checked by public inputs alone.

Changes nothing; routing's own matching does the work.
"""

import asyncio
import json
from pathlib import Path

from cyclopts import App

from relais_chassis.postgres import Database
from relais_cli.operations import dsn
from relais_cli.output import JsonFlag, Stopped, complain, give
from relais_routing.matching.record import verify as wrong_with
from relais_routing.replays import replayed

app = App(name="decisions", help="Replay and verify decisions.")
_LAST = "select id from decision order by at desc, id limit $1"


@app.command
def replay(*ids: str, last: int = 100, as_json: JsonFlag = False) -> int:
    """Make stored decisions again, from the directory as it stood then and the same draw; exit 1 when one differs.

    Parameters
    ----------
    ids
        Which decisions; none: the latest ones.
    last
        How many of the latest.
    """
    equal, different = asyncio.run(_replay(ids, last))
    give({"equal": equal, "different": different}, as_json)
    return 1 if different else 0


async def _replay(ids: tuple[str, ...], last: int) -> tuple[int, list[str]]:
    different: list[str] = []
    equal = 0
    async with Database(dsn("routing"), "routing", max_size=1) as database, database.connection() as conn:
        for id in ids or [row["id"] for row in await conn.fetch(_LAST, last)]:
            made = await replayed(conn, id)
            if made is None:
                raise Stopped(f"there is no decision {id}", 2)
            if made.is_equal:
                equal += 1
                continue
            different.append(id)
            for line in made.wrong or ["made again, the record is another"]:
                complain(f"{id}: {line}")
    return equal, different


@app.command
def verify(record: Path, *, secret: str) -> int:
    """Check a decision's draw from its record and the day's revealed secret; needs no access to anything.

    Parameters
    ----------
    record
        A file with what GET /v1/decisions/{id} answered.
    secret
        The secret that GET /v1/draws/{day} gives out after the day, in hex.
    """
    try:
        stored, revealed = json.loads(record.read_text()), bytes.fromhex(secret)
        wrong = wrong_with(stored, revealed)
    except (OSError, ValueError, KeyError) as failure:
        raise Stopped(f"this is no decision record with its secret: {failure!r}", 2) from None
    for line in wrong:
        complain(line)
    if not wrong:
        print("the draw is as it was committed")
    return 1 if wrong else 0
