"""What one sees while a benchmark runs: what it is at, how far it is, how long it may still take.

On standard error; silent where a program reads. It knows no benchmark.
"""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn


class Screen:
    """A bar of `steps`; `silent` for programs and tests."""

    def __init__(self, *, silent: bool = False) -> None:
        columns = (
            SpinnerColumn(),
            BarColumn(24),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
        )
        self._progress = Progress(*columns, console=Console(stderr=True), disable=silent, transient=True)
        self._task = self._progress.add_task("starting", total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._progress.stop()

    def begin(self, what: str, steps: int) -> None:
        """A new benchmark."""
        self._progress.reset(self._task, total=steps, description=what)

    def tell(self, what: str) -> None:
        """What it is at."""
        self._progress.update(self._task, description=what)

    def advance(self) -> None:
        """One step is done."""
        self._progress.advance(self._task)
