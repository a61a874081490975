"""What kinds of partner there are, and what each does: sources, actors and needs as they go together in real files.

Made of the proportions once; partners and people are drawn from it.
"""

from collections import defaultdict
from random import Random
from typing import Final, NamedTuple, get_args

from relais_cli.generator.proportions import Weighted, assumed, measured
from relais_contracts.vocabularies import Actor, Need
from relais_intake.directory.adapters.actors import BY_THEME

Needs = tuple[Need, ...]


class Trade(NamedTuple):
    """A kind of partner as one source shows it."""

    source: str
    actor: Actor
    national: bool


class Trades:
    """All of them, by how many partners are of each."""

    def __init__(self) -> None:
        self._work: defaultdict[Trade, list[tuple[Needs, float]]] = defaultdict(list)
        self._shown()
        self._unseen()
        weights = {trade: sum(weight for _, weight in work) for trade, work in self._work.items()}
        self._added(weights)
        self._trades = Weighted(weights)
        self._needs = {trade: Weighted(work) for trade, work in self._work.items()}
        self.by_actor = {
            actor: Weighted([row for trade, work in self._work.items() if trade.actor == actor for row in work])
            for actor in ACTORS
        }

    def trade(self, random: Random) -> Trade:
        """One, by how common it is."""
        return self._trades.draw(random)

    def needs(self, random: Random, trade: Trade) -> Needs:
        """What one of its services is for."""
        return self._needs[trade].draw(random)

    def _shown(self) -> None:
        sources, national = assumed("sources")["names"], assumed("networks")["national"]
        weights = assumed("guidance")["weights"]
        for row in measured()["needs"]:
            trade = Trade(sources[row["source"]], row["actor"], row["source"] == national)
            self._work[trade].append((tuple(row["needs"]), row["services"] * weights.get(row["actor"], 1)))

    def _unseen(self) -> None:
        seen = {need for row in measured()["needs"] for need in row["needs"]}
        for need in get_args(Need):
            if need not in seen:
                trade = Trade(assumed("sources")["names"][2], BY_THEME[need.partition("--")[0]], False)
                self._work[trade].append(((need,), assumed("unseen")["services"]))

    def _added(self, weights: dict[Trade, float]) -> None:
        """Kinds of partner beside those of the sample, whose weights they are a share of."""
        figures, total = assumed("kinds"), sum(weights.values())
        shown = total / (1 - sum(figures["shares"].values()))
        for actor, share in figures["shares"].items():
            trade = Trade(assumed("sources")["names"][-1], actor, False)
            self._work[trade] = [(tuple(needs), 1) for needs in figures["needs"][actor]]
            weights[trade] = share * shown


ACTORS: Final[tuple[Actor, ...]] = get_args(Actor)
