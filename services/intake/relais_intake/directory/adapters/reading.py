"""A reading: which table it recognises by its header, which column says what, and what all its rows have in common.

A small TOML file, not code: those of known files stand in `readings/`, anybody may bring their own. Whatever a
reading says without the file saying it is marked in `assumed`.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Final

from relais_contracts.codec import Unreadable
from relais_intake.directory.adapters import entries
from relais_intake.directory.adapters.lines import Left, Turned, short_digest

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:\-]{0,99}")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a table is read.

    `header`: the columns by which it is known. `columns`: the file's column by ours (`entries.COLUMNS`). `constants`:
    our columns that every row has alike. `by`: a column of the file, and the constants of each of its values; rows
    with another value are left. `ids`: the columns that tell one row from another, and the prefix of ids made of them.
    `closed`: a column that is not known is an error.
    """

    title: str
    header: tuple[str, ...]
    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    by: tuple[str, Mapping[str, Mapping[str, str]]] | None = None
    ids: tuple[str, tuple[str, ...]] | None = None
    closed: bool = False

    def turn(self, number: int, cells: Mapping[str, str]) -> Iterator[Turned | Left]:
        """The row's partner and offer, or why there is none."""
        values = {ours: cells.get(theirs, "") for ours, theirs in self.columns.items()}
        constants = dict(self.constants)
        if self.ids:
            prefix, names = self.ids
            values |= _ids(prefix, [cells.get(name, "") for name in names])
        if self.by:
            column, constants_by = self.by
            value = cells.get(column, "")
            if value not in constants_by:
                why = f"{column}: nothing is known of {value[:60] or 'an empty cell'} in this reading"
                yield Left(number, why, f"offer/{values['offer']}" if values.get("offer") else None)
                return
            constants |= constants_by[value]
        filled = {name: value for name, value in constants.items() if not values.get(name)}
        yield from entries.turn(number, {**values, **filled}, self.columns, tuple(filled))


def reading_of(header: Sequence[str], readings: Sequence[Reading], formats: str) -> Reading:
    """The reading whose header is in this one, the longest first; raises Unreadable where none is."""
    fitting = [one for one in readings if set(one.header) <= set(header)]
    if not fitting:
        raise Unreadable("/1", f"{formats}; no reading knows the columns {', '.join(header)[:300]}")
    found = max(fitting, key=lambda one: len(one.header))
    unknown = [name for name in header if name not in found.columns.values()]
    if found.closed and unknown:
        raise Unreadable(
            "/1", f"columns of the plain format ({', '.join(found.columns)}), not {', '.join(unknown)[:300]}"
        )
    return found


def read(text: str) -> Reading:
    """A reading of its TOML; raises Unreadable, naming what is wrong with it."""
    try:
        given: dict[str, Any] = tomllib.loads(text)
        columns = dict(given["columns"])
        by = [(column, dict(values)) for column, values in given.get("by", {}).items()]
        ids = given.get("ids")
        made = Reading(
            title=str(given["title"]),
            header=tuple(given["header"]),
            columns=columns,
            constants=dict(given.get("constants", {})),
            by=by[0] if by else None,
            ids=(str(ids["prefix"]), tuple(ids["from"])) if ids else None,
            closed=bool(given.get("closed", False)),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise Unreadable("", f"a reading in TOML ({type(error).__name__}: {error})") from None
    said = [*columns, *made.constants, *(name for _, values in by for each in values.values() for name in each)]
    unknown = sorted({name for name in said if name not in entries.COLUMNS})
    if unknown or not made.header:
        raise Unreadable("/columns", f"columns of the plain format, not {', '.join(unknown) or 'an empty header'}")
    return made


def known() -> list[Reading]:
    """The readings that come with Relais."""
    folder = files("relais_intake.directory.adapters") / "readings"
    found = sorted((each for each in folder.iterdir() if each.name.endswith(".toml")), key=lambda each: each.name)
    return [read(each.read_text("utf-8")) for each in found]


def _ids(prefix: str, parts: Sequence[str]) -> dict[str, str]:
    own = parts[0] if len(parts) == 1 and _NAME.fullmatch(parts[0]) else short_digest(*parts)
    return {"partner": f"{prefix}--{own}", "offer": f"{prefix}--{own}--accueil"} if any(parts) else {}
