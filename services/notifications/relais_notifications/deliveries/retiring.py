"""The end of an endpoint, for a while or for good: nothing more is owed to it, what it was owed is abandoned.

Owners ask for it at their door, the sender when a receiver says 410. Abandoned deliveries can be sent again later.
"""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from relais_chassis.postgres import Connection, Database

Retired = Literal["disabled", "gone", "deleted"]

_RETIRE: Final = """
update endpoint set state = $2, changed = $3,
       secret = case when $2 = 'deleted' then ''::bytea else secret end,
       secret_before = case when $2 = 'deleted' then null else secret_before end
where id = $1 and state <> 'deleted'
"""
# After the endpoint's lock is ours no batch can owe it anything more: see the shared lock in owing.
_ABANDON: Final = """
update delivery set state = 'abandoned', reason = $2, done = $3 where endpoint = $1 and state = 'pending'
"""
_EMPTY: Final = "delete from lane where endpoint = $1"


async def retire(database: Database, endpoint: UUID, state: Retired, now: datetime) -> None:
    """Put an endpoint out of use and abandon what is pending for it, in one transaction."""

    async def work(conn: Connection) -> None:
        await conn.execute(_RETIRE, endpoint, state, now)
        await conn.execute(_ABANDON, endpoint, f"the endpoint is {state}", now)
        await conn.execute(_EMPTY, endpoint)

    await database.in_transaction(work, "retire an endpoint")
