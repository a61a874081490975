"""`relais audit impartiality`: shares received beside shares eligible, worst first, and whether chance explains them.

Reads routing's sums and says what they mean; the bands are routing's own.
"""

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from relais_chassis import clock
from relais_chassis.postgres import Database
from relais_cli.operations import dsn
from relais_cli.output import JsonFlag, Stopped, give, give_table
from relais_routing.impartiality.band import ALPHA
from relais_routing.impartiality.counts import Period, month_of, months_until
from relais_routing.impartiality.report import Row
from relais_routing.shares import answer, departements, looked_at
from relais_territories import FRANCE

COLUMNS: Final = ("", "what", "who", "where", "decisions", "received", "eligible", "band", "")
WHAT: Final = {"partner": "partner", "group": "group", "operator": "own group of"}
LINES: Final = 40


def impartiality(
    *,
    since: str | None = None,
    until: str | None = None,
    group: str | None = None,
    territory: str | None = None,
    plot: Path | None = None,
    as_json: JsonFlag = False,
) -> int:
    """Show what each partner and group received and what honest draws would have given it; exit 1 on an alarm.

    Parameters
    ----------
    since
        The first month, as in 2026-01; none: the last twelve months.
    until
        The last month; none: this one.
    group
        One group, its partners and operators alone.
    territory
        A territory alone, as in departement:71: the départements that it touches.
    plot
        Where to write a picture (svg, png or pdf, by its name).
    """
    period, within = _period(since, until), None if territory is None else _within(territory)
    rows = asyncio.run(_rows(period, within))
    shown = [row for row in rows if group is None or group in (row.group, row.id)]
    if plot is not None:
        from relais_cli.audit.picture import draw

        draw(shown, period, plot)
    if as_json:
        give(answer(rows, period, group), True)
    elif shown:
        give_table(COLUMNS, [_line(row) for row in shown[:LINES]], False)
        print(f"\n{summary(shown, period)}")
    else:
        print(f"Nothing was drawn {_in_words(period)}.")
    return 1 if any(row.is_alarm for row in shown) else 0


async def _rows(period: Period, within: list[str] | None) -> list[Row]:
    async with Database(dsn("routing"), "routing", max_size=1) as database, database.connection() as conn:
        return await looked_at(conn, period, within)


def _within(territory: str) -> list[str]:
    """The départements that a territory touches; what is none is refused: nothing drawn in it would read as fair."""
    kind, _, code = territory.partition(":")
    todays = {f"departement:{each}" for each in FRANCE.table.departements} if FRANCE.is_known(kind, code) else set()
    found = sorted(departements(territory) & todays)
    if not found:
        raise Stopped(f"{territory} is no territory known here: one is expected as in departement:71 or region:27", 2)
    return found


def _period(since: str | None, until: str | None) -> Period:
    try:
        year = months_until(date.fromisoformat(f"{until}-01") if until else month_of(clock.now()))
        return Period(date.fromisoformat(f"{since}-01") if since else year.since, year.until)
    except ValueError:
        raise Stopped("a month is expected, as in 2026-01", 2) from None


def _line(row: Row) -> Sequence[str]:
    shares = row.to_json()
    return (
        "!" if row.is_alarm else "",
        WHAT[row.kind],
        row.name,
        (row.territory or "everywhere").removeprefix("departement:"),
        str(row.decisions),
        f"{shares['received_share']:.1f} %",
        f"{shares['expected_share']:.1f} %",
        f"{shares['least_share']:.1f}–{shares['most_share']:.1f} %" if row.kind != "operator" else _up_to(row),
        row.verdict if row.is_alarm else "",
    )


def _up_to(row: Row) -> str:
    return f"up to {row.to_json()['most_share']:.1f} %"


def summary(rows: Sequence[Row], period: Period) -> str:
    """What the rows say, in a sentence or two."""
    alarms = [row for row in rows if row.is_alarm]
    looked = f"{len(rows)} rows {_in_words(period)}"
    honest = f"honest draws would leave none with probability {100 * (1 - ALPHA):g} %"
    if not alarms:
        return f"{looked}: each received what chance explains ({honest})."
    worst = alarms[0]
    more = "more" if worst.verdict == "above" else "less"
    return (
        f"{looked}: {len(alarms)} beyond what chance explains ({honest}). "
        f"Worst: {WHAT[worst.kind]} {worst.name} received {worst.received}, {more} than its {worst.expected:.1f}."
    )


def _in_words(period: Period) -> str:
    return f"from {period.since:%Y-%m} to {period.until:%Y-%m}"
