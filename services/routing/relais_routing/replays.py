"""A stored decision made again: from the directory as it stood then, under the same draw.

`relais decisions` calls it beside the database. It changes nothing.
"""

from datetime import date
from typing import Any, NamedTuple

from relais_chassis.postgres import Connection
from relais_routing import decisions, draws
from relais_routing.directory import index_at
from relais_routing.matching.record import replay, verify


class Replayed(NamedTuple):
    """The stored record and the same decision made today; `wrong` says what is wrong with its draw."""

    stored: dict[str, Any]
    again: dict[str, Any]
    wrong: list[str]

    @property
    def is_equal(self) -> bool:
        """Whether both are the same, bit for bit, and the draw is as it was committed."""
        return self.stored == self.again and not self.wrong


async def replayed(conn: Connection, id: str) -> Replayed | None:
    """A decision made again; none where it, or its day's secret, is not here."""
    found = await decisions.read(conn, id)
    secret = await draws.secret_of(conn, date.fromisoformat(found[0]["day"])) if found else None
    if found is None or secret is None:
        return None
    stored = found[0]
    index = await index_at(conn, stored["directory"])
    return Replayed(stored, replay(stored, index, secret), verify(stored, secret))
