"""Runs benchmarks one after the other: starts what each needs, shows where it is, writes what it gave.

Everything lies in a temporary folder that is gone at the end, however it ends. It measures nothing itself.
"""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Protocol

from relais_cli import places
from relais_cli.bench import picture, routing
from relais_cli.bench.matching import bench as matching
from relais_cli.bench.matching import curves
from relais_cli.bench.screen import Screen
from relais_cli.output import give, give_table, tell
from relais_cli.stack.broker import Broker
from relais_cli.stack.database import Database

DRAWN: Final = {"routing": picture.draw, "matching": curves.draw}
"""The picture of each."""


class Bench(Protocol):
    """A benchmark."""

    name: str
    steps: int

    @property
    def servers(self) -> Sequence[Database | Broker]: ...
    async def prepare(self) -> None: ...
    async def measure(self) -> dict[str, Any]: ...


async def run(names: Sequence[str], quick: bool, rounds: int | None, as_json: bool) -> int:
    """Run these benchmarks; their figures are written and printed."""
    results = {}
    with Screen(silent=as_json) as screen:
        for name in names:
            results[name] = await _one(name, quick, rounds, screen)
    for name, result in results.items():
        written = write(name if not quick else f"{name}-quick", result)
        if not as_json:
            show(result)
            tell(f"written to {written}")
    if as_json:
        give(results[names[0]] if len(names) == 1 else results, True)
    return 0


async def _one(name: str, quick: bool, rounds: int | None, screen: Screen) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix=f"relais-bench-{os.getpid()}-"))
    folder.chmod(0o711)  # the database may run as somebody else
    bench = _bench(name, folder, quick, rounds, screen)
    screen.begin(name, bench.steps)
    try:
        await asyncio.gather(*(server.start() for server in bench.servers))
        await bench.prepare()
        return {"bench": name, "quick": quick, **await bench.measure()}
    finally:
        await asyncio.gather(*(server.stop() for server in bench.servers))
        for server in bench.servers:
            server.forget()
        shutil.rmtree(folder, ignore_errors=True)


def _bench(name: str, folder: Path, quick: bool, rounds: int | None, screen: Screen) -> Bench:
    if name == "matching":
        sizes = matching.QUICK if quick else matching.FULL
        return matching.MatchingBench(folder, replace(sizes, rounds=rounds or sizes.rounds), screen)
    size = routing.QUICK if quick else routing.FULL
    return routing.RoutingBench(folder, replace(size, rounds=rounds or size.rounds), screen)


def write(name: str, result: dict[str, Any]) -> Path:
    """The figures as JSON, and a picture of them."""
    folder = places.BUILD / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(result, indent=2, ensure_ascii=False))
    DRAWN[result["bench"]](result, path.with_suffix(".svg"))
    return path


def show(result: dict[str, Any]) -> None:
    """The figures for people."""
    rows = [
        (
            row["name"],
            f"{row['value']:,}" if row["unit"] != "ratio" else "",
            row["unit"] if row["unit"] != "ratio" else "",
            f"{row['ratio']:.2g} ({row['ratio_low']:.2g}–{row['ratio_high']:.2g})" if "ratio" in row else "",
            row.get("ratio_to", ""),
            f"{row['aim']:g} {'met' if row['met'] else 'missed'}" if "aim" in row else "",
        )
        for row in result["rows"]
    ]
    give_table(("what", "median", "unit", "ratio (spread)", "to", "aim"), rows, False)
