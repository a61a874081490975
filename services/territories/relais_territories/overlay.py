"""INSEE's bassins de vie and zones d'emploi, laid over the built-in table from a file of one's own.

`relais territories import` writes the file, `RELAIS_TERRITORIES` names it; without one the EPCI stands in.
"""

import csv
import os
import re
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from relais_territories.france import France
from relais_territories.zoning import BASSIN, EMPLOI, Zoning

SETTING: Final = "RELAIS_TERRITORIES"
COMMUNE: Final = "CODGEO"
NAME: Final = "LIB"
"""Before the name of an edition: the column of its areas' names."""
EDITIONS: Final = {BASSIN: re.compile(r"BV20\d\d"), EMPLOI: re.compile(r"ZE20\d\d")}
"""What the columns are called, by kind of zoning; INSEE's own names."""


def overlaid(path: Path) -> France:
    """France with the areas of a file whose columns are CODGEO, and BV20.. or ZE20.. or both, with LIB.. their names.

    ValueError where these columns are not there.
    """
    content = path.read_text("utf-8")
    rows = csv.DictReader(content.splitlines())
    columns = rows.fieldnames or []
    editions = {kind: name for kind, named in EDITIONS.items() for name in columns if named.fullmatch(name)}
    if COMMUNE not in columns or not editions:
        raise ValueError(f"{path}: the columns {COMMUNE}, and BV20.. or ZE20.. are expected")
    lines = list(rows)
    zonings = {kind: _zoning(lines, edition) for kind, edition in editions.items()}
    return France(zonings=zonings, overlay="-".join([*editions.values(), f"{zlib.crc32(content.encode()):08x}"]))


def _zoning(lines: Iterable[Mapping[str, str]], edition: str) -> Zoning:
    areas: dict[str, str] = {}
    names: dict[str, str] = {}
    for line in lines:
        area = line[edition]
        if area:
            areas[line[COMMUNE]] = area
            if line.get(NAME + edition):
                names[area] = line[NAME + edition]
    return Zoning(areas, names)


def configured() -> France:
    """France as this machine has it: overlaid where `RELAIS_TERRITORIES` names a file."""
    path = os.environ.get(SETTING)
    return overlaid(Path(path)) if path else France()
