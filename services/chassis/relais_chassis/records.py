"""From Kafka records to commands, and through `transact`: the handler that both readers take.

Decodes with the contracts' codec; the service only says what an event asks of it. What cannot be read is a dead letter
alone, what is not for this service still moves its stream's mark. It commits nothing to Kafka.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

from pydantic import ValidationError

from relais_chassis import clock, dead_letters
from relais_chassis.commands import NOTHING, Answer, Command, FromLog, Parked, Unappliable
from relais_chassis.dead_letters import NewLetter
from relais_chassis.kafka import Record
from relais_chassis.logs import tally
from relais_chassis.parking import TooManyLetters
from relais_chassis.postgres import Connection
from relais_chassis.transact import Transactor, reason
from relais_contracts.catalogue import UnknownType, parse
from relais_contracts.codec import Unreadable, from_kafka
from relais_contracts.envelope import CloudEvent, Payload, own_stream
from relais_contracts.topics import TOPICS

Asked: TypeAlias = tuple[str, object]
"""A stream to decide on, and what is asked of it."""
Asks: TypeAlias = Callable[[CloudEvent, Payload], Sequence[Asked]]
"""What an event asks of a service: nothing, one thing, or several. Pure."""

COMPACTED: Final = frozenset(topic.name for topic in TOPICS if topic.compacted)


class RecordHandler:
    """Applies records in order; `prefix` stands before every topic's name, `in_a_row` bad ones stop the consumer."""

    def __init__(
        self,
        transactor: Transactor[Any],
        asks: Asks,
        *,
        prefix: str = "",
        compacted: Iterable[str] = COMPACTED,
        in_a_row: int = 100,
    ) -> None:
        self.transactor, self._asks = transactor, asks
        self._compacted = frozenset(prefix + topic for topic in compacted)
        self._in_a_row, self._unreadable, self._unapplied = in_a_row, 0, 0

    async def __call__(self, records: Sequence[Record]) -> None:
        """Apply a batch; returns when all of it is stored, parked or kept as a dead letter."""
        await self.handle(records)

    async def handle(self, records: Sequence[Record], *, resumed: bool = False) -> list[Answer]:
        """The same, and what became of the records that could be read."""
        commands, unreadable = self.read(records, clock.now(), resumed=resumed)
        if unreadable:
            await self._keep(unreadable)
        answers = await self.transactor.transact(commands)
        self._count(answers)
        return answers

    def read(
        self, records: Sequence[Record], now: datetime, *, resumed: bool = False
    ) -> tuple[list[Command], list[NewLetter]]:
        """What the records ask, in order, and those that cannot be read."""
        commands: list[Command] = []
        unreadable: list[NewLetter] = []
        for record in records:
            try:
                event = from_kafka(record.headers, record.value)
                stream, sequence = own_stream(event)
                if not stream.isprintable():
                    raise Unreadable("/id", "printable characters")
            except (Unreadable, ValueError) as error:
                unreadable.append(NewLetter(record, reason(error), now))
                self._unreadable += not resumed
                self._stop_if(self._unreadable, "be read", unreadable[-1].reason)
                continue
            self._unreadable = 0
            origin = FromLog(stream, sequence, record.topic in self._compacted, record, resumed)
            for asked, body in self._asked(event, stream):
                commands.append(Command(asked, body, origin, now, event.correlationid, event.id, event.traceparent))
        return commands, unreadable

    def _asked(self, event: CloudEvent, stream: str) -> Sequence[Asked]:
        try:
            return self._asks(event, parse(event)) or ((stream, NOTHING),)
        except UnknownType:
            tally("unknown-type")
            return ((stream, NOTHING),)
        except (ValidationError, LookupError, TypeError, ValueError) as error:
            return ((stream, Unappliable(reason(error))),)

    def _stop_if(self, bad: int, what: str, last: str) -> None:
        if bad > self._in_a_row:
            raise TooManyLetters(f"{bad} records in a row cannot {what}, the last: {last}")

    async def _keep(self, letters: Sequence[NewLetter]) -> None:
        async def keep(conn: Connection) -> None:
            await dead_letters.keep(conn, letters)

        await self.transactor.database.in_transaction(keep, "keep dead letters")
        tally("unreadable", len(letters))
        for wake in self.transactor.on_commit:
            wake()

    def _count(self, answers: Sequence[Answer]) -> None:
        kinds: dict[str, int] = {}
        for answer in answers:
            if isinstance(answer, Parked) and answer.culprit:
                self._unapplied += 1
                self._stop_if(self._unapplied, "be applied", answer.reason)
            else:
                self._unapplied = 0
            kind = type(answer).__name__.lower()
            kinds[kind] = kinds.get(kind, 0) + 1
        for kind, count in kinds.items():
            tally(kind, count)
