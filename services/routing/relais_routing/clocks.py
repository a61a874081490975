"""The sheet of clocks: one row a chain, the next moment at which its clocks have something to say.

Written with every change of a chain; the sweep reads which are due and asks the decider. It never decides, and leaves
alone a chain of which something waits in `parked`: the answer in time may be in it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from relais_chassis import clock
from relais_chassis.commands import Command
from relais_chassis.postgres import Connection
from relais_routing.chain.commands import CheckClocks

_SAVE: Final = """
insert into clock (case_id, due) select * from unnest($1::text[], $2::timestamptz[])
on conflict (case_id) do update set due = excluded.due where clock.due is distinct from excluded.due
"""
_DUE: Final = """
select case_id from clock
where due <= $1
  and not exists (
      select from mark m where m.parked and m.stream in ('case/' || clock.case_id, 'actions/' || clock.case_id)
  )
order by due limit $2
"""


async def save(conn: Connection, due: Mapping[str, datetime | None]) -> None:
    """Write when each chain is to be looked at next."""
    if due:
        await conn.execute(_SAVE, list(due), list(due.values()))


async def find(conn: Connection, now: datetime, limit: int) -> list[Command]:
    """The sweep: chains that are due, asked to look at their clocks."""
    at = clock.now()
    return [Command(f"chain/{id}", CheckClocks(now), None, at) for (id,) in await conn.fetch(_DUE, now, limit)]
