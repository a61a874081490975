"""INSEE's bassins de vie and zones d'emploi, laid over the built-in table from a file of one's own.

`relais territories import` writes the file, `RELAIS_TERRITORIES` names it; without one the EPCI stands in.
"""

import csv
import os
import re
import zlib
from pathlib import Path

from relais_territories.france import France

SETTING = "RELAIS_TERRITORIES"
COMMUNE = "CODGEO"
BASSIN, EMPLOI = re.compile(r"BV20\d\d"), re.compile(r"ZE20\d\d")


def overlaid(path: Path) -> France:
    """France with the territories of a file whose columns are CODGEO, BV20.. and ZE20..; ValueError where one lacks."""
    content = path.read_text("utf-8")
    rows = csv.DictReader(content.splitlines())
    names = rows.fieldnames or []
    bassin, emploi = (next((name for name in names if kind.fullmatch(name)), None) for kind in (BASSIN, EMPLOI))
    if COMMUNE not in names or bassin is None or emploi is None:
        raise ValueError(f"{path}: the columns {COMMUNE}, BV20.. and ZE20.. are expected")
    bassins: dict[str, str] = {}
    emplois: dict[str, str] = {}
    for row in rows:
        bassins[row[COMMUNE]] = row[bassin]
        emplois[row[COMMUNE]] = row[emploi]
    edition = f"{bassin}-{emploi}-{zlib.crc32(content.encode()):08x}"
    return France(bassins=bassins, emplois=emplois, overlay=edition)


def configured() -> France:
    """France as this machine has it: overlaid where `RELAIS_TERRITORIES` names a file."""
    path = os.environ.get(SETTING)
    return overlaid(Path(path)) if path else France()
