"""What a service brings to `transact`: its states, its decisions and what is stored beside the log.

Everything is pure but `open` and `close`, which run inside the batch's transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeAlias

from relais_chassis.commands import Command, Recorded
from relais_chassis.decider import JSON
from relais_chassis.postgres import Connection
from relais_chassis.states import Folding, State
from relais_contracts.envelope import Payload

Decide: TypeAlias = Callable[[State, Command], Sequence[Payload]]


@dataclass(frozen=True, slots=True)
class Decided(Generic[State]):
    """What one command did to its stream; `before is after` where nothing happened."""

    command: Command
    before: State
    after: State
    events: tuple[Recorded, ...]


class Model(Folding[State], Protocol[State]):
    """A service's side of a transaction."""

    def topic(self, stream: str) -> str | None:
        """Where the stream's events are published; None: kept in the log only."""
        ...

    async def open(self, conn: Connection, commands: Sequence[Command]) -> Decide[State]:
        """Read what deciding needs beyond the states, after the locks; gives the pure `decide` (may raise Refused)."""
        ...

    def reply(self, state: State, command: Command, events: Sequence[Recorded]) -> JSON:
        """The answer kept for a message from outside."""
        ...

    async def close(self, conn: Connection, decided: Sequence[Decided[State]]) -> None:
        """Lock and re-check what was chosen (may raise Shortage), write projections and clocks; before the append."""
        ...
