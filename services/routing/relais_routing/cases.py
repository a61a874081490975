"""What is known of the cases of one batch: read once after the locks, written once with the events.

The pure value is `chain.case.Case`. It learns nothing by itself.
"""

from collections.abc import Iterable
from typing import Final, Self

from relais_chassis.postgres import Connection
from relais_contracts.cases import CasePayload
from relais_routing.chain.case import UNKNOWN, Case, Stored, learn

_READ: Final = "select case_id, operator, commune, state from known_case where case_id = any($1::text[])"
_SAVE: Final = """
insert into known_case (case_id, operator, commune, state)
select * from unnest($1::text[], $2::text[], $3::text[], $4::bytea[])
on conflict (case_id) do update set operator = excluded.operator, commune = excluded.commune, state = excluded.state
"""


class Cases:
    """The cases of one batch; each is parsed when a decision first needs it."""

    def __init__(self) -> None:
        self._known: dict[str, Case | Stored] = {}
        self._changed: dict[str, Case] = {}

    @classmethod
    async def read(cls, conn: Connection, ids: Iterable[str]) -> Self:
        """Look up every case of the batch at once."""
        cases = cls()
        wanted = list(ids)
        if wanted:
            for id, operator, commune, state in await conn.fetch(_READ, wanted):
                cases._known[id] = Stored(operator, commune, state)
        return cases

    def of(self, id: str) -> Case | Stored:
        """What is known of a case."""
        return self._known.get(id, UNKNOWN)

    def learn(self, id: str, fact: CasePayload) -> None:
        """What the next command of this batch will know."""
        known = self.of(id)
        case = known.case if isinstance(known, Stored) else known
        after = learn(case, fact)
        if after is not case:
            self._known[id] = self._changed[id] = after

    async def save(self, conn: Connection) -> None:
        """Write the cases that changed."""
        if not self._changed:
            return
        ids, cases = list(self._changed), list(self._changed.values())
        states = [each.model_dump_json(exclude_defaults=True).encode() for each in cases]
        await conn.execute(_SAVE, ids, [each.operator for each in cases], [each.commune for each in cases], states)
