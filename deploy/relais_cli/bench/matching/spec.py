"""What one measurement of matching is told, and where it finds its directory. Handed over as a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from relais_cli.generator.country import Order, directory
from relais_contracts.catalogue import dump, parse_data
from relais_contracts.envelope import Payload


class Directory(NamedTuple):
    """One of the directories measured."""

    series: str
    offers: int


@dataclass(frozen=True, slots=True)
class Spec:
    """One directory, and how often what is asked of it."""

    series: str
    offers: int
    region: str | None
    file: str
    dsn: str
    schema: str
    people: int
    queried: int
    looped: int
    changed: int
    turn: int
    """Which of the three comes first."""


def write(order: Order, path: Path) -> None:
    """A directory as routing stores it: type and data of each entry, line by line."""
    with path.open("wb") as file:
        for entry in directory(order):
            file.write(entry.TYPE.encode() + b" " + dump(entry) + b"\n")


def read(path: Path) -> Iterator[Payload]:
    """The entries, parsed one by one as a worker does at its start."""
    with path.open("rb") as file:
        for line in file:
            name, _, data = line.partition(b" ")
            yield parse_data(name.decode(), data.rstrip(b"\n"))
