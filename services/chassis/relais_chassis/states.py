"""The states a batch decides on: read from snapshots, changed in memory, written back with the events.

A stream without a snapshot is folded from the log, so snapshots may be deleted when their shape changes. They never
hold anything the log does not say.
"""

from collections.abc import Iterable
from typing import Final, Generic, Protocol, TypeVar

from relais_chassis.postgres import Connection
from relais_contracts.catalogue import parse_data
from relais_contracts.envelope import Payload

State = TypeVar("State")

_READ: Final = """
select s.stream, s.version, s.state from unnest($1::text[]) as asked(stream) join snapshot s using (stream)
"""
_FOLD: Final = """
select l.stream, l.version, l.type, l.data from unnest($1::text[]) as asked(stream) join log l using (stream)
order by l.stream, l.version
"""
_SAVE: Final = """
insert into snapshot (stream, version, state) select * from unnest($1::text[], $2::bigint[], $3::bytea[])
on conflict (stream) do update set version = excluded.version, state = excluded.state
"""


class Folding(Protocol[State]):
    """How states are made; all pure."""

    def initial(self, stream: str) -> State: ...
    def load(self, stream: str, snapshot: bytes) -> State: ...
    def dump(self, stream: str, state: State) -> bytes | None:
        """None: no snapshot, the stream is folded from the log each time (short streams only)."""
        ...

    def evolve(self, stream: str, state: State, event: Payload) -> State: ...


class Held(Generic[State]):
    """One stream's state while the batch is decided."""

    __slots__ = ("state", "version")

    def __init__(self, state: State, version: int) -> None:
        self.state, self.version = state, version


class States(Generic[State]):
    """The states of one batch's streams."""

    def __init__(self, folding: Folding[State]) -> None:
        self._folding = folding
        self._held: dict[str, Held[State]] = {}
        self._changed: set[str] = set()

    async def read(self, conn: Connection, streams: Iterable[str]) -> None:
        """Read the streams' states, one row each; from the log only where there is no snapshot."""
        folding, held = self._folding, self._held
        wanted = dict.fromkeys(streams)
        for stream, version, state in await conn.fetch(_READ, list(wanted)):
            held[stream] = Held(folding.load(stream, state), version)
        missing = [stream for stream in wanted if stream not in held]
        if missing:
            await self._fold(conn, missing)

    async def _fold(self, conn: Connection, streams: list[str]) -> None:
        folding = self._folding
        for stream in streams:
            self._held[stream] = Held(folding.initial(stream), 0)
        for stream, version, type, data in await conn.fetch(_FOLD, streams):
            held = self._held[stream]
            held.state = folding.evolve(stream, held.state, parse_data(type, data))
            held.version = version

    def of(self, stream: str) -> Held[State]:
        """The state a command is decided on."""
        return self._held[stream]

    def change(self, stream: str, state: State, version: int) -> None:
        """What the next command of this batch will see."""
        held = self._held[stream]
        held.state, held.version = state, version
        self._changed.add(stream)

    async def save(self, conn: Connection) -> None:
        """Write the states that changed, but those that keep no snapshot."""
        held, dump = self._held, self._folding.dump
        dumped = [(stream, held[stream].version, dump(stream, held[stream].state)) for stream in self._changed]
        kept = [row for row in dumped if row[2] is not None]
        if kept:
            await conn.execute(_SAVE, *(list(column) for column in zip(*kept, strict=True)))
