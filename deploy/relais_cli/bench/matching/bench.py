"""`relais bench matching`: how long one choice takes as the directory grows, and what it costs to have it in memory.

Two series of invented directories: the whole country, and the same number of offers in one région. Every directory is
measured in a process of its own, several rounds, each begun by another one.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg

from relais_cli.bench import rounds
from relais_cli.bench.matching import plain_sql, spec
from relais_cli.bench.matching.asked import DAY, asked_of
from relais_cli.bench.matching.plain import Declared
from relais_cli.bench.matching.rows import rows_of
from relais_cli.bench.matching.spec import Directory, Spec
from relais_cli.bench.screen import Screen
from relais_cli.generator.country import Order
from relais_cli.stack.database import Database

MEASURED: Final = "relais_cli.bench.matching.measured"
SERIES: Final[dict[str, str | None]] = {"country": None, "one région": "32"}


@dataclass(frozen=True, slots=True)
class Size:
    """Offers of each directory, people who ask, how many of them SQL and the loop are asked for, offers changed."""

    offers: tuple[int, ...]
    people: int
    queried: int
    looped: int
    changed: int
    rounds: int


FULL: Final = Size((1_000, 10_000, 100_000), people=2_000, queried=300, looped=20, changed=1_000, rounds=3)
QUICK: Final = Size((300, 600), people=60, queried=20, looped=10, changed=50, rounds=1)


class MatchingBench:
    """One run."""

    name = "matching"

    def __init__(self, folder: Path, size: Size, screen: Screen) -> None:
        self._folder, self._size, self._screen = folder, size, screen
        self._directories = [Directory(series, offers) for series in SERIES for offers in size.offers]
        self._database = Database(folder / "postgres", folder / "postgres.log")
        self.steps = len(self._directories) * (size.rounds + 1)

    @property
    def servers(self) -> tuple[Database]:
        """What has to run meanwhile."""
        return (self._database,)

    async def prepare(self) -> None:
        """Make the directories, and put each into the database."""
        for each in self._directories:
            self._screen.tell(f"{each.offers:,} offers, {each.series}: made")
            order = Order(each.offers, each.offers * 3 // 10, DAY, region=SERIES[each.series])
            spec.write(order, self._file(each))
            await self._load(each)
            self._screen.advance()

    async def measure(self) -> dict[str, Any]:
        """All rounds."""
        taken: dict[Directory, list[dict[str, Any]]] = {each: [] for each in self._directories}
        for number, each in enumerate(rounds.rotated(self._directories, self._size.rounds)):
            turn = number // len(self._directories)
            self._screen.tell(f"round {turn + 1} of {self._size.rounds}: {each.offers:,} offers, {each.series}")
            taken[each].append(await self._run(each, turn))
            self._screen.advance()
        return {"rows": rows_of(taken), "rounds": self._size.rounds, "people": self._size.people}

    async def _load(self, directory: Directory) -> None:
        declared = Declared(spec.read(self._file(directory)))
        taken = asked_of(declared, 0, SERIES[directory.series]).taken
        conn = await asyncpg.connect(self._database.dsn)
        await plain_sql.load(conn, self._schema(directory), declared.rows(taken))
        await conn.close()

    async def _run(self, directory: Directory, turn: int) -> dict[str, Any]:
        given = Spec(
            series=directory.series,
            offers=directory.offers,
            region=SERIES[directory.series],
            file=str(self._file(directory)),
            dsn=self._database.dsn,
            schema=self._schema(directory),
            people=self._size.people,
            queried=self._size.queried,
            looped=self._size.looped,
            changed=self._size.changed,
            turn=turn,
        )
        taken: dict[str, Any] = await rounds.in_a_process(MEASURED, asdict(given), self._folder)
        return taken

    def _schema(self, directory: Directory) -> str:
        return f"offers_{self._directories.index(directory)}"

    def _file(self, directory: Directory) -> Path:
        return self._folder / f"directory-{self._directories.index(directory)}.ndjson"
