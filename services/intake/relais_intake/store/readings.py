"""A partner reads a contact, inside a transaction: allowed, put on the record and shown, or none of it.

The gate is `case.disclosure`; this shell fetches what it asks about and opens the seal only after it agreed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from relais_chassis.decider import Refused
from relais_chassis.postgres import Connection
from relais_contracts.cases import CaseContactDisclosed, Contact
from relais_contracts.envelope import Payload
from relais_intake.case.decider import Case, decide
from relais_intake.case.disclosure import Disclose
from relais_intake.contacts import store as contacts
from relais_intake.contacts.sealing import Seal, Sealed
from relais_intake.store.statements import today

_HANDOFFS: Final = """
with recursive up(asked, step, parent) as (
    select id, step, parent from handoff where id = any($1::text[])
    union select up.asked, h.step, h.parent from up join handoff h on h.id = up.parent
)
select h.id, h."case", h.step, h.partner, h.offer, h.state, coalesce(up.step, h.step) as root
from handoff h left join up on up.asked = h.id and up.parent is null
where h.id = any($1::text[])
"""


@dataclass(slots=True)
class Reading:
    """A partner asks for the contact behind a hand-off of its own; `shown` is filled in when it is allowed."""

    handoff: str
    partner: str
    shown: dict[str, str] = field(default_factory=dict, repr=False)


class Readings:
    """The readings of one batch."""

    def __init__(self, seal: Seal, rows: dict[str, Any], kept: dict[str, Sealed]) -> None:
        self._seal, self._rows, self._kept = seal, rows, kept

    @classmethod
    async def read(cls, conn: Connection, seal: Seal, asked: Iterable[Reading]) -> "Readings":
        """The hand-offs and the sealed contacts."""
        rows = await conn.fetch(_HANDOFFS, [reading.handoff for reading in asked])
        kept = await contacts.of_cases(conn, {row["case"] for row in rows})
        return cls(seal, {row["id"]: row for row in rows}, kept)

    def decide(self, case: Case, reading: Reading, now: datetime) -> list[Payload]:
        """The reading's event, after which the contact is shown; raises Refused."""
        row = self._rows.get(reading.handoff)
        if row is None or row["partner"] != reading.partner:
            raise Refused("unknown-handoff", "there is no such hand-off of yours", status=404)
        kept = self._kept.get(row["case"])
        asked = Disclose(
            handoff=reading.handoff,
            partner=reading.partner,
            offer=row["offer"],
            step=row["step"],
            root=row["root"],
            state=row["state"],
            today=today(now),
            is_kept=kept is not None,
        )
        events = decide(case, asked)
        for event in events:
            if kept is not None and isinstance(event, CaseContactDisclosed):
                reading.shown = shown(contacts.opened(self._seal, row["case"], kept), event)
        return events


def shown(contact: Contact, event: CaseContactDisclosed) -> dict[str, str]:
    """What of a contact the event says was shown."""
    found: dict[str, str | None] = {}
    if "identity" in event.data:
        found["name"] = contact.name
    if "contact" in event.data:
        found |= {"phone": contact.phone, "email": contact.email, "preferred": contact.preferred}
    return {name: value for name, value in found.items() if value is not None}
