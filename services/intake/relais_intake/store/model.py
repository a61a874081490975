"""Intake's model: which stream is decided by whom, inside the one transaction of a batch.

`case/…` by the case, `actions/…` by the first look, the directory's by its decider; `chain/…` is only listened to.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias, TypeVar, cast

from relais_chassis.commands import Command, Recorded
from relais_chassis.decider import JSON
from relais_chassis.model import Decide, Decided
from relais_chassis.postgres import Connection
from relais_contracts.directory import DirectoryPayload
from relais_contracts.envelope import CloudEvent, Payload
from relais_contracts.identifiers import stream as stream_name
from relais_contracts.topics import topic_of_stream
from relais_intake.case import decider as case
from relais_intake.case.decider import Case
from relais_intake.contacts.sealing import Seal
from relais_intake.directory import entry, registry, standing
from relais_intake.directory.decider import Declare
from relais_intake.directory.entry import Entry
from relais_intake.handoffs import rows
from relais_intake.handoffs import store as handoffs
from relais_intake.handoffs.rows import Told
from relais_intake.store import asking, statements
from relais_intake.store.asking import Asking, Askings
from relais_intake.store.readings import Reading, Readings
from relais_intake.store.statements import Statement, Statements

State: TypeAlias = Case | Entry | None
Body = TypeVar("Body")


def asks(event: CloudEvent, payload: Payload) -> Sequence[tuple[str, object]]:
    """What an event of routing asks of intake: to be told, on its own chain. The draw's ask nothing."""
    if not event.id.startswith("chain/"):
        return ()
    return ((stream_name("chain", event.id.split("/")[1]), Told(event, payload)),)


class IntakeModel:
    """What intake brings to `transact`."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def initial(self, stream: str) -> State:
        """A case not opened, an entry never declared; nothing is held of actions and chains."""
        kind = _kind(stream)
        return Case() if kind == "case" else Entry() if kind in entry.STREAMS else None

    def load(self, stream: str, snapshot: bytes) -> State:
        """The state of a snapshot."""
        return Case.read(snapshot) if _kind(stream) == "case" else entry.from_snapshot(snapshot)

    def dump(self, stream: str, state: State) -> bytes | None:
        """The snapshot of a state."""
        return None if state is None else state.written() if isinstance(state, Case) else entry.to_snapshot(state)

    def evolve(self, stream: str, state: State, event: Payload) -> State:
        """What follows from an event."""
        match state:
            case Case():
                return case.evolve(state, event)
            case Entry():
                return entry.evolve(state, cast(DirectoryPayload, event))
            case None:
                return None

    def topic(self, stream: str) -> str | None:
        """Where a stream's events go."""
        return topic_of_stream(stream).name

    def reply(self, state: State, command: Command, events: Sequence[Recorded]) -> JSON:
        """The answer that a message from outside gets, now and whenever it comes again."""
        if isinstance(state, Case):
            return statements.reply(state, command.stream, events)
        if isinstance(command.body, Asking):
            return asking.reply(command.body, events)
        return {"stream": command.stream, "events": [event.id for event in events]}

    async def open(self, conn: Connection, commands: Sequence[Command]) -> Decide[State]:
        """Read, statement by kind of statement, what the deciders need beyond the states."""
        said = [(one.stream, one.body) for one in commands if isinstance(one.body, Statement)]
        batch = _Deciding(
            await Statements.read(conn, said) if said else None,
            await Askings.read(conn, asked) if (asked := list(_of(commands, Asking))) else None,
            await Readings.read(conn, self._seal, read) if (read := list(_of(commands, Reading))) else None,
            await registry.read(conn, commands) if any(_of(commands, Declare)) else None,
        )
        return batch.decide

    async def close(self, conn: Connection, decided: Sequence[Decided[State]]) -> None:
        """Write everything that stands beside the log; what is kept of people before what erases it."""
        kinds = {type(one.command.body) for one in decided}
        if Asking in kinds:
            await asking.close(conn, self._seal, decided)
        if Statement in kinds:
            await statements.close(conn, self._seal, decided)
        if Declare in kinds:
            declared = (one for one in decided if isinstance(one.command.body, Declare))
            await standing.save(conn, (event for one in declared for event in one.events))
        if Told in kinds:
            await handoffs.save(conn, rows.rows(_of([one.command for one in decided], Told)))


class _Deciding:
    """One batch's way from a command to its decider."""

    def __init__(
        self,
        statements: Statements | None,
        askings: Askings | None,
        readings: Readings | None,
        directory: registry.Registry | None,
    ) -> None:
        self._statements, self._askings, self._readings, self._directory = statements, askings, readings, directory

    def decide(self, state: State, command: Command) -> Sequence[Payload]:
        match command.body, state:
            case Statement() as said, Case() if self._statements:
                return self._statements.decide(state, command.stream, said, command.time)
            case Reading() as reading, Case() if self._readings:
                return self._readings.decide(state, reading, command.time)
            case Asking() as asked, None if self._askings:
                return self._askings.decide(asked)
            case Declare() as declared, Entry() if self._directory:
                return self._directory.decide(state, declared, command.time)
            case Told(), None:
                return ()
            case body, _:
                raise TypeError(f"{type(body).__name__} is not decided on {command.stream}")


def _kind(stream: str) -> str:
    return stream.partition("/")[0]


def _of(commands: Sequence[Command], kind: type[Body]) -> Iterator[Body]:
    return (command.body for command in commands if isinstance(command.body, kind))
