"""High-water marks: how far each stream of our own logs was applied here, and what a record's place says about it.

At or below the mark a record is a repetition, one above it is the next, more is a hole. A mark never passes what was
not applied.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Self

from relais_chassis.commands import FromLog
from relais_chassis.postgres import Connection

_READ: Final = """
select m.stream, m.sequence, m.parked, waiting.first
from unnest($1::text[]) as asked(stream) join mark m using (stream)
left join lateral (select min(sequence) as first from parked p where p.stream = m.stream and m.parked) waiting on true
"""
_SAVE: Final = """
insert into mark (stream, sequence) select * from unnest($1::text[], $2::bigint[])
on conflict (stream) do update set sequence = excluded.sequence
"""
_RESUME: Final = "update mark set resume = true where stream = any($1::text[]) and parked"


class Place(Enum):
    """What a record's place in its stream says."""

    NEXT = auto()
    REPEATED = auto()
    BEHIND_PARKED = auto()
    AFTER_A_HOLE = auto()


@dataclass(slots=True)
class Mark:
    """How far a stream is applied; `first` is the lowest sequence that waits in `parked`."""

    sequence: int = 0
    parked: bool = False
    first: int | None = None

    def place(self, origin: FromLog) -> Place:
        """Where a record stands."""
        if origin.sequence <= self.sequence:
            return Place.REPEATED
        if self.parked and self._waits(origin):
            return Place.BEHIND_PARKED
        if origin.compacted or origin.sequence == self.sequence + 1:
            return Place.NEXT
        return Place.AFTER_A_HOLE

    def _waits(self, origin: FromLog) -> bool:
        waits_before_it = self.first is not None and self.sequence < self.first < origin.sequence
        if origin.resumed:
            return waits_before_it
        missing = self.first is not None and origin.sequence < self.first
        return not (missing and not origin.compacted and origin.sequence == self.sequence + 1)

    def stop_at(self, sequence: int) -> None:
        """Park the stream from this record on."""
        self.parked = True
        if self.first is None or self.first <= self.sequence or sequence < self.first:
            self.first = sequence


class Marks:
    """The marks of one batch's streams."""

    def __init__(self) -> None:
        self._marks: dict[str, Mark] = {}
        self._moved: set[str] = set()
        self._parked: set[str] = set()

    @classmethod
    async def read(cls, conn: Connection, streams: Iterable[str]) -> Self:
        """Look up every stream of the batch at once."""
        marks = cls()
        wanted = list(streams)
        if wanted:
            for stream, sequence, parked, first in await conn.fetch(_READ, wanted):
                marks._marks[stream] = Mark(sequence, parked, first)
        return marks

    def of(self, stream: str) -> Mark:
        """A stream's mark; 0 for one never seen."""
        mark = self._marks.get(stream)
        if mark is None:
            mark = self._marks[stream] = Mark()
        return mark

    def move(self, origin: FromLog) -> None:
        """The record counts as applied."""
        self.of(origin.stream).sequence = origin.sequence
        self._moved.add(origin.stream)

    def park(self, origin: FromLog) -> None:
        """From this record on the stream waits."""
        self.of(origin.stream).stop_at(origin.sequence)
        self._parked.add(origin.stream)

    async def save(self, conn: Connection) -> None:
        """Write the marks that moved; a stream whose hole is filled is taken up again by the next sweep."""
        if not self._moved:
            return
        moved = list(self._moved)
        await conn.execute(_SAVE, moved, [self._marks[stream].sequence for stream in moved])
        whole = [stream for stream in moved if stream not in self._parked and self._is_whole(stream)]
        if whole:
            await conn.execute(_RESUME, whole)

    def _is_whole(self, stream: str) -> bool:
        mark = self._marks[stream]
        return mark.first == mark.sequence + 1
