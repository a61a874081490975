"""The watch: follows the decisions as they are committed, counts each exactly once, and finds what to say about it.

A part of routing's process; one worker counts, elected by an advisory lock, the others wait. The stream never waits
for it: counts are late by a second or so. Killed, it goes on from the cursor that was saved with the counts.
"""

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import Final

import structlog

from relais_chassis.commands import Command
from relais_chassis.postgres import FIRST_PAUSE, LONGEST_PAUSE, Connection, Database, is_passing
from relais_routing.directory import LiveIndex
from relais_routing.impartiality import alarms, chances, store
from relais_routing.impartiality.alarms import RaiseAlarm
from relais_routing.impartiality.counts import Count, Counts, month_of, months_until
from relais_routing.places import Taken

log = structlog.get_logger(__name__)

CHUNK: Final = 200
_LEAD: Final = "select pg_try_advisory_lock(hashtextextended('impartiality ' || current_schema(), 0))"
# A backlog that the planner's statistics do not know yet is read along the index, not sorted for every chunk.
_SETTINGS: Final = "set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off"


class Watch:
    """Counts what is decided, until stopped."""

    def __init__(self, database: Database, live: LiveIndex, taken: Taken, *, every_seconds: float = 1.0) -> None:
        self._database, self._live, self._taken, self._every = database, live, taken, every_seconds
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Finish the chunk in hand; `run` returns then."""
        self._stopping.set()

    async def run(self) -> None:
        """Lead or wait to lead until stopped; outages of the database are waited out."""
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                async with self._database.session() as conn:
                    while not self._stopping.is_set() and not await conn.fetchval(_LEAD):
                        await self._rest(self._every)
                    await conn.execute(_SETTINGS)
                    while not self._stopping.is_set():
                        counted = await self.once(conn)
                        pause = FIRST_PAUSE
                        if counted < CHUNK:
                            await self._rest(self._every)
            except Exception as error:
                if not is_passing(error):
                    raise
                log.warning("counting interrupted, starting anew", error=repr(error), pause=pause)
                await self._rest(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def once(self, conn: Connection) -> int:
        """Count the next decisions; how many."""
        before = await store.place(conn)
        decided = await store.read(conn, before, CHUNK)
        if not decided:
            return 0
        await self._live.refresh(conn)
        await self._taken.refresh(conn)
        groups = await store.groups_at(conn, chances.partners_in(each.record for each in decided))
        known = await store.measured(conn, [each.id for each in decided])
        counts, fresh = Counts(), dict[str, int]()
        for each in decided:
            own = known.get(each.id)
            if own is None:
                own = fresh[each.id] = chances.own_share(each.record, self._live.index, self._taken.known)
                await asyncio.sleep(0)  # a match at a time: the stream's turn comes in between
            version = each.record["directory"]
            counts.add(each.record, each.at, {name: groups.get((name, version)) for name in _partners(each)}, own)
        saved = await store.save(conn, before, decided[-1].place, counts, fresh)
        return len(decided) if saved else 0

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()


def _partners(stored: store.Stored) -> dict[str, int]:
    return chances.tickets(stored.record)


async def find(conn: Connection, now: datetime, limit: int) -> list[Command]:
    """The sweep: operators whose own group has received beyond its band in the last twelve months."""
    month = month_of(now)
    counts: dict[str, Count] = {}
    for (_, name, _), count in (await store.sums(conn, months_until(month), ("operator",))).items():
        counts[name] = counts[name].plus(count) if name in counts else count
    due = alarms.found(counts, await store.about(conn, counts), month)[:limit]
    raised = await store.raised(conn, [alarm.operator for alarm in due])
    return [
        Command(
            f"impartiality/{alarm.operator}",
            RaiseAlarm(alarm, *raised.get(alarm.operator, (0, None))),
            None,
            now,
        )
        for alarm in due
    ]
