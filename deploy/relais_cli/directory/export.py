"""`relais directory export`: the directory as it stood at a version or a moment, in lines that `import` takes again.

Written from what routing keeps of every entry ever declared. It changes nothing and judges nothing.
"""

import asyncio
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from relais_chassis import clock
from relais_chassis.postgres import Database
from relais_cli.operations import dsn
from relais_cli.output import Stopped, tell


def export(
    *,
    version: int | None = None,
    at: str | None = None,
    organisation: str = "directory",
    declared_by: str | None = None,
    output: Path | None = None,
) -> int:
    """Write the directory as it stood; without version or moment, as it stands.

    Parameters
    ----------
    version
        The directory's version, as decision records name it.
    at
        Or a day (as it stood at its end, in France) or a moment, e.g. 2026-03-01 or 2026-03-01T09:00+01:00.
    organisation
        In whose name the lines are imported again.
    declared_by
        Only what this organisation declared.
    output
        A file; without one, standard output.
    """
    if version is not None and at is not None:
        raise Stopped("give --version or --at, not both", 2)
    moment = None if at is None else _moment(at)
    try:
        with output.open("wb") if output else open(sys.stdout.fileno(), "wb", closefd=False) as into:
            number, left_out, stood = asyncio.run(_export(into, version, moment, organisation, declared_by))
    except OSError as failure:
        raise Stopped(f"{output}: {failure}", 2) from None
    left = f"; {left_out} left out, whose partner or offer was withdrawn" if left_out else ""
    tell(f"{number} entries of directory version {stood}{left}")
    return 0


async def _export(
    into: BinaryIO, version: int | None, at: datetime | None, organisation: str, declared_by: str | None
) -> tuple[int, int, int]:
    from relais_intake.directory.adapters.lines import line_of
    from relais_routing import standing

    run = str(clock.new_id())
    number = 0
    async with Database(dsn("routing"), "routing", max_size=1) as database, database.connection() as conn:
        stood = await standing.version_at(conn, at) if version is None else version
        if version is not None and version > await standing.version_at(conn, None):
            raise Stopped(f"the directory has not reached version {version}", 2)
        entries = standing.Standing(stood)
        async for payload in entries.read(conn):
            if declared_by in (None, payload.declared_by):
                into.write(line_of(payload.model_copy(update={"declared_by": None}), organisation, run) + b"\n")
                number += 1
    return number, entries.left_out, stood


def _moment(text: str) -> datetime:
    from relais_routing.chain.calendar import PARIS, midnight

    try:
        if len(text) == len("2026-03-01"):
            return midnight(date.fromisoformat(text) + timedelta(days=1))
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Stopped(
            f"{text} is neither a day nor a moment, such as 2026-03-01 or 2026-03-01T09:00+01:00", 2
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=PARIS)
