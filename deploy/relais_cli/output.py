"""How every command speaks: to people on a rich console, to programs as JSON, to both by its exit status.

Results go to standard output, everything else to standard error.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from cyclopts import Parameter

JsonFlag = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON, for programs.")]


class Stopped(Exception):
    """A command cannot go on: what is wrong and what to do, and the exit status."""

    def __init__(self, why: str, status: int = 1) -> None:
        super().__init__(why)
        self.status = status


def tell(what: str) -> None:
    """Say what is going on, on standard error."""
    from rich.console import Console

    Console(stderr=True, highlight=False).print(what, style="dim", markup=False, soft_wrap=True)


def complain(what: str) -> None:
    """Say what went wrong, on standard error."""
    from rich.console import Console

    Console(stderr=True, highlight=False).print(f"relais: {what}", style="red", markup=False, soft_wrap=True)


def give(data: Any, as_json: bool) -> None:
    """Print a result: as JSON, or a mapping as lines of name and value."""
    if as_json:
        print(json.dumps(data, indent=2, ensure_ascii=False, default=str))
        return
    width = max(map(len, data), default=0)
    for name, value in data.items():
        print(f"{name:<{width}}  {value}")


def give_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], as_json: bool) -> None:
    """Print rows: a JSON list of objects, or a table."""
    if as_json:
        give([dict(zip(columns, row, strict=True)) for row in rows], True)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    Console(highlight=False).print(table)
