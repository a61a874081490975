"""`relais directory duplicates`: listings of different sources that are likely one service, each with the reason.

Read from the directory in routing's database. It merges nothing: who declared an entry puts it right.
"""

import asyncio
from typing import Any

from relais_chassis.postgres import Database
from relais_cli.operations import dsn
from relais_cli.output import JsonFlag, give, give_table


def duplicates(*, as_json: JsonFlag = False) -> int:
    """Show likely duplicates: every cluster with its listings, their sources and why they are alike."""
    found = asyncio.run(_found())
    if as_json:
        give(found, True)
        return 0
    rows = []
    for number, cluster in enumerate(found, 1):
        reasons = sorted({link["text"] for link in cluster["links"]})
        for place, member in enumerate(cluster["members"]):
            why = " ; ".join(reasons) if place == 0 else ""
            rows.append((number, member["source"], member["offer"], member["name"], member["partner_name"], why))
    give_table(("n°", "source", "fiche", "service", "organisation", "pourquoi"), rows, False)
    return 0


async def _found() -> list[dict[str, Any]]:
    from relais_routing.directory import LiveIndex
    from relais_routing.duplicates import told

    live = LiveIndex()
    async with Database(dsn("routing"), "routing", max_size=1) as database, database.connection() as conn:
        await live.refresh(conn)
    return [told(live.index, cluster) for cluster in live.index.clusters()]
