"""Rounds of measurements: every variant once a round, each round begun by another one, each in a process of its own.

Machines warm up, slow down and are shared: medians of rotated rounds bear it better than one long run. It compares
nothing.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from relais_cli.bench.screen import Screen
from relais_cli.bench.spec import Spec
from relais_cli.bench.stopwatch import Taken
from relais_cli.stack import Child, NotStarted

V = TypeVar("V")
LONGEST = 600.0


def rotated(variants: Sequence[V], rounds: int) -> Iterator[V]:
    """The order of all measurements."""
    for number in range(rounds):
        first = number % len(variants)
        yield from (*variants[first:], *variants[:first])


async def measure(spec: Spec, folder: Path) -> Taken:
    """Run one measurement of a variant in a process of its own."""
    return Taken(**await in_a_process("relais_cli.bench.measured", asdict(spec), folder))


async def in_a_process(module: str, spec: Mapping[str, Any], folder: Path) -> Any:
    """Run `python -m module SPEC RESULT` and read what it wrote."""
    given, result = folder / "spec.json", folder / "result.json"
    result.unlink(missing_ok=True)
    given.write_text(json.dumps(spec))
    command = [sys.executable, "-m", module, str(given), str(result)]
    log = folder / "measured.log"
    log.unlink(missing_ok=True)
    child = Child("measured", command, log)
    child.start()
    until = time.monotonic() + LONGEST
    try:
        while child.is_alive and time.monotonic() < until:
            await asyncio.sleep(0.1)
        if child.exit_status != 0:
            raise NotStarted(f"{module} ended with {child.exit_status}:\n{child.last_words(40)}")
    finally:
        await child.kill()
    return json.loads(result.read_text())


async def in_rounds(
    variants: Sequence[str], rounds: int, once: Callable[[str, int], Awaitable[Taken]], screen: Screen
) -> dict[str, list[Taken]]:
    """All measurements, by variant."""
    taken: dict[str, list[Taken]] = {variant: [] for variant in variants}
    for number, variant in enumerate(rotated(variants, rounds)):
        screen.tell(f"round {number // len(variants) + 1} of {rounds}: {variant}")
        taken[variant].append(await once(variant, number))
        screen.advance()
    return taken
