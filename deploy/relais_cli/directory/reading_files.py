"""The files of an import: opened once, recognised before anything is sent, read as a stream.

Between the command and the adapters. It counts the bytes that were read.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader, FileIO
from pathlib import Path

from typing_extensions import Buffer

from relais_cli.output import Stopped
from relais_contracts.codec import Unreadable
from relais_intake.directory.adapters.files import Document, Flat, Format, Services, recognised
from relais_intake.directory.adapters.reading import Reading, known, read


class Counted(FileIO):
    """A file that knows how many bytes were read of it, over all passes."""

    taken = 0

    def readinto(self, buffer: Buffer, /) -> int:
        """As a file does, counting."""
        got = super().readinto(buffer) or 0
        self.taken += got
        return got


class Files:
    """The open files, their formats, and how far they are read."""

    def __init__(self, paths: Sequence[Path], raw: Sequence[Counted], formats: Sequence[Format]) -> None:
        self.paths, self.formats, self._raw = paths, formats, raw
        self._recognising = sum(each.taken for each in raw)
        passes = [2 if isinstance(each, Document | Services | Flat) else 1 for each in formats]
        self.total = sum(path.stat().st_size * times for path, times in zip(paths, passes, strict=True))

    def read(self) -> int:
        """Bytes read so far."""
        return sum(each.taken for each in self._raw) - self._recognising


@contextmanager
def opened(paths: Sequence[Path], own: Sequence[Path]) -> Iterator[Files]:
    """The files, each with its format; Stopped where one cannot be read or no format fits. `own`: further readings."""
    raw: list[Counted] = []
    try:
        readings = [*_readings(own), *known()]
        formats: list[Format] = []
        for path in paths:
            try:
                raw.append(Counted(path, "rb"))
                formats.append(recognised(BufferedReader(raw[-1]), readings))
            except (Unreadable, OSError) as failure:
                raise Stopped(f"{path}: {failure}", 2) from None
        yield Files(paths, raw, formats)
    finally:
        for each in raw:
            each.close()


def _readings(paths: Sequence[Path]) -> Iterator[Reading]:
    for path in paths:
        try:
            yield read(path.read_text("utf-8"))
        except (Unreadable, OSError, UnicodeDecodeError) as failure:
            raise Stopped(f"{path}: {failure}", 2) from None
