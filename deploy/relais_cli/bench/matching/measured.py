"""One measurement of one directory: `python -m relais_cli.bench.matching.measured SPEC RESULT`.

A process of its own, so that its memory is that of this directory. What match, SQL and loop find is compared before any
time is given back.
"""

import asyncio
import gc
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg

from relais_cli.bench.matching import memory, plain_loop, plain_sql, refreshing, spec
from relais_cli.bench.matching.asked import DRAW, asked_of
from relais_cli.bench.matching.clocks import awaited, timed
from relais_cli.bench.matching.plain import Declared
from relais_cli.bench.matching.spec import Spec
from relais_cli.bench.rounds import rotated
from relais_cli.bench.wrong import Wrong
from relais_routing.matching.index import Index
from relais_routing.matching.match import Decision, match
from relais_routing.matching.record import record
from relais_routing.matching.request import Request
from relais_routing.matching.seal import sealed
from relais_territories import FRANCE

PLACE = 4
"""So much of a candidate's order stands before its lot: option, tried already, way, room."""


class Measured:
    """The index of one directory, and everything that is asked of it."""

    def __init__(self, given: Spec) -> None:
        self._given, self.index = given, Index()
        self.took: dict[str, Any] = {}

    def build(self) -> None:
        """Entry by entry, as a worker starts; the memory is what has come on top."""
        assert FRANCE.table
        gc.collect()
        memory.forget()
        before, begun = memory.resident(), time.thread_time()
        self.index.apply(spec.read(Path(self._given.file)), 1)
        gc.collect()
        gc.freeze()
        self.took |= {"build": time.thread_time() - begun, "peak": memory.peak() - before}
        self.took |= {"held": memory.resident() - before}

    def ask(self) -> None:
        """Read it once more for SQL and loop, and draw who asks."""
        self.declared = Declared(spec.read(Path(self._given.file)))
        self.asked = asked_of(self.declared, self._given.people, self._given.region)
        self.offers = self.declared.rows(self.asked.taken)
        gc.collect()
        gc.freeze()

    async def all(self) -> None:
        """Match, SQL and loop, each first once; then what they found is compared, and the directory changed."""
        ways: Sequence[Callable[[], Any]] = (self._match, self._sql, self._loop)
        turned = list(rotated(ways, self._given.turn + 1))[-len(ways) :]
        for way in turned:
            await way()
        self._compare()
        self._refresh()

    async def _match(self) -> None:
        index, taken = self.index, self.asked.taken

        def chosen(request: Request) -> Decision:
            decision = match(index, request, DRAW, taken)
            assert decision.chosen or decision.unmet
            return decision

        def recorded(request: Request) -> bytes:
            return sealed(record(chosen(request)), "bench")

        self.took["first"], _ = timed(chosen, self.asked.everybody, nothing)
        self.took["match"], _ = timed(chosen, self.asked.everybody, nothing)
        self.took["match_anybody"], self._found = timed(chosen, self.asked.anybody, best)
        self.took["record"], sizes = timed(recorded, self.asked.everybody, len)
        self.took["record_bytes"] = sum(sizes) / len(sizes)

    async def _sql(self) -> None:
        conn = await asyncpg.connect(self._given.dsn)
        query = await plain_sql.prepared(conn, self._given.schema)

        async def ask(request: Request) -> set[str]:
            network = self.declared.network_of(request.operator)
            return {row[0] for row in await query.fetch(*plain_sql.inputs(request, network))}

        await awaited(ask, self.asked.anybody[: self._given.queried])  # pages and plans are read when first asked for
        self.took["sql"], self._queried = await awaited(ask, self.asked.anybody[: self._given.queried])
        await conn.close()

    async def _loop(self) -> None:
        def ask(request: Request) -> set[str]:
            return plain_loop.choice(self.offers, request, self.declared.network_of(request.operator))

        self.took["loop"], self._looped = timed(ask, self.asked.anybody[: self._given.looped], frozenset[str])

    def _compare(self) -> None:
        ours = self._found
        for name, theirs in (("SQL", self._queried), ("the loop", self._looped)):
            for request, one, other in zip(self.asked.anybody, ours, theirs, strict=False):
                if one != other:
                    raise Wrong(f"match and {name} found others for {request.case}: {sorted(one ^ other)[:5]}")
        self.took["served"] = self._served()
        self.took["eligible"] = sum(map(len, ours)) / len(ours)
        self.took["met"] = sum(map(bool, ours)) / len(ours)

    def _served(self) -> list[int]:
        """How many offers serve the need of each where they live: as many as have to be judged."""
        serving: Counter[tuple[str, str, str]] = Counter(
            (offer.actor, need, territory) for offer in self.offers for need in offer.needs for territory in offer.zone
        )
        return [
            sum(serving[request.actor, request.need, each] for each in FRANCE.territories_of(home))
            for request in self.asked.anybody
            if (home := FRANCE.commune(request.commune))
        ]

    def _refresh(self) -> None:
        step = max(1, len(self.offers) // self._given.changed)
        declared = self.declared.offers[::step][: self._given.changed]
        self.took["changed"] = len(declared)
        self.took["refresh"] = refreshing.in_one_go(self.index, refreshing.changes(declared, "vu"))
        self.took["pause"] = refreshing.longest_pause(self.index, refreshing.changes(declared, "revu"))


def nothing(decision: Decision) -> None:
    """Keeps no decision: a worker does not either."""


def best(decision: Decision) -> set[str]:
    """Those among whom the lot decided, other listings of their services too."""
    everybody = (*decision.ranking, *decision.duplicates)
    places = {candidate.offer.offer: candidate.order[:PLACE] for candidate in everybody}
    first = min(places.values(), default=None)
    return {name for name, place in places.items() if place == first}


async def measure(given: Spec) -> Mapping[str, Any]:
    """What one run took."""
    run = Measured(given)
    run.build()
    run.ask()
    await run.all()
    return run.took


def main() -> None:
    """Measure once."""
    given, result = Spec(**json.loads(Path(sys.argv[1]).read_text())), Path(sys.argv[2])
    result.write_text(json.dumps(asyncio.run(measure(given))))


if __name__ == "__main__":
    main()
