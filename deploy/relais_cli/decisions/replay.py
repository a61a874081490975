"""`relais decisions replay`: stored decisions made again from the directory as it stood then, and compared.

Reads routing's database; routing's own matching does the work. Whatever the number, it holds a few at a time.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from relais_chassis.postgres import Database
from relais_cli import places
from relais_cli.operations import dsn
from relais_cli.output import JsonFlag, Stopped, complain, give
from relais_territories import FRANCE, France
from relais_territories.editions import edition

SHOWN = 5
"""Decisions that differ are shown field by field up to so many, and so are the fields of each times two."""


@dataclass
class Tally:
    """What came of it so far."""

    verdicts: Counter[str] = field(default_factory=Counter)
    different: list[str] = field(default_factory=list)
    """Decisions that are not what they were, or not there any more."""
    made_by: Counter[str] = field(default_factory=Counter)
    """Decisions that this version cannot make again, by what they were made by."""


def replay(
    *ids: str,
    since: datetime | None = None,
    until: datetime | None = None,
    last: int | None = None,
    as_json: JsonFlag = False,
) -> int:
    """Make stored decisions again, bit for bit, from the directory as it stood then, and hold them against the log.

    Exit 1 when one differs, or is gone though the log seals it; 2 when nothing does, but one could not be made again
    here, or no event seals it.

    Parameters
    ----------
    ids
        Which decisions; without any, all of the time given, and whether any of that time is gone.
    since
        From this day or moment on (in France where it says no zone).
    until
        Before this day or moment.
    last
        Only so many of the latest.
    """
    tally = asyncio.run(_replay(ids, _in_france(since), _in_france(until), last))
    counts = tally.verdicts
    given: dict[str, object] = {"decisions": counts.total() - counts["missing"], "equal": counts["equal"]}
    given["differences"] = len(tally.different)
    if as_json:
        given["different"] = tally.different
    given |= {verdict: counts[verdict] for verdict in ("missing", "unsealed") if counts[verdict]}
    if tally.made_by:
        given["not made again"] = dict(tally.made_by) if as_json else _listed(tally.made_by)
    give(given, as_json)
    if tally.different:
        return 1
    return 0 if counts["equal"] == counts.total() else 2


async def _replay(ids: tuple[str, ...], since: datetime | None, until: datetime | None, last: int | None) -> Tally:
    from relais_routing.replays import Which, count, latest, missing, replayed

    tally = Tally()
    async with Database(dsn("routing"), "routing", max_size=1) as database, database.connection() as conn:
        which = Which(since, until, list(ids) or (None if last is None else await latest(conn, last)))
        number = await count(conn, which)
        if number < len(set(ids)):
            raise Stopped(f"there is no such decision among {', '.join(ids)}", 2)
        with _bar() as bar:
            task = bar.add_task("", total=number)
            async for made in replayed(conn, which, _territories):
                _note(tally, made.id, made.verdict, made.says)
                bar.advance(task)
        async for gone in missing(conn, which):
            _note(tally, gone.id, gone.verdict, gone.says)
    return tally


@lru_cache(maxsize=4)
def _territories(version: str) -> France | None:
    """Those that this machine is told to match by, else an edition that was imported here."""
    return FRANCE if version == FRANCE.version else edition(version, places.EDITIONS, places.TERRITORIES)


def _note(tally: Tally, id: str, verdict: str, says: tuple[str, ...]) -> None:
    tally.verdicts[verdict] += 1
    if verdict in ("different", "missing"):
        tally.different.append(id)
        if len(tally.different) <= SHOWN:
            more = len(says) - 2 * SHOWN
            for line in [*says[: 2 * SHOWN], *([f"and {more} more differences"] if more > 0 else [])]:
                complain(f"{id}: {line}")
    elif says:
        tally.made_by[says[0]] += 1


def _bar() -> Progress:
    console = Console(stderr=True)
    columns = (BarColumn(32), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


def _in_france(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=ZoneInfo("Europe/Paris")) if at is not None and at.tzinfo is None else at


def _listed(made_by: Counter[str]) -> str:
    return "; ".join(f"{number} made by {what}" for what, number in made_by.most_common())
