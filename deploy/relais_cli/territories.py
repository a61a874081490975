"""`relais territories import`: keeps the bassins de vie and zones d'emploi of INSEE's table for the services.

The services read what is written here at their next start; nothing else of the table is kept.
"""

import csv
import io
import os
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from cyclopts import App

from relais_cli import places
from relais_cli.insee import NoTable, rows
from relais_cli.output import JsonFlag, Stopped, give
from relais_territories.overlay import BASSIN, COMMUNE, EMPLOI, overlaid

app = App(name="territories", help="Bring living areas and employment zones in.")


@app.command(name="import")
def import_(file: Path, *, as_json: JsonFlag = False) -> int:
    """Take bassins de vie and zones d'emploi over from INSEE's table of communes.

    Parameters
    ----------
    file
        « Table d'appartenance géographique des communes », as INSEE publishes it (xlsx, or zip), or as CSV.
    """
    try:
        table = list(kept(rows(file)))
    except (OSError, NoTable, zipfile.BadZipFile, UnicodeDecodeError) as failure:
        raise Stopped(f"{file}: {failure}", 2) from None
    into = places.TERRITORIES
    into.parent.mkdir(parents=True, exist_ok=True)
    new = into.with_name(f"{into.name}.{os.getpid()}")
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    new.write_text(text.getvalue())
    france = overlaid(new)
    new.replace(into)
    give({"communes": len(table) - 1, "edition": france.version, "file": str(into)}, as_json)
    return 0


def kept(table: Iterable[list[str]]) -> Iterator[list[str]]:
    """The header CODGEO, BV20.., ZE20.., and a row a commune; whatever stands above the header is passed over."""
    lines = iter(table)
    for header in lines:
        if COMMUNE in header:
            break
    else:
        raise NoTable(f"there is no column {COMMUNE}")
    wanted = [COMMUNE]
    for kind, what in ((BASSIN, "bassins de vie (BV20..)"), (EMPLOI, "zones d'emploi (ZE20..)")):
        found = [name for name in header if kind.fullmatch(name)]
        if not found:
            raise NoTable(f"there is no column of {what}")
        wanted.append(found[0])
    places_of = [header.index(name) for name in wanted]
    yield wanted
    for line in lines:
        cells = [line[place] if place < len(line) else "" for place in places_of]
        if cells[0]:
            yield cells
