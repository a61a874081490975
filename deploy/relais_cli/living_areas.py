"""What INSEE's tables say of living areas: the area of each commune and the areas' names, by edition.

`insee` reads the cells, `territories` keeps the outcome. Every line that cannot be taken is kept with its reason;
nothing is written here.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from relais_cli.insee import NoTable, Sheet
from relais_territories import FRANCE, Commune, distance
from relais_territories.zoning import EMPLOI_CODE

EDITION: Final = re.compile(r"(BV|ZE)20\d\d(_[A-Z]+)?")
CODES: Final = {"BV": re.compile(r"(\d\d|2[AB])\d{3}"), "ZE": EMPLOI_CODE}
COMMUNES: Final = ("CODGEO", "CODE", "COM")
NAMES: Final = ("LIBELLE", "LIBGEO")
ABOVE: Final = 20
"""Lines that may stand above a header."""


class Fault(NamedTuple):
    """A line that was not taken, and why."""

    table: str
    line: int
    why: str


class Said(NamedTuple):
    """What a line says of a commune, and which line."""

    area: str
    table: str
    line: int


@dataclass
class Areas:
    """Everything read, by edition: `BV2022`, or `BV2022_DERIVED` where somebody else than INSEE worked it out."""

    communes: dict[str, dict[str, Said]] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    lines: int = 0

    def read(self, sheets: Iterable[Sheet]) -> None:
        """Takes tables in; `NoTable` where none of them is one of communes or of areas' names."""
        if not [None for sheet in sheets if self._read(sheet)]:
            raise NoTable("there is no column of communes with BV20.. or ZE20.., and none of names of such areas")

    def _read(self, sheet: Sheet) -> bool:
        rows = enumerate(sheet.rows, 1)
        for number, cells in rows:
            take = self._taker(sheet.name, [cell.strip().upper() for cell in cells])
            if take is not None:
                for line, values in rows:
                    take(line, [value.strip() for value in values])
                return True
            if number == ABOVE:
                break
        return False

    def _taker(self, table: str, header: list[str]) -> Callable[[int, list[str]], None] | None:
        """What to do with the lines under a header; none: it is no header."""
        place = {name: number for number, name in reversed(list(enumerate(header)))}
        editions = [name for name in header if EDITION.fullmatch(name)]
        commune = next((place[name] for name in COMMUNES if name in place), None)
        name = next((place[name] for name in NAMES if name in place), None)
        if "NIVGEO" in place and commune is not None and name is not None:
            return lambda _, cells: self._name(_cell(cells, place["NIVGEO"]), _cell(cells, commune), _cell(cells, name))
        if "MILLESIME" in place and commune is not None and name is not None:
            year = place["MILLESIME"]
            return lambda _, cells: self._name(f"BV{_cell(cells, year)}", _cell(cells, commune), _cell(cells, name))
        if editions and commune is not None:
            columns = [(each, place[each], place.get(f"LIB{each}")) for each in editions]
            return lambda line, cells: self._commune(table, line, cells, commune, columns)
        if editions and name is not None:
            first = editions[0]
            return lambda _, cells: self._name(first, _cell(cells, place[first]), _cell(cells, name))
        return None

    def _name(self, edition: str, code: str, name: str) -> None:
        if EDITION.fullmatch(edition) and code and name:
            self.names.setdefault(edition, {})[code] = name

    def _commune(
        self, table: str, line: int, cells: list[str], at: int, columns: Sequence[tuple[str, int, int | None]]
    ) -> None:
        code = _cell(cells, at)
        if not code:
            return
        self.lines += 1
        if FRANCE.commune(code) is None:
            self.faults.append(Fault(table, line, f"{code} is not a commune of France, nor was it one"))
            return
        for edition, column, name in columns:
            area = _cell(cells, column)
            if not area.strip("Z-"):
                continue
            if not CODES[edition[:2]].fullmatch(area):
                self.faults.append(Fault(table, line, f"{area} is no code of {edition}"))
                continue
            known = self.communes.setdefault(edition, {}).setdefault(code, Said(area, table, line))
            if known.area != area:
                why = f"{code} lies in {area} here, in {known.area} by line {known.line} of {known.table}"
                self.faults.append(Fault(table, line, why))
            if name is not None:
                self._name(edition, area, _cell(cells, name))


class Chosen(NamedTuple):
    """One kind of area as it is laid over: the edition, the area of each commune of today, names, what was filled in.

    `filled` are communes the table leaves out, with the neighbour whose area they take; `without` have none.
    """

    edition: str
    column: str
    areas: dict[str, str]
    names: dict[str, str]
    filled: dict[str, str]
    without: tuple[str, ...]


def chosen(read: Areas, kind: str) -> Chosen | None:
    """The newest edition of a kind (`BV`, `ZE`), INSEE's own before a derived one; none where no table gives any.

    Adds a fault for each area that the edition's names leave out, and lays it over nobody.
    """
    found = sorted(
        (name for name in read.communes if name.startswith(kind)), key=lambda name: (name[:6], len(name) < 7)
    )
    if not found:
        return None
    column = found[-1]
    edition = column[:6]
    names = {**read.names.get(edition, {}), **read.names.get(column, {})}
    said = read.communes[column]
    unnamed = {code: each for code, each in said.items() if names and each.area not in names}
    read.faults += [
        Fault(each.table, each.line, f"{each.area} is not among the names of {edition}") for each in unnamed.values()
    ]
    areas = todays({code: each.area for code, each in said.items() if code not in unnamed})
    filled = dict(_neighbours(areas))
    areas |= {code: areas[near] for code, near in filled.items()}
    without = tuple(commune.code for commune in FRANCE.communes() if commune.code not in areas)
    return Chosen(edition, column, areas, {code: names.get(code, "") for code in set(areas.values())}, filled, without)


def todays(areas: dict[str, str]) -> dict[str, str]:
    """By communes of today: each by its own line, else by the line of one that was merged into it."""
    found = {code: area for code, area in areas.items() if code in FRANCE.table.lines}
    for code in sorted(areas.keys() - found.keys()):
        now = FRANCE.commune(code)
        if now is not None:
            found.setdefault(now.code, areas[code])
    return found


def _neighbours(areas: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Communes that have no area (founded or restored since), with the nearest of their EPCI that has one.

    Tried on INSEE's tables as if each commune were missing: right for 84 % of bassins de vie, 94 % of zones d'emploi.
    """
    having: dict[str, list[Commune]] = {}
    for commune in FRANCE.communes():
        if commune.epci and commune.code in areas:
            having.setdefault(commune.epci, []).append(commune)
    for commune in FRANCE.communes():
        if commune.code in areas:
            continue
        beside = ((distance(commune, other), other.code) for other in having.get(commune.epci, ()))
        nearest = min(((metres, code) for metres, code in beside if metres is not None), default=None)
        if nearest:
            yield commune.code, nearest[1]


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""
