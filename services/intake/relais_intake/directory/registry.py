"""The entries that a batch's declarations refer to, kept true while the batch is decided.

Read inside the transaction, from the snapshots; a partner declared earlier in the batch is known to its offers.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from relais_chassis.commands import Command
from relais_chassis.postgres import Connection
from relais_contracts.directory import ClosureDeclared, DirectoryPayload, OfferDeclared, PlacesDeclared
from relais_intake.directory import decider
from relais_intake.directory.decider import Declare, Known
from relais_intake.directory.entry import Entry, from_snapshot, stream_of

_READ: Final = "select stream, state from snapshot where stream = any($1::text[]) and state is not null"


class Registry:
    """Decides declarations, remembering what each said for those after it."""

    def __init__(self, entries: dict[str, Entry]) -> None:
        self._entries = entries

    def decide(self, entry: Entry, asked: Declare) -> list[DirectoryPayload]:
        """The entry's next word; raises Refused."""
        payloads = decider.decide(entry, asked, Known(self._entries))
        for payload in payloads:
            self._entries[stream_of(payload)] = Entry(payload)
        return payloads


async def read(conn: Connection, commands: Sequence[Command]) -> Registry:
    """The entries referred to by the declarations among the commands."""
    declared = [command.body.payload for command in commands if isinstance(command.body, Declare)]
    wanted = {stream for payload in declared for stream in _referred(payload)}
    rows = await conn.fetch(_READ, list(wanted)) if wanted else []
    return Registry({stream: from_snapshot(state) for stream, state in rows})


def _referred(payload: DirectoryPayload) -> Iterator[str]:
    match payload:
        case OfferDeclared() | ClosureDeclared():
            yield f"partner/{payload.partner}"
        case PlacesDeclared():
            yield f"offer/{payload.offer}"
        case _:
            return
