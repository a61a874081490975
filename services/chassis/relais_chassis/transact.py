"""From commands to answers: one transaction a batch, whatever goes wrong with one of them or with the database.

Every door, reader and sweep of a service decides through it. It holds no state between batches.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, Generic

import asyncpg
import structlog
from pydantic import ValidationError

from relais_chassis.batch import Batch
from relais_chassis.commands import Answer, Command, Failed, FromLog, Unappliable
from relais_chassis.decider import Shortage
from relais_chassis.event_log import EventLog
from relais_chassis.model import Model
from relais_chassis.parking import TooManyLetters
from relais_chassis.postgres import Connection, Database
from relais_chassis.redaction import message_of
from relais_chassis.states import State

log = structlog.get_logger(__name__)

TRIES_TOGETHER: Final = 3
TRIES_ALONE: Final = 20
_NOBODYS_FAULT: Final = (
    TooManyLetters,
    MemoryError,
    asyncpg.SyntaxOrAccessError,  # a table or a right is missing: the installation's fault, not a record's
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)


class Transactor(Generic[State]):
    """Decides batches of commands on one service's streams."""

    def __init__(self, database: Database, log: EventLog, model: Model[State], *, parked_limit: int = 10_000) -> None:
        self.database, self.log, self.model = database, log, model
        self.on_commit: list[Callable[[], None]] = []
        self._parked_limit = parked_limit

    async def transact(self, commands: Sequence[Command]) -> list[Answer]:
        """Decide and store; one answer a command, in order. Returns after the commit, waits while the database is away.

        A lasting fault is narrowed down by halves to the command that causes it: a record parks its stream, any other
        is answered `Failed`. Faults of the installation are raised.
        """
        if not commands:
            return []
        try:
            return await self._together(commands)
        except _NOBODYS_FAULT:
            raise
        except Exception as error:  # noqa: BLE001 - narrowed down, then parked or answered
            parts = _parts(commands, one_by_one=isinstance(error, Shortage))
            if len(parts) == 1:
                return await self._give_up(commands, error)
            log.warning("a batch is tried in parts", commands=len(commands), parts=len(parts), error=reason(error))
        return [answer for part in parts for answer in await self.transact(part)]

    async def _together(self, commands: Sequence[Command]) -> list[Answer]:
        """Try with fresh reads where a place was short, or where another worker stored the same message meanwhile."""
        tries = TRIES_TOGETHER if len(commands) > 1 else TRIES_ALONE
        while True:
            tries -= 1
            try:
                return await self._commit(commands)
            except Shortage:
                if not tries:
                    raise
            except asyncpg.UniqueViolationError as error:
                if not tries or error.constraint_name != "inbox_pkey":
                    raise

    async def _commit(self, commands: Sequence[Command]) -> list[Answer]:
        async def once(conn: Connection) -> list[Answer]:
            return await Batch(self.log, self.model, commands, self._parked_limit).run(conn)

        answers = await self.database.in_transaction(once, "transact")
        for wake in self.on_commit:
            wake()
        return answers

    async def _give_up(self, commands: Sequence[Command], error: Exception) -> list[Answer]:
        origin = commands[0].origin
        log.error("a command cannot be applied", stream=commands[0].stream, error=reason(error), exc_info=error)
        if not isinstance(origin, FromLog):
            return [Failed(error) for _ in commands]
        parking = Unappliable(reason(error))
        return await self._commit([replace(each, stream=origin.stream, body=parking) for each in commands])


def _parts(commands: Sequence[Command], *, one_by_one: bool) -> list[Sequence[Command]]:
    """Smaller batches; what one record asks stays together."""
    starts = [0]
    for index in range(1, len(commands)):
        origin = commands[index].origin
        if origin is None or origin is not commands[index - 1].origin:
            starts.append(index)
    if not one_by_one and len(starts) > 2:
        starts = [0, starts[len(starts) // 2]]
    return [commands[start:end] for start, end in zip(starts, [*starts[1:], len(commands)], strict=True)]


def reason(error: Exception) -> str:
    """What went wrong, without the data it went wrong on, and fit to be stored."""
    if isinstance(error, ValidationError):
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        text = "; ".join(f"/{'/'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in problems[:5])
    else:
        text = message_of(error)
    text = f"{type(error).__name__}: {text}"[:500]
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
