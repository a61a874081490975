"""Stored decisions made again, bit for bit: from the directory as it stood then, under the same draws.

`relais decisions` calls it beside the database. It walks through the versions of the directory once, whatever the
number of decisions, and holds a few of them at a time; `seals` holds each against the log. It changes nothing.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

import orjson

from relais_chassis.postgres import Connection
from relais_routing import directory, draws, seals
from relais_routing.matching import rules
from relais_routing.matching.differences import differences
from relais_routing.matching.index import Index
from relais_routing.matching.record import FORMAT, replay
from relais_routing.matching.seal import sealed
from relais_routing.matching.verify import Published, verify, wrong
from relais_routing.seals import Kept
from relais_territories import FRANCE, France

TOGETHER: Final = 200
HELD: Final = 2
"""Directories in memory at once, by the territories they lie in: these change seldom, one after the other."""
_LAST: Final = "select id from decision order by at desc, id limit $1"
_WHICH: Final = """
from decision d where ($1::timestamptz is null or d.at >= $1) and ($2::timestamptz is null or d.at < $2)
and ($3::text[] is null or d.id = any($3))
"""
_COUNT: Final = f"select count(*) as number, min(directory) as first {_WHICH}"
_PAGE: Final = f"""
select d.id, d.case_id, d.step, d.at, d.version, d.directory, d.record, l.type, l.time, l.data as event
from (select * {_WHICH} and (directory, id) > ($4, $5) order by directory, id limit {TOGETHER}) d
left join log l on l.stream = 'chain/' || d.case_id and l.version = d.version
order by d.directory, d.id
"""

Edition = Callable[[str], France | None]
"""The territories of the version that a record names; none where they are not at hand."""
Verdict = Literal["equal", "different", "missing", "unsealed", "other-rules", "other-territories"]


@dataclass(frozen=True, slots=True)
class Which:
    """The decisions to be made again: those of a time, or some by id; all of them where nothing is said."""

    since: datetime | None = None
    until: datetime | None = None
    ids: Sequence[str] | None = None


class Replayed(NamedTuple):
    """One decision made again; `says` is what differs, or by what it was made that is not known here.

    `missing`: an event in the log seals it, and it is not kept with it. `unsealed`: made again alike, but it names no
    event, so that nothing proves that it was made then.
    """

    id: str
    verdict: Verdict
    says: tuple[str, ...] = ()


async def latest(conn: Connection, number: int) -> list[str]:
    """The ids of so many decisions, the latest first."""
    return [row["id"] for row in await conn.fetch(_LAST, number)]


async def count(conn: Connection, which: Which) -> int:
    """How many decisions these are."""
    number: int = (await conn.fetchrow(_COUNT, which.since, which.until, which.ids))["number"]
    return number


def here(version: str) -> France | None:
    """The territories that this process matches by, where it is asked for these."""
    return FRANCE if version == FRANCE.version else None


async def replayed(conn: Connection, which: Which, edition: Edition = here) -> AsyncIterator[Replayed]:
    """Every one of them made again, portion by portion in the order of the directory's versions."""
    version = (await conn.fetchrow(_COUNT, which.since, which.until, which.ids))["first"]
    after, past, published = "", _Past(conn, edition), await _draws(conn)
    while version is not None:
        rows = [Kept(*row) for row in await conn.fetch(_PAGE, which.since, which.until, which.ids, version, after)]
        for territories, kept in sorted(((_territories(row.record), row) for row in rows), key=_of_one_edition):
            yield _judged(kept, await past.at(kept.directory, territories), published)
        version, after = (rows[-1].directory, rows[-1].id) if rows else (None, "")


class _Past:
    """The directory as it stood, in the territories of its time; asked for versions that go up."""

    def __init__(self, conn: Connection, edition: Edition) -> None:
        self._conn, self._edition = conn, edition
        self._indexes: dict[str, Index] = {}

    async def at(self, version: int, territories: str) -> Index | None:
        """The directory of a version; none where the territories are not at hand."""
        index = self._indexes.pop(territories, None)
        if index is not None:
            await directory.bring_forward(self._conn, index, version)
        elif france := self._edition(territories):
            if len(self._indexes) == HELD:
                del self._indexes[next(iter(self._indexes))]
            index = await directory.index_at(self._conn, version, Index(france))
        else:
            return None
        self._indexes[territories] = index  # the one used last is let go last
        return index


def _territories(record: bytes) -> str:
    """By which a record says that it was made; empty where it is none."""
    try:
        return str(orjson.loads(record)["territories"])
    except (KeyError, TypeError, ValueError):
        return ""


def _of_one_edition(one: tuple[str, Kept]) -> tuple[str, int, str]:
    territories, kept = one
    return territories, kept.directory, kept.id


async def missing(conn: Connection, which: Which) -> AsyncIterator[Replayed]:
    """Every decision of that time that the log seals and the table does not hold; nothing is looked for by id."""
    if which.ids is None:
        async for id, event in seals.without_decision(conn, which.since, which.until):
            yield Replayed(id, "missing", (f"{event} in the log seals it, and it is not kept with that event",))


async def _draws(conn: Connection) -> dict[str, Published]:
    return {draw.day.isoformat(): draw for draw in await draws.all_of(conn)}


def _judged(kept: Kept, index: Index | None, published: dict[str, Published]) -> Replayed:
    """One decision, compared byte by byte with what is kept; and what is kept, with its row and its seal in the log."""
    says, known = list(seals.unlike_its_event(kept)), None
    try:
        stored: dict[str, Any] = orjson.loads(kept.record)
        known = _known(kept.id, stored, index)
        says = [*seals.unlike_its_row(kept, stored), *says]
        if known is None and index is not None:
            says = [*_differences(kept.record, stored, index, published.get(stored["day"])), *says]
    except (KeyError, TypeError, ValueError, AttributeError) as failure:
        says = [f"this is no decision record: {failure!r}", *says]
    if says:
        return Replayed(kept.id, "different", tuple(says))
    return known or Replayed(kept.id, "equal" if kept.version else "unsealed")


def _known(id: str, stored: dict[str, Any], index: Index | None) -> Replayed | None:
    """By what the decision was made, where that is not known here: it cannot be made again by this version."""
    if (stored["format"], stored["rules"]) != (FORMAT, rules.VERSION):
        return Replayed(id, "other-rules", (f"format {stored['format']}, rules {stored['rules']}",))
    if index is None:
        return Replayed(id, "other-territories", (f"territories {stored['territories']}",))
    return None


def _differences(kept: bytes, stored: dict[str, Any], index: Index, draw: Published | None) -> list[str]:
    if draw is None or draw.secret is None:
        return [f"no draw is kept for {stored['day']}"]
    again = sealed(replay(stored, index, draw.secret), stored["policy"])
    says = [] if again == kept else list(differences(stored, orjson.loads(again)))
    if again != kept and not says:
        says.append("the same fields, written another way")
    return says + wrong(verify(stored, draw))
