"""Rows of a table as INSEE publishes it: an xlsx workbook, a zip around one, or CSV.

Reads cells as text and interprets nothing; of a workbook only the first sheet.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, iterparse

SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
LARGEST = 500_000_000
"""Bytes a part of an archive may unpack to."""


class NoTable(ValueError):
    """The file holds no table that could be read."""


def rows(file: Path) -> Iterator[list[str]]:
    """The table's rows, cell by cell; empty cells are empty strings."""
    if file.suffix.lower() == ".csv":
        yield from _csv(file.read_bytes())
    else:
        yield from _archive(file.read_bytes())


def _csv(content: bytes) -> Iterator[list[str]]:
    text = content.decode("utf-8-sig")
    header = text.partition("\n")[0]
    yield from csv.reader(io.StringIO(text), delimiter=max(";,\t", key=header.count))


def _archive(content: bytes) -> Iterator[list[str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        if SHEET in names:
            yield from _workbook(archive)
            return
        inside = [name for name in names if name.lower().endswith((".xlsx", ".csv"))]
        if not inside:
            raise NoTable("there is no xlsx and no CSV inside")
        found = _part(archive, inside[0])
        yield from _csv(found) if inside[0].lower().endswith(".csv") else _archive(found)


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > LARGEST:
        raise NoTable(f"{name} is too large")
    return archive.read(name)


def _workbook(archive: zipfile.ZipFile) -> Iterator[list[str]]:
    strings = _strings(archive) if STRINGS in archive.namelist() else []
    for _, row in iterparse(io.BytesIO(_part(archive, SHEET))):
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
    return strings[int(value)] if cell.get("t") == "s" else value
