"""The smallest job the chassis can do: each message is said once more on a stream of its case, and counted there.

Beside it one sees what the plumbing costs (reading, decoding, marks, state, log, commit) and what routing adds. No
rule of the domain.
"""

from collections.abc import Sequence
from typing import Any, Final, cast

from relais_chassis.commands import Command
from relais_chassis.decider import JSON
from relais_chassis.model import Decide, Decided
from relais_chassis.postgres import Connection
from relais_chassis.records import Asked
from relais_contracts.envelope import CloudEvent, Payload
from relais_contracts.topics import HANDOFFS


def asks(event: CloudEvent, payload: Payload) -> Sequence[Asked]:
    """Every message is one command."""
    return ((f"echo/{event.subject}", payload),)


class Echo:
    """State: how many messages a case has had."""

    def initial(self, stream: str) -> int:
        """None yet."""
        return 0

    def load(self, stream: str, snapshot: bytes) -> int:
        """The number stored."""
        return int(snapshot)

    def dump(self, stream: str, state: int) -> bytes | None:
        """The number as text."""
        return b"%d" % state

    def evolve(self, stream: str, state: int, event: Payload) -> int:
        """One more."""
        return state + 1

    def topic(self, stream: str) -> str | None:
        """Where routing's own events go."""
        return HANDOFFS.name

    async def open(self, conn: Connection, commands: Sequence[Command]) -> Decide[int]:
        """Nothing to read."""
        return _decide

    def reply(self, state: int, command: Command, events: Sequence[Any]) -> JSON:
        """Nobody asks from outside."""
        return None

    async def close(self, conn: Connection, decided: Sequence[Decided[int]]) -> None:
        """Nothing to write."""


def _decide(state: int, command: Command) -> Sequence[Payload]:
    return (cast(Payload, command.body),)


ECHO: Final = Echo()
