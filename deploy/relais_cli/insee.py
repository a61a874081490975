"""Rows of tables as INSEE publishes them: the sheets of an xlsx workbook, a zip around files, or CSV.

Reads cells as text and interprets nothing.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, TypeVar
from xml.etree.ElementTree import Element, ParseError, iterparse

T = TypeVar("T")

SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")
STRINGS = "xl/sharedStrings.xml"
LARGEST = 500_000_000
"""Bytes a part of an archive may unpack to."""
ENCRYPTED: Final = 1
"""The flag of a file in an archive that only a password opens."""
DAMAGE: Final = (ParseError, csv.Error, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError)
"""What readers of XML, CSV and archives answer to a file that was cut or spoilt, or packed in a way unknown here."""


class NoTable(ValueError):
    """The file holds no table that could be read."""


class Sheet(NamedTuple):
    """A table: where it stands, and its rows cell by cell; empty cells are empty strings."""

    name: str
    rows: Iterator[list[str]]


def sheets(file: Path) -> Iterator[Sheet]:
    """Every table of a file, one after the other; read each before the next. `NoTable` wherever it is damaged."""
    content = file.read_bytes()
    is_csv = file.suffix.lower() == ".csv"
    found = iter((Sheet(file.name, _csv(content)),)) if is_csv else _archive(file.name, content)
    for sheet in _undamaged(found):
        yield sheet._replace(rows=_undamaged(sheet.rows))


def _undamaged(parts: Iterator[T]) -> Iterator[T]:
    """The same parts, as far as they can be read; `NoTable` says what is wrong with the next."""
    try:
        yield from parts
    except NoTable:
        raise
    except DAMAGE as damage:
        raise NoTable(f"the file is damaged: {damage}") from damage


def _csv(content: bytes) -> Iterator[list[str]]:
    text = content.decode("utf-8-sig")
    header = text.partition("\n")[0]
    yield from csv.reader(io.StringIO(text), delimiter=max(";,\t", key=header.count))


def _archive(name: str, content: bytes) -> Iterator[Sheet]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        inside = sorted(filter(SHEET.fullmatch, names))
        if inside:
            strings = _strings(archive) if STRINGS in names else []
            for sheet in inside:
                where = name if len(inside) == 1 else f"{name}/{Path(sheet).stem}"
                yield Sheet(where, _worksheet(_part(archive, sheet), strings))
            return
        files = [each for each in names if each.lower().endswith((".xlsx", ".csv"))]
        if not files:
            raise NoTable("there is no xlsx and no CSV inside")
        for each in files:
            found = _part(archive, each)
            if each.lower().endswith(".csv"):
                yield Sheet(f"{name}/{each}", _csv(found))
            else:
                yield from _archive(f"{name}/{each}", found)


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    about = archive.getinfo(name)
    if about.file_size > LARGEST:
        raise NoTable(f"{name} is too large")
    if about.flag_bits & ENCRYPTED:
        raise NoTable(f"{name} is encrypted")
    return archive.read(name)


def _worksheet(content: bytes, strings: list[str]) -> Iterator[list[str]]:
    for _, row in iterparse(io.BytesIO(content)):
        if row.tag == f"{SPREADSHEET}row":
            line: list[str] = []
            for cell in row:
                column = _column(cell.get("r", "")) or len(line)
                line += [""] * (column - len(line))
                line.append(_text(cell, strings))
            yield line
            row.clear()


def _strings(archive: zipfile.ZipFile) -> list[str]:
    found = []
    for _, item in iterparse(io.BytesIO(_part(archive, STRINGS))):
        if item.tag == f"{SPREADSHEET}si":
            found.append("".join(text.text or "" for text in item.iter(f"{SPREADSHEET}t")))
            item.clear()
    return found


def _column(reference: str) -> int:
    """The cell `C7` stands in column 2."""
    letters = re.match(r"[A-Z]*", reference)
    number = 0
    for letter in letters[0] if letters else "":
        number = number * 26 + ord(letter) - ord("A") + 1
    return max(number - 1, 0)


def _text(cell: Element, strings: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{SPREADSHEET}t"))
    value = cell.findtext(f"{SPREADSHEET}v") or ""
    if cell.get("t") != "s":
        return value
    if not 0 <= int(value) < len(strings):
        raise NoTable(f"the file is damaged: {cell.get('r')} shows text {value} of {len(strings)}")
    return strings[int(value)]
