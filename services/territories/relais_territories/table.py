"""The packaged table of communes, read once into lines; a commune is made of its line when first asked for.

Built by `deploy/territories/build.py`. Reading it is the package's only I/O; nothing is ever written.
"""

import gzip
from dataclasses import dataclass
from importlib.resources import files

from relais_territories.commune import Commune

DENSITY = {"METRO": 2, "MET69": 2, "CU": 2, "CA": 1, "CC": 0}
"""By kind of EPCI: métropoles and communautés urbaines run urban networks, agglomerations smaller ones."""


@dataclass(frozen=True, slots=True)
class Table:
    """The sections of the file: communes stay lines until asked for."""

    version: str
    regions: dict[str, str]
    departements: dict[str, tuple[str, str]]
    epcis: dict[str, tuple[str, int]]
    lines: dict[str, str]
    former: dict[str, tuple[str, str]]


def packaged() -> Table:
    """The table that ships with the package."""
    packed = files("relais_territories").joinpath("data/territories.tsv.gz").read_bytes()
    return parsed(gzip.decompress(packed).decode())


def parsed(text: str) -> Table:
    """A table from its text."""
    head, *sections = text.split("\n@")
    rows = {name: body.split("\n") for name, _, body in (s.rstrip("\n").partition("\n") for s in sections)}
    return Table(
        version=head.removeprefix("@version "),
        regions=dict(_two(row) for row in rows["region"]),
        departements={code: (name, region) for code, name, region in map(_three, rows["departement"])},
        epcis={code: (name, DENSITY[kind]) for code, name, kind in map(_three, rows["epci"])},
        lines={row[:5]: row for row in rows["commune"]},
        former={old: (name, head) for old, name, head in map(_three, rows["former"])},
    )


def commune_of(table: Table, line: str) -> Commune:
    """The commune that a line describes."""
    code, name, postcodes, epci, latitude, longitude, population, land, parent = line.split("\t")
    departement = departement_of(code)
    return Commune(
        code=code,
        name=name,
        postcodes=tuple(postcodes.split()),
        epci=epci,
        departement=departement,
        region=table.departements[departement][1],
        latitude=int(latitude) if latitude else None,
        longitude=int(longitude) if longitude else None,
        population=int(population or 0),
        land=land,
        parent=parent,
        density=table.epcis[epci][1] if epci else 0,
    )


def departement_of(code: str) -> str:
    """The département in an INSEE commune code: two characters, three overseas."""
    return code[:3] if code[:2] in ("97", "98") else code[:2]


def _two(row: str) -> tuple[str, str]:
    first, second = row.split("\t")
    return first, second


def _three(row: str) -> tuple[str, str, str]:
    first, second, third = row.split("\t")
    return first, second, third
