"""The entries that a batch's declarations refer to, kept true while the batch is decided.

Read inside the transaction, from the snapshots; a partner declared earlier in the batch is known to its offers.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from relais_chassis import locks
from relais_chassis.commands import Command
from relais_chassis.postgres import Connection
from relais_contracts.directory import (
    ClosureDeclared,
    ClosureWithdrawn,
    DirectoryPayload,
    OfferDeclared,
    PlacesDeclared,
)
from relais_intake.directory import decider, standing
from relais_intake.directory.decider import Declare, Known
from relais_intake.directory.entry import Entry, from_snapshot, stream_of

_READ: Final = "select stream, state from snapshot where stream = any($1::text[]) and state is not null"


class Registry:
    """Decides declarations, remembering what each said for those after it."""

    def __init__(self, entries: dict[str, Entry], closures: dict[str, set[str]]) -> None:
        self._entries, self._closures = entries, closures
        self._known = Known(entries, closures)

    def decide(self, entry: Entry, asked: Declare, now: datetime) -> list[DirectoryPayload]:
        """The entry's next word; raises Refused."""
        payloads = decider.decide(entry, asked, self._known, now)
        for payload in payloads:
            stream = stream_of(payload)
            self._entries[stream] = Entry(payload)
            if isinstance(payload, ClosureDeclared):
                self._closures.setdefault(payload.partner, set()).add(stream)
        return payloads


async def read(conn: Connection, commands: Sequence[Command]) -> Registry:
    """The entries referred to by the declarations among the commands."""
    declared = [command.body.payload for command in commands if isinstance(command.body, Declare)]
    closures = await _closures(conn, {one.partner for one in declared if isinstance(one, ClosureDeclared)})
    wanted = {stream for payload in declared for stream in _referred(payload)}.union(*closures.values())
    rows = await conn.fetch(_READ, list(wanted)) if wanted else []
    return Registry({stream: from_snapshot(state) for stream, state in rows}, closures)


async def _closures(conn: Connection, partners: set[str]) -> dict[str, set[str]]:
    """The closures of these partners, which nobody else may add to meanwhile: each has a stream of its own."""
    found: dict[str, set[str]] = {}
    if partners:
        await locks.take(conn, [f"closures-of/{partner}" for partner in partners])
        for stream, partner in await standing.closures(conn, list(partners)):
            found.setdefault(partner, set()).add(stream)
    return found


def _referred(payload: DirectoryPayload) -> Iterator[str]:
    match payload:
        case OfferDeclared() | ClosureWithdrawn():
            yield f"partner/{payload.partner}"
        case ClosureDeclared():
            yield f"partner/{payload.partner}"
            if payload.offer is not None:
                yield f"offer/{payload.offer}"
        case PlacesDeclared():
            yield f"offer/{payload.offer}"
        case _:
            return
