"""The stream: every event of cases, directory and hand-offs becomes feed rows, owed webhooks and the board's rows.

One transaction a batch, through `transact`; the marks see to it that each event counts once. It writes no event of
its own.
"""

from collections.abc import Sequence
from typing import Final

from relais_chassis.commands import Command, Recorded
from relais_chassis.decider import JSON
from relais_chassis.logs import tally
from relais_chassis.model import Decide, Decided
from relais_chassis.postgres import Connection
from relais_chassis.records import Asked
from relais_contracts.envelope import CloudEvent, Payload
from relais_contracts.topics import CASES, DIRECTORY, HANDOFFS
from relais_notifications import feed_store
from relais_notifications.board import store as board
from relais_notifications.deliveries.owing import owe
from relais_notifications.heard import Heard
from relais_notifications.memory import Memory
from relais_notifications.telling import Notice, tell
from relais_notifications.wakes import COORDINATORS, Wakes

GROUP: Final = "relais-notifications"
TOPICS: Final = (CASES.name, DIRECTORY.name, HANDOFFS.name)


def asks(event: CloudEvent, payload: Payload) -> Sequence[Asked]:
    """What an event asks: to be told. A case and its chain are told under one lock, in one order."""
    return ((f"news/{event.subject or event.id}", Heard(event, payload)),)


class News:
    """This service's side of a transaction: no state and no events, only rows."""

    def __init__(self, wakes: Wakes) -> None:
        self._wakes = wakes

    def initial(self, stream: str) -> None:
        """Nothing is kept of a stream."""

    def load(self, stream: str, snapshot: bytes) -> None:
        """Nothing is kept of a stream."""

    def dump(self, stream: str, state: None) -> bytes | None:
        """No snapshot."""
        return None

    def evolve(self, stream: str, state: None, event: Payload) -> None:
        """Nothing changes: no events are written."""

    def topic(self, stream: str) -> str | None:
        """Nothing is published."""
        return None

    def reply(self, state: None, command: Command, events: Sequence[Recorded]) -> JSON:
        """Nobody asks from outside."""
        return None

    async def open(self, conn: Connection, commands: Sequence[Command]) -> Decide[None]:
        """Nothing needs to be read: hearing leads to no event."""
        return lambda state, command: ()

    async def close(self, conn: Connection, decided: Sequence[Decided[None]]) -> None:
        """Write what the batch tells: memory, feed, owed deliveries, board."""
        heard = [each.command.body for each in decided if isinstance(each.command.body, Heard)]
        if not heard:
            return
        memory = await Memory.read(conn, heard)
        notices = tell(memory.known, heard)
        await memory.save(conn)
        if notices:
            positions = await feed_store.write(conn, notices)
            tally("owed", await owe(conn, notices, positions, decided[0].command.time))
            self._note(notices)
        await board.project(conn, decided)

    def _note(self, notices: Sequence[Notice]) -> None:
        self._wakes.note(("partner", notice.partner) for notice in notices if notice.partner)
        self._wakes.note(("operator", notice.operator) for notice in notices if notice.operator)
        if any(notice.commune for notice in notices):
            self._wakes.note((COORDINATORS,))
