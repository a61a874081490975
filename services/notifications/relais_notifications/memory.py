"""What telling remembers, in PostgreSQL: read for a batch, written back where the batch changed it.

Between the stream and `telling`. It decides nothing.
"""

from collections.abc import Sequence
from typing import Final

from relais_chassis.postgres import Connection
from relais_contracts.cases import CaseErased
from relais_contracts.handoffs import HandoffPayload
from relais_notifications.heard import Heard
from relais_notifications.telling import Known, Operators

_TRANSFERRED: Final = "select case_id, operator, former from transferred where case_id = any($1::text[])"
_READERS: Final = "select case_id, partner from contact_reader where case_id = any($1::text[])"
_HANDED_ON: Final = "select handoff, partner from handed_on where handoff = any($1::text[])"

_TRANSFER: Final = """
insert into transferred (case_id, operator, former)
select case_id, operator, string_to_array(former, ' ')
from unnest($1::text[], $2::text[], $3::text[]) as given(case_id, operator, former)
on conflict (case_id) do update set operator = excluded.operator, former = excluded.former
"""
_READ: Final = "insert into contact_reader select * from unnest($1::text[], $2::text[]) on conflict do nothing"
_HAND_ON: Final = "insert into handed_on select * from unnest($1::text[], $2::text[]) on conflict do nothing"


class Memory:
    """What is known at the start of a batch (`known`, which telling then changes), and how it was before."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self._operators = dict(known.operators)
        self._readers = {case: frozenset(partners) for case, partners in known.readers.items()}
        self._handed_on = dict(known.handed_on)

    @classmethod
    async def read(cls, conn: Connection, heard: Sequence[Heard]) -> "Memory":
        """Everything earlier that telling these events may need."""
        known = Known()
        cases = list({each.case for each in heard})
        for case, operator, former in await conn.fetch(_TRANSFERRED, cases):
            known.operators[case] = Operators(operator, frozenset(former))
        erased = [each.case for each in heard if isinstance(each.payload, CaseErased)]
        if erased:
            for case, partner in await conn.fetch(_READERS, erased):
                known.readers.setdefault(case, set()).add(partner)
        parents = [each.payload.parent for each in heard if isinstance(each.payload, HandoffPayload)]
        if asked := [parent for parent in parents if parent]:
            known.handed_on.update(await conn.fetch(_HANDED_ON, asked))
        return cls(known)

    async def save(self, conn: Connection) -> None:
        """Write what the batch added."""
        known = self.known
        moved = {case: held for case, held in known.operators.items() if self._operators.get(case) != held}
        if moved:
            former = [" ".join(sorted(held.former)) for held in moved.values()]
            await conn.execute(_TRANSFER, list(moved), [held.now for held in moved.values()], former)
        read = [
            (case, partner)
            for case, partners in known.readers.items()
            for partner in partners - self._readers.get(case, frozenset())
        ]
        if read:
            await conn.execute(_READ, [case for case, _ in read], [partner for _, partner in read])
        handed_on = {handoff: p for handoff, p in known.handed_on.items() if handoff not in self._handed_on}
        if handed_on:
            await conn.execute(_HAND_ON, list(handed_on), list(handed_on.values()))
