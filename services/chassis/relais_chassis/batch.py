"""One transaction over one batch of commands: lock, judge, read, decide, check, append, save.

`transact` runs it and deals with what goes wrong; nothing is caught here but a refusal. It starts no transaction.
"""

from collections.abc import Sequence
from typing import Final, Generic

from relais_chassis import locks
from relais_chassis.commands import (
    NOTHING,
    Accepted,
    Answer,
    Command,
    FromLog,
    FromOutside,
    Parked,
    Recorded,
    Rejected,
    Skipped,
    Unappliable,
)
from relais_chassis.decider import Refused
from relais_chassis.event_log import Appending, EventLog
from relais_chassis.inbox import Inbox
from relais_chassis.marks import Marks, Place
from relais_chassis.model import Decide, Decided, Model
from relais_chassis.parking import BEHIND, Parking
from relais_chassis.postgres import Connection
from relais_chassis.states import State, States

_APPLIED: Final = Accepted((), None)
_SKIPPED: Final = Skipped()
_BEHIND: Final = Parked(BEHIND, culprit=False)


class Batch(Generic[State]):
    """One attempt at a batch; thrown away when it is rolled back."""

    def __init__(self, log: EventLog, model: Model[State], commands: Sequence[Command], limit: int) -> None:
        self._log, self._model, self._commands = log, model, commands
        self._answers: list[Answer | None] = []
        self._states = States(model)
        self._parking = Parking(limit)

    async def run(self, conn: Connection) -> list[Answer]:
        """Everything from the locks to the last write; one answer a command, in order."""
        sources = {c.origin.stream for c in self._commands if isinstance(c.origin, FromLog)}
        beside = (stream for c in self._commands for stream in c.beside)
        await locks.take(conn, sources.union((c.stream for c in self._commands), beside))
        self._inbox = await Inbox.read(conn, self._commands)
        self._marks = await Marks.read(conn, sources)
        self._judge()
        pending = [c for c, answer in zip(self._commands, self._answers, strict=True) if answer is None]
        if pending:
            await self._decide(conn, pending)
        await self._marks.save(conn)
        await self._parking.save(conn)
        return [answer for answer in self._answers if answer is not None]

    # Which commands are new

    def _judge(self) -> None:
        last: FromLog | None = None
        answer: Answer | None = None
        for command in self._commands:
            origin = command.origin
            if isinstance(origin, FromLog):
                if origin is not last:  # one record may ask several things: its place is judged once
                    last, answer = origin, self._place(origin, command)
                self._answers.append(_APPLIED if answer is None and command.body is NOTHING else answer)
            elif isinstance(origin, FromOutside):
                self._answers.append(self._inbox.again(origin))
            else:
                self._answers.append(None)

    def _place(self, origin: FromLog, command: Command) -> Answer | None:
        mark = self._marks.of(origin.stream)
        match mark.place(origin):
            case Place.NEXT if isinstance(command.body, Unappliable):
                return self._park(origin, command, command.body.reason)
            case Place.NEXT:
                self._marks.move(origin)
                if origin.resumed:
                    self._parking.take_out(origin)
                return None
            case Place.REPEATED:
                if origin.resumed:
                    self._parking.take_out(origin)
                return _SKIPPED
            case Place.BEHIND_PARKED:
                self._parking.put(origin, BEHIND, command.time)
                return _BEHIND
            case Place.AFTER_A_HOLE:
                return self._park(origin, command, f"a hole: {mark.sequence + 1} was expected, {origin.sequence} came")

    def _park(self, origin: FromLog, command: Command, reason: str) -> Parked:
        self._marks.park(origin)
        self._parking.put(origin, reason, command.time)
        return Parked(reason, culprit=True)

    # What they lead to

    async def _decide(self, conn: Connection, pending: Sequence[Command]) -> None:
        await self._states.read(conn, (command.stream for command in pending))
        decide = await self._model.open(conn, pending)
        appending = Appending()
        decided: list[Decided[State]] = []
        for index, answer in enumerate(self._answers):
            if answer is None:
                self._answers[index] = self._answer(self._commands[index], decide, decided, appending)
        await self._model.close(conn, decided)
        await self._log.append(conn, appending)
        await self._states.save(conn)
        await self._inbox.save(conn)

    def _answer(
        self, command: Command, decide: Decide[State], decided: list[Decided[State]], appending: Appending
    ) -> Answer:
        origin = command.origin
        if isinstance(origin, FromOutside):
            again = self._inbox.again(origin)  # the same message twice in this batch
            if again is not None:
                return again
        held = self._states.of(command.stream)
        before, version = held.state, held.version
        try:
            payloads = decide(before, command)
        except Refused as refused:
            return Rejected(refused)
        after, evolve, events = before, self._model.evolve, []
        for payload in payloads:
            version += 1
            after = evolve(command.stream, after, payload)
            events.append(Recorded(command.stream, version, payload, command.time))
        recorded = tuple(events)
        if events:
            self._states.change(command.stream, after, version)
            appending.add(recorded, self._model.topic(command.stream), command)
        decided.append(Decided(command, before, after, recorded))
        reply = None
        if isinstance(origin, FromOutside):
            reply = self._model.reply(after, command, recorded)
            self._inbox.remember(origin, reply, command.time)
        return Accepted(recorded, reply)
