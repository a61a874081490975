"""`relais bench matching`: how long one choice takes as the directory grows, beside a plain loop over all offers.

In this process alone, without broker or database: the index in memory, people who ask, the draw. Times are the thread's
own CPU time, so that neighbours do not count. The loop asks the same rules, and both must find the same offers.
"""

import gc
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from statistics import quantiles
from typing import Any, Final

from relais_cli.bench.rehearsal import SECRET
from relais_cli.bench.screen import Screen
from relais_cli.bench.world import DEPARTEMENTS, EVERY_NEED, Story, World
from relais_cli.bench.wrong import Wrong
from relais_contracts.cases import CaseOpened, CaseStrategyElaborated
from relais_routing.matching.ask import Ask, Look, limits_of, way_of
from relais_routing.matching.draw import Draw
from relais_routing.matching.index import Index
from relais_routing.matching.match import Decision, match
from relais_routing.matching.request import Request
from relais_routing.matching.room import room_of
from relais_routing.matching.rules import verdicts
from relais_territories import FRANCE

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
DRAW: Final = Draw(date(2026, 3, 2), SECRET)


@dataclass(frozen=True, slots=True)
class Size:
    """Offers of each directory, people who ask, and how many of them the loop is asked for."""

    offers: tuple[int, ...]
    people: int
    looped: int


FULL: Final = Size(offers=(1_000, 10_000, 100_000), people=2_000, looped=15)
QUICK: Final = Size(offers=(200, 400), people=30, looped=5)


class MatchingBench:
    """One run."""

    name = "matching"
    servers: Sequence[Any] = ()

    def __init__(self, size: Size, screen: Screen) -> None:
        self._size, self._screen = size, screen
        self.steps = len(size.offers)

    async def prepare(self) -> None:
        """The collector must not walk a hundred thousand offers while a choice is timed."""
        gc.collect()
        gc.freeze()

    async def measure(self) -> dict[str, Any]:
        """All sizes, smallest first."""
        rows: list[dict[str, Any]] = []
        for offers in self._size.offers:
            self._screen.tell(f"{offers:,} offers")
            rows += self._of_size(offers)
            self._screen.advance()
        return {"rows": rows}

    def _of_size(self, offers: int) -> Iterator[dict[str, Any]]:
        world = World(offers, _departements(offers), EVERY_NEED)
        index, seconds = Index(), time.thread_time()
        index.apply(world.directory, 1)
        built = (time.thread_time() - seconds) / offers * 1e6
        requests = [request for story in world.stories(self._size.people) for request in _requests(story)]
        gc.freeze()
        for request in requests[: len(requests) // 4]:  # communes are read when first asked for
            match(index, request, DRAW)
        ours, decisions = _timed(lambda request: match(index, request, DRAW), requests)
        everybody = [offer for each in _partners(world) for offer in index.offers_of(each)]
        theirs, found = _timed(lambda request: _loop(index, everybody, request), requests[: self._size.looped])
        _compare(decisions, found)
        looked = sum(len(each.ranking) + len(each.aside) for each in decisions) / len(decisions)
        name = f"{offers:,} offers"
        loop = f"a plain loop, {name}"
        p50, p99 = _percentiles(ours)
        loop_p50, _ = _percentiles(theirs)
        yield {"name": loop, "value": loop_p50, "unit": "µs (p50)"}
        yield _row(f"match, {name}", p50, "µs (p50)", loop, round(p50 / loop_p50, 4)) | {"looked_at": round(looked, 1)}
        yield {"name": f"match, {name}", "value": p99, "unit": "µs (p99)"}
        yield {"name": f"index built, {name}", "value": round(built, 1), "unit": "µs an offer"}


def _departements(offers: int) -> Collection[str]:
    """A directory grows with its territory: a thousand offers a département, up to the whole country."""
    every = [*DEPARTEMENTS, *sorted({each.departement for each in FRANCE.communes()} - set(DEPARTEMENTS))]
    return every[: max(1, offers // 1000)]


def _partners(world: World) -> list[str]:
    return sorted({str(partner) for entry in world.directory if (partner := getattr(entry, "partner", None))})


def _requests(story: Story) -> Iterator[Request]:
    opened, elaborated = story.events[0], story.events[4]
    assert isinstance(opened, CaseOpened)
    assert isinstance(elaborated, CaseStrategyElaborated)
    for step in elaborated.steps:
        yield Request(
            case=story.case,
            step=step.step,
            actor=step.actor,
            need=step.need,
            options=step.options,
            commune=opened.commune,
            means=opened.mobility.means,
            reach_minutes=opened.mobility.reach_minutes,
            remote=opened.mobility.remote,
            operator=story.operator,
            now=NOON,
            audiences=opened.audiences,
            rome=step.rome,
        )


def _loop(index: Index, offers: Sequence[Any], request: Request) -> set[str]:
    """Every offer under every option: what one would write first."""
    ask = Ask.of(request, index.group_of(request.operator), {}, index.france)
    found = set()
    for option in request.options:
        limits = limits_of(request, option)
        for offer in offers:
            if limits.named and getattr(option, "offer", offer.offer) != offer.offer:
                continue
            if limits.named and getattr(option, "partner", offer.partner) != offer.partner:
                continue
            look = Look(offer, limits.named, way_of(ask, offer, limits), room_of(offer, ask.today, {}))
            if not verdicts(ask, look):
                found.add(offer.offer)
    return found


def _timed(ask: Any, requests: Sequence[Request]) -> tuple[list[float], list[Any]]:
    times, answers = [], []
    for request in requests:
        begun = time.thread_time()
        answers.append(ask(request))
        times.append((time.thread_time() - begun) * 1e6)
    return times, answers


def _compare(decisions: Sequence[Decision], found: Sequence[set[str]]) -> None:
    for decision, offers in zip(decisions, found, strict=False):
        if {candidate.offer.offer for candidate in decision.ranking} != offers:
            raise Wrong(f"index and loop found other offers for {decision.request.case}")


def _percentiles(times: Sequence[float]) -> tuple[float, float]:
    cuts = quantiles(times, n=100)
    return round(cuts[49], 1), round(cuts[98], 1)


def _row(name: str, value: float, unit: str, ratio_to: str, ratio: float) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "ratio_to": ratio_to, "ratio": ratio} | {
        "ratio_low": ratio,
        "ratio_high": ratio,
    }
