"""What an import says while it runs and afterwards: a bar or lines, complaints, a report file, a summary.

Told row by row. It decides nothing; the summary says whether all was taken.
"""

import json
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from relais_cli.output import complain, tell

EVERY_SECONDS = 5.0
LOUD = 20
"""Complaints that are printed one by one; the rest is in the report, and counted."""


class Reporting:
    """One import's counts, and where they are told. `read` gives the bytes read so far, of `total`."""

    def __init__(self, report: Path | None, total: int, read: Callable[[], int]) -> None:
        self.counts = Counter({"declared": 0, "unchanged": 0, "withdrawn": 0, "refused": 0, "left out": 0, "cut": 0})
        self._read, self._total, self._path = read, total, report
        self._started = self._told = time.monotonic()
        self._stack = ExitStack()
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        self._file = self._stack.enter_context(self._path.open("w", encoding="utf-8")) if self._path else None
        if Console(stderr=True).is_terminal:
            rate = TextColumn("{task.fields[lines]:,} lines, {task.fields[rate]:,.0f}/s")
            columns = BarColumn(), DownloadColumn(), rate, TimeRemainingColumn()
            self._bar = self._stack.enter_context(Progress(*columns, console=Console(stderr=True), transient=True))
            self._task = self._bar.add_task("", total=self._total, lines=0, rate=0.0)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._stack.close()

    def said(self, kind: str, file: str, row: int, entry: str | None, result: str, reason: str | None) -> None:
        """One row's end: counted under `kind`, written to the report, complained of where it was not taken."""
        self.counts[kind] += 1
        if self._file:
            line = {"file": file, "row": row, "entry": entry, "result": result, "reason": reason}
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        if kind in ("refused", "left out", "cut"):
            self._complain(f"{file} row {row}: {reason or result}", always=kind == "cut")
        self._progress()

    @property
    def lines(self) -> int:
        """Rows told so far."""
        return self.counts.total()

    @property
    def all_taken(self) -> bool:
        """Whether nothing was refused, left out or cut."""
        return not any(self.counts[kind] for kind in ("refused", "left out", "cut"))

    def end(self) -> None:
        """Say how many complaints were not printed, and how fast it went."""
        quiet = self.counts["refused"] + self.counts["left out"] - LOUD
        if quiet > 0:
            complain(f"and {quiet:,} more rows; {self._path or '--report FILE'} has them all")
        seconds = time.monotonic() - self._started
        tell(f"{self.lines:,} lines in {seconds:.1f} s ({self.lines / seconds if seconds else 0:,.0f}/s)")

    def _complain(self, what: str, *, always: bool) -> None:
        if always or self.counts["refused"] + self.counts["left out"] <= LOUD:
            complain(what)

    def _progress(self) -> None:
        if self.lines % 500:
            return
        now = time.monotonic()
        rate = self.lines / max(now - self._started, 0.001)
        if self._bar:
            self._bar.update(self._task, completed=self._read(), lines=self.lines, rate=rate)
        elif now - self._told >= EVERY_SECONDS:
            self._told = now
            tell(f"{self._read() / 1e6:,.1f} of {self._total / 1e6:,.1f} MB read, {self.lines:,} lines, {rate:,.0f}/s")
