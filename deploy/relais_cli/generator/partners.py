"""Invented organisations: who they are, where, of which network; and the operators among them.

Their offers are made in `offers`. Identifiers begin with the invented source; SIRET numbers begin with 000, which no
establishment has.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from relais_cli.generator import names
from relais_cli.generator.land import Land
from relais_cli.generator.proportions import Weighted, assumed, measured
from relais_cli.generator.trades import Trade, Trades
from relais_contracts.directory import PartnerDeclared
from relais_territories import Commune


class Partner(NamedTuple):
    """An organisation, what it does and where."""

    declared: PartnerDeclared
    trade: Trade
    home: Commune


class Partners:
    """Draws organisations one by one."""

    def __init__(self, random: Random, land: Land, trades: Trades, today: date) -> None:
        self._random, self._land, self._trades, self._today = random, land, trades, today
        sizes = measured()["network_sizes"]
        self._networks = Weighted([(f"Réseau {names.word(random)}", size) for size in sizes])
        self._agency = f"Agence {names.word(random)}"

    def operators(self) -> Iterator[PartnerDeclared]:
        """Operators of career guidance, `cep--1` and so on; some share a network with partners."""
        figures = assumed("operators")
        for number in range(1, figures["number"] + 1):
            yield PartnerDeclared(
                partner=f"cep--{number}",
                name=f"CEP {names.word(self._random)}",
                group=self._network() if self._random.random() < figures["networked"] else None,
                commune=self._land.commune(self._random).code,
            )

    def partner(self, number: int) -> Partner:
        """The organisation of a number (from 1)."""
        random, home = self._random, self._land.commune(self._random)
        trade = self._trades.trade(random)
        name = names.house(random)
        declared = PartnerDeclared(
            partner=f"{trade.source}--{number}",
            name=name,
            group=self._group(trade),
            commune=home.code,
            email=f"contact@p{number}.example.org",
            siret=f"000{number:011d}",
            site=f"https://p{number}.example.org/" if random.random() < measured()["with_site"] else None,
            updated=looked_at(random, self._today),
        )
        return Partner(declared, trade, home)

    def _group(self, trade: Trade) -> str | None:
        if trade.national:
            return self._agency
        return self._network() if self._random.random() < assumed("networks")["share"] else None

    def _network(self) -> str:
        return self._networks.draw(self._random)


def looked_at(random: Random, today: date) -> date | None:
    """When a source last looked at an entry; none: it does not say."""
    figures = assumed("freshness")
    if random.random() < figures["silent"]:
        return None
    return today - timedelta(days=int(random.expovariate(1 / figures["days"])))
