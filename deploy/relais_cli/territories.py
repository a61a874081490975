"""`relais territories import`: keeps the bassins de vie and zones d'emploi of INSEE's tables for the services.

The services read what is written here at their next start; nothing else of the tables is kept. All or nothing: a
file that does not fit leaves what was imported before. Editions of before stay: decisions are made again by them.
"""

import csv
import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from cyclopts import App

from relais_cli import places
from relais_cli.insee import NoTable, sheets
from relais_cli.living_areas import Areas, Chosen, chosen
from relais_cli.output import JsonFlag, Stopped, complain, give
from relais_territories import FRANCE
from relais_territories.editions import keep
from relais_territories.overlay import COMMUNE, NAME
from relais_territories.zoning import BASSIN, EMPLOI

app = App(name="territories", help="Bring living areas and employment zones in.")

KINDS: Final = {BASSIN: "BV", EMPLOI: "ZE"}
FEW: Final = 100
"""One line in so many may be refused, one commune in so many may have no line of its own (about 115 have none in a
whole table); beyond, tables do not belong together, or one was cut, and nothing is kept."""
SHOWN: Final = 20


@app.command(name="import")
def import_(file: Path, /, *files: Path, as_json: JsonFlag = False) -> int:
    """Take bassins de vie and zones d'emploi over from INSEE's tables; give all of them at once.

    A table of communes with columns BV20.. or ZE20.. says where each commune lies; tables of areas' names
    (code and label) name them. Of several editions the newest is kept. What has no table is left to the EPCI.

    Parameters
    ----------
    file
        « Table d'appartenance géographique des communes » as INSEE publishes it (xlsx, or zip), or as CSV.
    files
        More tables, in any order.
    """
    read = Areas()
    for each in (file, *files):
        try:
            read.read(sheets(each))
        except (OSError, NoTable) as failure:
            raise Stopped(f"{each}: {failure}", 2) from None
    kept = {kind: found for kind, short in KINDS.items() if (found := chosen(read, short)) is not None}
    for fault in read.faults[:SHOWN]:
        complain(f"{fault.table}, line {fault.line}: {fault.why}")
    if len(read.faults) > SHOWN:
        complain(f"and {len(read.faults) - SHOWN} lines more")
    if not kept:
        raise Stopped("no table says in which area a commune lies", 2)
    if len(read.faults) * FEW > read.lines:
        raise Stopped(f"{len(read.faults)} of {read.lines} lines do not fit: nothing is kept", 2)
    _refuse_parts(kept.values())
    version = _write(places.TERRITORIES, kept)
    give(_report(read, kept, version, as_json), as_json)
    return 1 if read.faults else 0


def _refuse_parts(kept: Iterable[Chosen]) -> None:
    """A table that was cut would leave most of its communes to their neighbours, and say nothing of it."""
    communes = sum(1 for _ in FRANCE.communes())
    for found in kept:
        missing = len(found.filled) + len(found.without)
        if missing * FEW > communes:
            raise Stopped(
                f"{missing} of {communes} communes have no line of their own for {found.edition}, where a whole table "
                f"leaves out a hundred or so and {communes // FEW} are borne: was the file cut? Nothing is kept",
                2,
            )


def _write(into: Path, kept: Mapping[str, Chosen]) -> str:
    """Writes the file beside the old one and puts it in its place once it reads well; the version of the data.

    Both are kept as editions, the old one too: it may be of a time when none were.
    """
    into.parent.mkdir(parents=True, exist_ok=True)
    new = into.with_name(f"{into.name}.{os.getpid()}")
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(_table(kept.values()))
    new.write_text(text.getvalue(), "utf-8")
    version = keep(new, places.EDITIONS).version
    if into.exists():
        _keep_old(into)
    new.replace(into)
    return version


def _keep_old(file: Path) -> None:
    try:
        keep(file, places.EDITIONS)
    except ValueError as failure:
        complain(f"{failure}: what was imported before does not read, decisions made by it cannot be made again")


def _table(kept: Iterable[Chosen]) -> Iterable[list[str]]:
    """The header CODGEO, BV20.., LIBBV20.., ZE20.., LIBZE20.., and a row a commune or arrondissement."""
    kinds = list(kept)
    yield [COMMUNE, *(column for each in kinds for column in (each.edition, NAME + each.edition))]
    for code in FRANCE.table.lines:
        areas = [(each.areas.get(code, ""), each.names) for each in kinds]
        if any(area for area, _ in areas):
            yield [code, *(cell for area, names in areas for cell in (area, names.get(area, "")))]


def _report(read: Areas, kept: Mapping[str, Chosen], version: str, as_json: bool) -> dict[str, Any]:
    """What was taken, what is missing, what was refused."""
    left = sorted(set(read.communes) - {each.column for each in kept.values()})
    faults = [fault._asdict() for fault in read.faults]
    told = {kind: _said(kept.get(kind), as_json) for kind in KINDS}
    where = {"version": version, "file": str(places.TERRITORIES)}
    return {
        **told,
        "not kept": left if as_json else ", ".join(left) or "-",
        "refused": faults if as_json else len(faults),
        **where,
    }


def _said(found: Chosen | None, as_json: bool) -> Any:
    if found is None:
        return None if as_json else "no table: the EPCI stands in"
    nameless = sorted(code for code, name in found.names.items() if not name)
    if as_json:
        counts = {"areas": len(found.names), "communes": len(found.areas), "nameless": nameless}
        return {
            "edition": found.edition,
            "column": found.column,
            **counts,
            "filled": found.filled,
            "without": found.without,
        }
    return (
        f"{found.edition}: {len(found.names)} areas ({len(nameless)} without a name), {len(found.areas)} communes, "
        f"{len(found.filled)} of them as their nearest neighbour; {len(found.without)} communes lie in none"
    )
