"""Messages from outside are answered once: a repetition gets the first answer, an id with another body is told apart.

Read after the locks, saved with the batch. Only what was accepted is remembered; a refusal is judged afresh.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Self, TypeAlias

import orjson

from relais_chassis.commands import Command, FromOutside, Repeated, Reused
from relais_chassis.decider import JSON
from relais_chassis.postgres import Connection

_READ: Final = """
select i.org, i.source, i.id, i.digest, i.answer
from unnest($1::text[], $2::text[], $3::text[]) as asked(org, source, id) join inbox i using (org, source, id)
"""
_SAVE: Final = """
insert into inbox (org, source, id, digest, answer, received)
select * from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::jsonb[], $6::timestamptz[])
"""
Key: TypeAlias = tuple[str, str, str]


class Inbox:
    """What is remembered of the messages of one batch."""

    def __init__(self) -> None:
        self._known: dict[Key, tuple[bytes, JSON]] = {}
        self._new: list[tuple[str, str, str, bytes, str, datetime]] = []

    @classmethod
    async def read(cls, conn: Connection, commands: Sequence[Command]) -> Self:
        """Look up every message of the batch at once."""
        inbox = cls()
        origins = [command.origin for command in commands if isinstance(command.origin, FromOutside)]
        if origins:
            columns = [o.org for o in origins], [o.source for o in origins], [o.id for o in origins]
            for org, source, id, digest, answer in await conn.fetch(_READ, *columns):
                inbox._known[org, source, id] = digest, orjson.loads(answer)
        return inbox

    def again(self, origin: FromOutside) -> Repeated | Reused | None:
        """The answer to a message seen before; None for a new one."""
        known = self._known.get((origin.org, origin.source, origin.id))
        if known is None:
            return None
        digest, reply = known
        return Repeated(reply) if digest == origin.digest else Reused()

    def remember(self, origin: FromOutside, reply: JSON, received: datetime) -> None:
        """Keep the first answer."""
        self._known[origin.org, origin.source, origin.id] = origin.digest, reply
        answer = orjson.dumps(reply).decode()
        self._new.append((origin.org, origin.source, origin.id, origin.digest, answer, received))

    async def save(self, conn: Connection) -> None:
        """Write what is new; a message that another worker stored meanwhile raises UniqueViolationError."""
        if self._new:
            await conn.execute(_SAVE, *(list(column) for column in zip(*self._new, strict=True)))
