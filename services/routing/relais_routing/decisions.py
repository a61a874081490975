"""The decision records: stored with the event they led to, read by those the case concerns.

The record itself is made by matching. It never changes one.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import orjson

from relais_chassis.commands import Recorded
from relais_chassis.postgres import Connection
from relais_contracts.handoffs import HandoffProposed, StepUnmet
from relais_routing.choosing import Choosing
from relais_routing.matching.record import record

_SAVE: Final = """
insert into decision (id, case_id, step, at, record)
select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::bytea[])
on conflict (id) do nothing
"""
_ONE: Final = """
select d.record, k.operator, k.commune from decision d join known_case k using (case_id) where d.id = $1
"""


class Decisions:
    """The records of one batch."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str, str, datetime, bytes]] = []

    def add(self, case: str, events: Iterable[Recorded], choosing: Choosing) -> None:
        """Keep the records behind these events."""
        for event in events:
            payload = event.payload
            if isinstance(payload, HandoffProposed | StepUnmet) and payload.decision in choosing.made:
                made = orjson.dumps(record(choosing.made[payload.decision]))
                self._rows.append((payload.decision, case, payload.step, event.time, made))

    async def save(self, conn: Connection) -> None:
        """Write them."""
        if self._rows:
            await conn.execute(_SAVE, *(list(column) for column in zip(*self._rows, strict=True)))


async def read(conn: Connection, id: str) -> tuple[dict[str, Any], str, str] | None:
    """A record, with the operator and the commune of its case."""
    row = await conn.fetchrow(_ONE, id)
    return None if row is None else (orjson.loads(row["record"]), row["operator"], row["commune"])
