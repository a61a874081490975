"""A service small enough to see through: streams count, rooms run out, and one word breaks everything.

The tests of the chassis decide with it on the real database. It holds no rule of the domain.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from relais_chassis.commands import Command, FromLog, FromOutside, Recorded
from relais_chassis.decider import JSON, Refused, Shortage
from relais_chassis.event_log import EventLog
from relais_chassis.model import Decide, Decided
from relais_chassis.postgres import Connection, Database
from relais_chassis.records import Asked, RecordHandler
from relais_chassis.stored_records import StoredRecord
from relais_chassis.transact import Transactor
from relais_contracts.cases import CaseClosed
from relais_contracts.codec import to_kafka
from relais_contracts.envelope import CloudEvent, Payload

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROOMS = "create table room (name text primary key, free int not null)"


@dataclass(frozen=True, slots=True)
class Say:
    """Add a word to the stream; `no` is refused, `crash` breaks the decider, `nothing` changes nothing."""

    word: str


@dataclass(frozen=True, slots=True)
class Take:
    """Take a place in a room, while there is one."""

    room: str


def said(word: str) -> CaseClosed:
    return CaseClosed(operator="toy", reason=word)


class Toy:
    """State: the words said so far. `before_closing` lets a test step in between deciding and checking."""

    def __init__(self) -> None:
        self.evolved = 0
        self.keep_snapshots = True
        self.before_closing: Callable[[Connection], Awaitable[None]] | None = None
        self.closed: list[int] = []

    def initial(self, stream: str) -> tuple[str, ...]:
        return ()

    def load(self, stream: str, snapshot: bytes) -> tuple[str, ...]:
        return tuple(snapshot.decode().split())

    def dump(self, stream: str, state: tuple[str, ...]) -> bytes | None:
        return " ".join(state).encode() if self.keep_snapshots else None

    def evolve(self, stream: str, state: tuple[str, ...], event: Payload) -> tuple[str, ...]:
        assert isinstance(event, CaseClosed)
        self.evolved += 1
        return (*state, event.reason)

    def topic(self, stream: str) -> str | None:
        return None if stream.startswith("secret/") else "relais.handoffs"

    async def open(self, conn: Connection, commands: Sequence[Command]) -> Decide[tuple[str, ...]]:
        rooms: dict[str, int] = {}
        if any(isinstance(command.body, Take) for command in commands):
            rooms = dict(await conn.fetch("select name, free from room"))

        def decide(state: tuple[str, ...], command: Command) -> Sequence[Payload]:
            match command.body:
                case Say("no"):
                    raise Refused("said-no", "no is not said here", said=list(state))
                case Say("crash"):
                    raise KeyError("crash")
                case Say("nothing"):
                    return ()
                case Say(word):
                    return (said(word),)
                case Take(room) if rooms[room] > 0:
                    rooms[room] -= 1
                    return (said(room),)
                case _:
                    raise Refused("full", "no place is left")

        return decide

    def reply(self, state: tuple[str, ...], command: Command, events: Sequence[Recorded]) -> JSON:
        return {"said": list(state)}

    async def close(self, conn: Connection, decided: Sequence[Decided[tuple[str, ...]]]) -> None:
        self.closed.append(len(decided))
        if self.before_closing is not None:
            await self.before_closing(conn)
        for each in decided:
            if isinstance(each.command.body, Take):
                name = each.command.body.room
                if not await conn.fetchval("select free from room where name = $1 for update", name):
                    raise Shortage
                await conn.execute("update room set free = free - 1 where name = $1", name)


class World:
    """One service on one database."""

    def __init__(self, database: Database, dsn: str) -> None:
        self.database, self.dsn = database, dsn
        self.model, self.log = Toy(), EventLog("/relais/toy")
        self.transactor: Transactor[tuple[str, ...]] = Transactor(database, self.log, self.model)
        self.asks = asks
        self.handler = RecordHandler(self.transactor, asks, compacted=["relais.directory"])

    async def said(self, stream: str) -> list[str]:
        """What the log says was said, in order."""
        async with self.database.connection() as conn:
            return [CaseClosed.model_validate_json(event.data).reason for event in await self.log.read(conn, stream)]

    async def mark(self, stream: str) -> int:
        """How far one of the streams read was applied."""
        return int(await self.value("select coalesce(max(sequence), 0) from mark where stream = $1", stream))

    async def value(self, query: str, *args: object) -> int:
        async with self.database.connection() as conn:
            return int(await conn.fetchval(query, *args))


def asks(event: CloudEvent, payload: Payload) -> Sequence[Asked]:
    """Every word is said again on `chain/<subject>`; several words joined by + are said one after the other."""
    assert isinstance(payload, CaseClosed)
    if payload.reason == "ignored":
        return []
    return [(f"chain/{event.subject}", Say(word)) for word in payload.reason.split("+")]


def say(stream: str, word: str, id: str | None = None, digest: bytes = b"1") -> Command:
    """From outside where it has an id, else asked by ourselves."""
    return Command(stream, Say(word), None if id is None else FromOutside("org", "/org", id, digest), NOON)


def record(
    stream: str, sequence: int, word: str = "hello", *, topic: str = "relais.cases", data: bytes | None = None
) -> StoredRecord:
    """A record of another service's log."""
    event = CloudEvent(
        id=f"{stream}/{sequence}",
        source="/relais/other",
        type=CaseClosed.TYPE,
        data=said(word).model_dump_json().encode() if data is None else data,
        subject=stream.partition("/")[2],
        time=NOON,
        sequence=sequence,
    )
    headers, value = to_kafka(event)
    return StoredRecord(topic, 0, sequence, 1_772_452_800_000, stream.encode(), value, tuple(headers))


def next_of(stream: str, sequence: int, word: str) -> Command:
    """The command that such a record makes."""
    origin = FromLog(stream, sequence, compacted=False, record=record(stream, sequence, word))
    return Command(f"chain/{stream.partition('/')[2]}", Say(word), origin, NOON)
