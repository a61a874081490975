"""Rows of files that are read line by line: our own NDJSON, and tables as CSV.

Below `files`. No line longer than the door takes is kept; where the last line breaks off it says so.
"""

import csv
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

from pydantic_core import from_json

from relais_contracts.codec import Unreadable
from relais_intake.directory.adapters.lines import Cut, Left, Line
from relais_intake.directory.lines import LONGEST_LINE

BOM: Final = b"\xef\xbb\xbf"
DELIMITERS: Final = ",;\t|"


def own_lines(file: BinaryIO) -> Iterator[Line | Left | Cut]:
    """Our own lines as they are; the last one is Cut where it has no end and is no JSON."""
    for number, line in enumerate(_lines(file), 1):
        if line is None:
            yield Left(number, f"a line is at most {LONGEST_LINE} bytes")
        elif line.strip():
            if not line.endswith(b"\n") and not _is_json(line):
                yield Cut(number, file.tell(), "the file ends in the middle of a line")
            else:
                yield Line(number, line.rstrip(b"\r\n"), *_entry_of(line))


class Table:
    """A CSV file: its header, then its rows by column name. The header is row 1, as a spreadsheet shows it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._unended = self._too_long = False
        self.header: Sequence[str] = ()
        first = (next(_lines(file), None) or b"").decode("utf-8", "replace")
        self._delimiter = max(DELIMITERS, key=first.count)
        self._reader = csv.reader(self._texts(), delimiter=self._delimiter, strict=True)
        try:
            self.header = [name.strip() for name in next(self._reader, [])]
        except csv.Error as error:
            raise Unreadable("/1", f"a header ({error})") from None
        doubled = sorted({name for name in self.header if self.header.count(name) > 1})
        if doubled:
            raise Unreadable("/1", f"each column once, not {', '.join(doubled)} twice")

    def rows(self) -> Iterator[tuple[int, dict[str, str]] | Left | Cut]:
        """The rows, once; cells are trimmed. A last line without an end is where the file was cut."""
        number, width = 1, len(self.header)
        if self._unended:
            yield Cut(number, self._file.tell(), "the file ends inside its header")
            return
        while True:
            number += 1
            self._too_long = False
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                if "unexpected end of data" in str(error):
                    yield Cut(number, self._file.tell(), "the file ends inside quotes")
                    return
                yield Left(number, f"not readable as CSV: {error}")
                continue
            if cells is None:
                return
            if self._unended:
                yield Cut(number, self._file.tell(), self._why(len(cells)))
            elif self._too_long:
                yield Left(number, f"a line is at most {LONGEST_LINE} bytes")
            elif not any(cells):
                continue
            elif len(cells) != width:
                yield Left(number, f"{len(cells)} columns instead of {width}")
            elif any("\udc80" <= letter <= "\udcff" for cell in cells for letter in cell):
                yield Left(number, "not UTF-8 text; save the file as UTF-8")
            else:
                yield number, {name: cell.strip() for name, cell in zip(self.header, cells, strict=True)}

    def _why(self, cells: int) -> str:
        if cells < len(self.header):
            return f"the file ends after {cells} of {len(self.header)} columns"
        return "the last line has no line end, so its last cell may be cut; end every line with one if it is whole"

    def _texts(self) -> Iterator[str]:
        for line in _lines(self._file):
            if line is None:
                self._too_long = True
                yield "\n"
                continue
            self._unended = not line.endswith((b"\n", b"\r"))
            yield line.decode("utf-8", "surrogateescape")


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Line by line with its end; None for one that is too long, without keeping it."""
    file.seek(0)
    if file.read(len(BOM)) != BOM:
        file.seek(0)
    while line := file.readline(LONGEST_LINE + 2):
        if len(line) <= LONGEST_LINE + 1 or line.endswith(b"\n"):
            yield line
            continue
        while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass
        yield None


def _is_json(line: bytes) -> bool:
    try:
        from_json(line)
    except ValueError:
        return False
    return True


def _entry_of(line: bytes) -> tuple[str | None]:
    """The stream a line is about, as its sender names it; the door has the last word."""
    try:
        said = from_json(line)
        kind = said["type"].split(".")[2]
        return (f"{kind}/{said['data'][kind]}",) if kind in ("partner", "offer") else (None,)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return (None,)
