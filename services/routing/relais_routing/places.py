"""Places: reserved with the proposal, given back, taken for good by an acceptance, counted anew by a declaration.

Settled in the batch's own transaction under row locks in the order of their names, so that two workers can never give
the last place twice. What matching sees of it (`taken`) may be stale; what is written is not.
"""

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from relais_chassis.commands import Recorded
from relais_chassis.decider import Shortage
from relais_chassis.postgres import Connection
from relais_contracts.directory import PlacesDeclared
from relais_contracts.handoffs import (
    HandoffAccepted,
    HandoffCancellationRequested,
    HandoffDeclined,
    HandoffLapsed,
    HandoffProposed,
)
from relais_routing.choosing import Choosing
from relais_routing.matching.offers import place_key
from relais_routing.matching.taken import Taken as Counts

GIVES_BACK: Final = (HandoffDeclined, HandoffLapsed, HandoffCancellationRequested)

_XMIN: Final = "select pg_snapshot_xmin(pg_current_snapshot())::text"
_CHANGED: Final = "select place, taken from place where changed >= $1::text::xid8"
_HELD: Final = "select handoff, place from reservation where handoff = any($1::text[])"
_KNOW: Final = """
insert into place (place, number, at) select place, null, 'epoch' from unnest($1::text[]) as new(place) order by place
on conflict do nothing
"""
_LOCK: Final = "select place, number, at from place where place = any($1::text[]) order by place for no key update"
_DECLARE: Final = """
update place p set number = d.number, at = d.at
from unnest($1::text[], $2::int[], $3::timestamptz[]) as d(place, number, at) where p.place = d.place
"""
_RESERVE: Final = """
insert into reservation (handoff, place, accepted) select * from unnest($1::text[], $2::text[], $3::timestamptz[])
"""
_ACCEPT: Final = """
update reservation r set accepted = a.at from unnest($1::text[], $2::timestamptz[]) as a(handoff, at)
where r.handoff = a.handoff
"""
_GIVE_BACK: Final = "delete from reservation where handoff = any($1::text[]) returning place"
_COUNTED: Final = """
delete from reservation r using place p
where r.handoff = any($1::text[]) and p.place = r.place and r.accepted <= p.at returning r.place
"""
_COUNTED_ALL: Final = """
delete from reservation r using place p where r.place = any($1::text[]) and p.place = r.place and r.accepted <= p.at
"""
_MOVE: Final = """
update place p set taken = p.taken + m.by, changed = pg_current_xact_id()
from unnest($1::text[], $2::int[]) as m(place, by) where p.place = m.place and p.number is not null
returning p.place, p.number, p.taken
"""
_COUNT: Final = """
update place p set taken = (select count(*) from reservation r where r.place = p.place), changed = pg_current_xact_id()
where p.place = any($1::text[]) returning p.place, p.number, p.taken
"""


class Taken:
    """How many places are taken, as this worker last saw it; places that are not counted are known too."""

    def __init__(self) -> None:
        self.known = Counts()
        self._seen = "0"

    async def refresh(self, conn: Connection) -> None:
        """Take in what was committed since the last look."""
        seen = await conn.fetchval(_XMIN)
        self.known.update(await conn.fetch(_CHANGED, self._seen))
        self._seen = seen


class Count(NamedTuple):
    """What a partner says of a place: how many were free at a moment; none: it does not count."""

    number: int | None
    at: datetime

    @classmethod
    def of(cls, declared: PlacesDeclared, now: datetime) -> "Count":
        """A declaration as it is counted. Nobody knows what will have been accepted: a moment to come is now."""
        number = 0 if declared.state == "full" else None if declared.state == "waiting-list" else declared.number
        return cls(number, min(declared.at, now))


@dataclass(slots=True)
class Settlement:
    """What a batch does to places: by hand-off what is reserved, accepted and given back; by place what is declared."""

    reserved: dict[str, str] = field(default_factory=dict)
    accepted: dict[str, datetime] = field(default_factory=dict)
    freed: set[str] = field(default_factory=set)
    declared: dict[str, Count] = field(default_factory=dict)
    passing: set[str] = field(default_factory=set)
    """Places that were taken and given back within the batch."""

    def add(self, events: Iterable[Recorded], choosing: Choosing) -> None:
        """Take in the events of one command on a chain, in order."""
        for event in events:
            payload = event.payload
            if isinstance(payload, HandoffProposed):
                self.reserved[payload.handoff] = choosing.place(payload.decision)
            elif isinstance(payload, HandoffAccepted):
                self.accepted[payload.handoff] = payload.since or event.time
            elif isinstance(payload, GIVES_BACK):
                self._give_back(payload.handoff)

    def declare(self, declared: PlacesDeclared, now: datetime) -> None:
        """Take in what a partner says; the last word counts."""
        self.declared[place_key(declared)] = Count.of(declared, now)

    def opened(self) -> list[str]:
        """The places whose declaration leaves room for somebody."""
        return [place for place, count in self.declared.items() if count.number != 0]

    def _give_back(self, handoff: str) -> None:
        self.accepted.pop(handoff, None)
        place = self.reserved.pop(handoff, None)
        if place is None:
            self.freed.add(handoff)
        else:
            self.passing.add(place)

    async def write(self, conn: Connection, known: Container[str]) -> list[str]:
        """Lock, write, and check what came of it; the places that have gained room without a declaration.

        `known`: places that have a row. Raises Shortage where one that was chosen is gone meanwhile.
        """
        earlier = [handoff for handoff in self.accepted if handoff not in self.reserved]
        held = dict(await conn.fetch(_HELD, [*earlier, *self.freed])) if earlier or self.freed else {}
        touched = {*self.reserved.values(), *held.values(), *self.declared}
        if touched:
            await self._lock(conn, touched, known)
            gained = await self._reserve(conn, earlier, held)
            await self._count(conn, gained)
            self.passing |= gained.keys()
        return sorted(self.passing)

    async def _lock(self, conn: Connection, touched: set[str], known: Container[str]) -> None:
        new = sorted(place for place in touched if place not in known)
        if new:
            await conn.execute(_KNOW, new)
        await conn.fetch(_LOCK, sorted(touched))
        if self.declared:
            numbers, times = zip(*self.declared.values(), strict=True)
            await conn.execute(_DECLARE, list(self.declared), numbers, times)

    async def _reserve(self, conn: Connection, earlier: list[str], held: dict[str, str]) -> Counter[str]:
        """Write the reservations; how many places each gained: given back, or found to be in its number already."""
        if self.reserved:
            times = [self.accepted.get(handoff) for handoff in self.reserved]
            await conn.execute(_RESERVE, list(self.reserved), list(self.reserved.values()), times)
        if earlier:
            await conn.execute(_ACCEPT, earlier, [self.accepted[handoff] for handoff in earlier])
        gained: Counter[str] = Counter()
        if self.freed:
            gained.update(place for (place,) in await conn.fetch(_GIVE_BACK, list(self.freed)))
        if self.accepted:
            gained.update(place for (place,) in await conn.fetch(_COUNTED, list(self.accepted)))
        return gained

    async def _count(self, conn: Connection, gained: Counter[str]) -> None:
        wanted = Counter(self.reserved.values())
        counts: list[tuple[str, int | None, int]] = []
        if self.declared:
            await conn.execute(_COUNTED_ALL, list(self.declared))
            counts += await conn.fetch(_COUNT, list(self.declared))
        moved = {place: wanted[place] - gained[place] for place in {*wanted, *gained} if place not in self.declared}
        if moved:
            counts += await conn.fetch(_MOVE, list(moved), list(moved.values()))
        for place, number, taken in counts:
            if wanted[place] and number is not None and taken > number:
                raise Shortage(place)


def offer_of(place: str) -> str:
    """The offer that a place belongs to."""
    return place.partition("/")[0]
