"""The decision records: stored with the event that seals them, read by those the case concerns.

The bytes are made once, by `choosing`; what is given out is what was sealed. It never changes one.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from relais_chassis.commands import Recorded
from relais_chassis.postgres import Connection
from relais_contracts.handoffs import HandoffProposed, StepUnmet
from relais_routing.choosing import Choosing

_SAVE: Final = """
insert into decision (id, case_id, step, at, version, directory, record)
select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::bigint[], $6::bigint[], $7::bytea[])
on conflict (id) do nothing
"""
_ONE: Final = """
select d.record, k.operator, k.commune from decision d join known_case k using (case_id) where d.id = $1
"""


class Decisions:
    """The records of one batch."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str, str, datetime, int, int, bytes]] = []

    def add(self, case: str, events: Iterable[Recorded], choosing: Choosing) -> None:
        """Keep the records behind these events."""
        for event in events:
            payload = event.payload
            if isinstance(payload, HandoffProposed | StepUnmet) and payload.decision in choosing.made:
                directory, made = choosing.made[payload.decision].directory, choosing.records[payload.decision]
                self._rows.append((payload.decision, case, payload.step, event.time, event.version, directory, made))

    async def save(self, conn: Connection) -> None:
        """Write them."""
        if self._rows:
            await conn.execute(_SAVE, *(list(column) for column in zip(*self._rows, strict=True)))


class Stored(NamedTuple):
    """A record as it was sealed, with the operator and the commune of its case."""

    record: bytes
    operator: str
    commune: str


async def read(conn: Connection, id: str) -> Stored | None:
    """A record; none where there is no such decision."""
    row = await conn.fetchrow(_ONE, id)
    return None if row is None else Stored(bytes(row["record"]), row["operator"], row["commune"])
