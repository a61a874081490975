"""`relais bench routing`: the routing core beside bare aiokafka, beside Kafka transactions, and beside its own parts.

Same backlog, same broker, same database for all; who stores, stores with synchronous_commit on. A result that is not
complete and equal to what was rehearsed ends the run.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from relais_chassis import clock
from relais_chassis.kafka import Kafka
from relais_cli import topics
from relais_cli.bench import backlog, published, rounds
from relais_cli.bench.ground import Ground
from relais_cli.bench.rows import Side, rows_of
from relais_cli.bench.screen import Screen
from relais_cli.bench.spec import Spec
from relais_cli.bench.stopwatch import Taken, sum_of
from relais_cli.stack.broker import Broker
from relais_cli.stack.database import Database
from relais_contracts.topics import ACTIONS, CASES, HANDOFFS
from relais_routing.chain.policy import Policy

PREFIX: Final = "bench."
SIDES: Final = (
    Side("pass-through", "pass-through, bare aiokafka"),
    Side("transaction-per-message", "Kafka transaction a message", ("pass-through",)),
    Side("transaction-per-batch", "Kafka transaction a batch", ("pass-through",)),
    Side("echo-faust", "chassis, Faust", ("pass-through", "echo-plain")),
    Side("echo-plain", "chassis, plain loop", ("pass-through",)),
    Side("echo-published", "chassis, Faust, published", ("pass-through",)),
    Side("routing-faust", "routing, Faust", ("pass-through", "routing-plain")),
    Side("routing-plain", "routing, plain loop", ("pass-through",)),
    Side("routing-published", "routing, Faust, published", ("pass-through", "transaction-per-message")),
)
SLOW: Final = ("transaction-per-message", "routing-faust", "routing-plain", "routing-published")
VARIANTS: Final = tuple(side.variant for side in SIDES)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    cases: int
    offers: int
    rounds: int
    limit: int
    """Messages of the variant that makes one Kafka transaction of each."""
    repeats: int = 1
    """The fast variants are over in a second or two, which one stall of a disk spoils: they run so often a round."""


FULL: Final = Size(cases=2000, offers=4000, rounds=5, limit=1000, repeats=3)
QUICK: Final = Size(cases=25, offers=200, rounds=1, limit=20)


class RoutingBench:
    """One run: `prepare`, then `measure`."""

    name = "routing"

    def __init__(self, folder: Path, size: Size, screen: Screen) -> None:
        self._folder, self._size, self._screen = folder, size, screen
        self.steps = size.rounds * len(VARIANTS)
        self._broker = Broker(folder / "kafka", folder / "kafka.log", quick=False)
        self._database = Database(folder / "postgres", folder / "postgres.log")
        self._kafka = Kafka(self._broker.address)
        self._ground = Ground(self._database.dsn)

    @property
    def servers(self) -> tuple[Database, Broker]:
        """What has to run meanwhile."""
        return self._database, self._broker

    async def prepare(self) -> None:
        """Rehearse the backlog, publish it, and make the database that each measurement starts from."""
        self._screen.tell("the backlog is rehearsed")
        policy = Policy.read()
        self._backlog = backlog.make(self._size.cases, self._size.offers, policy, clock.now())
        await topics.create(self._kafka.servers, PREFIX, topics=(CASES, ACTIONS))
        await published.send(self._kafka, PREFIX, self._backlog.timed)
        self._ends = await published.ends_of(self._kafka, [PREFIX + CASES.name, PREFIX + ACTIONS.name])
        self._screen.tell("the database is prepared")
        await self._ground.prepare(self._backlog, policy)

    async def measure(self) -> dict[str, Any]:
        """Measure all variants and compare them."""
        taken = await rounds.in_rounds(VARIANTS, self._size.rounds, self._once, self._screen)
        return {
            "rows": rows_of(SIDES, taken),
            "messages": len(self._backlog.timed),
            "bytes": round(sum(len(each.value or b"") for each in self._backlog.timed) / len(self._backlog.timed)),
            "events": len(self._backlog.routed.ids),
            "directory": self._size.offers,
            "durability": await self._ground.settings(),
        }

    async def _once(self, variant: str, number: int) -> Taken:
        repeats = 1 if variant in SLOW else self._size.repeats
        return sum_of([await self._run(variant, f"{number}_{each}") for each in range(repeats)])

    async def _run(self, variant: str, number: str) -> Taken:
        out = f"bench-{number}."
        await topics.create(self._kafka.servers, out, topics=(HANDOFFS,))
        if variant.startswith(("echo", "routing")):
            async with self._ground.fresh(f"bench_{number}") as dsn:
                expected = self._backlog.echoed if variant.startswith("echo") else self._backlog.routed
                taken = await self._measure(variant, out, dsn, len(expected.ids))
                await self._ground.check(dsn, expected)
            if variant.endswith("published"):
                await published.check(self._kafka, out, expected.ids, len(expected.ids))
            return taken
        taken = await self._measure(variant, out, "", 0)
        await published.check(self._kafka, out, self._sent, taken.messages)
        return taken

    async def _measure(self, variant: str, out: str, dsn: str, events: int) -> Taken:
        spec = Spec(
            variant=variant,
            servers=self._kafka.servers,
            dsn=dsn,
            prefix=PREFIX,
            out=out,
            ends=self._ends,
            events=events,
            limit=min(self._size.limit, len(self._backlog.timed)),
        )
        return await rounds.measure(spec, self._folder)

    @property
    def _sent(self) -> frozenset[str]:
        return frozenset(dict(each.headers)["ce_id"].decode() for each in self._backlog.timed)
