"""What is known of the cases of one batch: read once after the locks, written once with the events.

The pure value is `chain.case.Case`. It learns nothing by itself.
"""

from collections.abc import Iterable
from typing import Final, Self

from relais_chassis.postgres import Connection
from relais_routing.chain.case import UNKNOWN, Case

_READ: Final = "select case_id, state from known_case where case_id = any($1::text[])"
_SAVE: Final = """
insert into known_case (case_id, operator, commune, state)
select * from unnest($1::text[], $2::text[], $3::text[], $4::bytea[])
on conflict (case_id) do update set operator = excluded.operator, commune = excluded.commune, state = excluded.state
"""


class Cases:
    """The cases of one batch; each is parsed when first asked for."""

    def __init__(self) -> None:
        self._stored: dict[str, bytes] = {}
        self._known: dict[str, Case] = {}
        self._changed: set[str] = set()

    @classmethod
    async def read(cls, conn: Connection, ids: Iterable[str]) -> Self:
        """Look up every case of the batch at once."""
        cases = cls()
        wanted = list(ids)
        if wanted:
            cases._stored = dict(await conn.fetch(_READ, wanted))
        return cases

    def of(self, id: str) -> Case:
        """What is known of a case."""
        known = self._known.get(id)
        if known is None:
            stored = self._stored.get(id)
            known = self._known[id] = UNKNOWN if stored is None else Case.model_validate_json(stored)
        return known

    def change(self, id: str, case: Case) -> None:
        """What the next command of this batch will know."""
        if case is not self._known.get(id):
            self._known[id] = case
            self._changed.add(id)

    async def save(self, conn: Connection) -> None:
        """Write the cases that changed."""
        if not self._changed:
            return
        ids = list(self._changed)
        cases = [self._known[id] for id in ids]
        states = [each.model_dump_json(exclude_defaults=True).encode() for each in cases]
        await conn.execute(_SAVE, ids, [each.operator for each in cases], [each.commune for each in cases], states)
