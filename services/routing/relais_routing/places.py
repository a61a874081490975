"""Places that are counted: reserved with the proposal, given back, taken for good by an acceptance.

Settled in the batch's own transaction under row locks in the order of their names, so that two workers can never give
the last place twice. What matching sees of it (`taken`) may be stale; what is written is not.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

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

GIVES_BACK: Final = (HandoffDeclined, HandoffLapsed, HandoffCancellationRequested)

_XMIN: Final = "select pg_snapshot_xmin(pg_current_snapshot())::text"
_CHANGED: Final = "select place, taken from place where changed >= $1::text::xid8"
_FREE: Final = "delete from reservation where handoff = any($1::text[]) returning place, accepted"
_LOCK: Final = "select place, number, at, taken from place where place = any($1::text[]) order by place for update"
_MOVE: Final = """
update place p set taken = greatest(0, p.taken + m.by), changed = pg_current_xact_id()
from unnest($1::text[], $2::int[]) as m(place, by) where p.place = m.place
"""
_RESERVE: Final = """
insert into reservation (handoff, place, accepted) select * from unnest($1::text[], $2::text[], $3::timestamptz[])
"""
_ACCEPT: Final = """
update reservation r set accepted = a.at from unnest($1::text[], $2::timestamptz[]) as a(handoff, at)
where r.handoff = a.handoff
"""
_DECLARE: Final = """
insert into place (place, number, at) select * from unnest($1::text[], $2::int[], $3::timestamptz[])
on conflict (place) do update set number = excluded.number, at = excluded.at, changed = pg_current_xact_id()
"""
_COUNTED: Final = """
delete from reservation r using unnest($1::text[], $2::timestamptz[]) as d(place, at)
where r.place = d.place and r.accepted <= d.at
"""
_RECOUNT: Final = """
update place set taken = (select count(*) from reservation r where r.place = place.place) where place = any($1::text[])
"""


class Taken:
    """How many places are taken, as this worker last saw it."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}
        self._seen = "0"

    async def refresh(self, conn: Connection) -> None:
        """Take in what was committed since the last look."""
        seen = await conn.fetchval(_XMIN)
        self.known.update(await conn.fetch(_CHANGED, self._seen))
        self._seen = seen


@dataclass(slots=True)
class Settlement:
    """What a batch's events do to places."""

    reserved: dict[str, str] = field(default_factory=dict)
    freed: list[str] = field(default_factory=list)
    accepted: dict[str, datetime] = field(default_factory=dict)

    def add(self, events: Iterable[Recorded], choosing: Choosing) -> None:
        """Take in the events of one command, in order."""
        for event in events:
            payload = event.payload
            if isinstance(payload, HandoffProposed):
                place = choosing.place(payload.decision)
                if place is not None:
                    self.reserved[payload.handoff] = place
            elif isinstance(payload, HandoffAccepted):
                self.accepted[payload.handoff] = event.time
            elif isinstance(payload, GIVES_BACK) and self.reserved.pop(payload.handoff, None) is None:
                self.freed.append(payload.handoff)

    async def write(self, conn: Connection) -> list[str]:
        """Lock, check again, reserve; the places given back. Raises Shortage where one is gone meanwhile."""
        back = await conn.fetch(_FREE, self.freed) if self.freed else []
        wanted = Counter(self.reserved.values())
        if wanted or back:
            await self._move(conn, wanted, back)
        later = {handoff: at for handoff, at in self.accepted.items() if handoff not in self.reserved}
        if self.reserved:
            handoffs = list(self.reserved)
            times = [self.accepted.get(handoff) for handoff in handoffs]
            await conn.execute(_RESERVE, handoffs, list(self.reserved.values()), times)
        if later:
            await conn.execute(_ACCEPT, list(later), list(later.values()))
        return sorted({place for place, _ in back})

    async def _move(self, conn: Connection, wanted: Counter[str], back: Sequence[tuple[str, datetime | None]]) -> None:
        by = Counter(wanted)
        rows = await conn.fetch(_LOCK, sorted({*wanted, *(place for place, _ in back)}))
        counted_since = {place: at for place, _, at, _ in rows}
        for place, accepted in back:
            if accepted is None or (place in counted_since and accepted > counted_since[place]):
                by[place] -= 1
        for place, number, _, taken in rows:
            if wanted[place] and number is not None and taken + by[place] > number:
                raise Shortage(place)
        await conn.execute(_MOVE, list(by), list(by.values()))


async def declare(conn: Connection, declared: Sequence[PlacesDeclared]) -> None:
    """A partner says how many places are free at a moment: what was accepted until then is in its number."""
    latest = {place_key(each): each for each in declared}
    if not latest:
        return
    places = sorted(latest)
    numbers = [None if latest[place].state == "waiting-list" else latest[place].number for place in places]
    times = [latest[place].at for place in places]
    await conn.execute(_DECLARE, places, numbers, times)
    await conn.execute(_COUNTED, places, times)
    await conn.execute(_RECOUNT, places)
