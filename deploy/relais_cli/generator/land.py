"""Where an invented organisation, offer or person is: communes by their real population, points around their middle.

Arrondissements stand for Paris, Lyon and Marseille. It invents no commune and reads no file but the built-in table.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from random import Random

from relais_cli.generator.proportions import Weighted, assumed
from relais_contracts.directory import At, Zone
from relais_contracts.vocabularies import ZoneKind
from relais_territories import FRANCE, Commune
from relais_territories.distances import COSINES, METRE
from relais_territories.outlines import OUTSIDE, beyond, commune_at


class Land:
    """The whole country, or one région (its code, such as `27`)."""

    def __init__(self, region: str | None = None) -> None:
        communes = [each for each in _communes() if region in (None, each.region)]
        if not communes:
            raise ValueError(f"{region} is not the code of a région")
        self._by_population = Weighted([(each, each.population) for each in communes])
        self._epcis: defaultdict[str, list[str]] = defaultdict(list)
        self._regions: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for each in communes:
            self._epcis[each.epci].append(each.parent or each.code)
            self._regions[each.region][each.departement] = None
        kinds = dict(assumed("zones")["weights"])
        self._kinds: Weighted[ZoneKind] = Weighted(kinds)

    def commune(self, random: Random) -> Commune:
        """One of them, by population."""
        return self._by_population.draw(random)

    def zone(self, random: Random, home: Commune) -> Zone:
        """What an offer given there serves. Without INSEE's living areas on this machine, EPCI stands in for them."""
        kind = self._kinds.draw(random)
        if kind == "country":
            return Zone(kind=kind, codes=("FR",))
        own = {name: code for name, _, code in (each.partition(":") for each in FRANCE.territories_of(home))}
        if kind not in own:
            kind = "epci" if home.epci else "commune"
        own["commune"] = home.parent or home.code
        return Zone(kind=kind, codes=tuple(self._codes(random, kind, own[kind], home)))

    def _codes(self, random: Random, kind: ZoneKind, own: str, home: Commune) -> list[str]:
        """Its own code, and sometimes its neighbours'."""
        figures = assumed("zones")
        around = {"commune": self._epcis[home.epci], "departement": [*self._regions[home.region]]}.get(kind, [])
        if not around or random.random() >= figures["several"]:
            return [own]
        others = random.sample(around, min(len(around), random.randint(1, figures["most"][kind])))
        return list(dict.fromkeys([own, *others]))


def at(random: Random, home: Commune) -> At | None:
    """A point around the middle of a commune; none for the few of the Pacific that have none."""
    if home.latitude is None or home.longitude is None:
        return None
    figures = assumed("spread")
    metres = (figures["metres"] + figures["per_root"] * math.sqrt(home.population)) * math.sqrt(random.random())
    angle = random.random() * 2 * math.pi
    return moved(home, home.latitude, home.longitude, metres * math.cos(angle), metres * math.sin(angle))


def moved(home: Commune, latitude: int, longitude: int, north: float, east: float) -> At:
    """The point so many metres to the north and to the east of another (hundred-thousandths of a degree).

    Half as far, and half of that, where it would be in the sea.
    """
    cosine = COSINES[abs(latitude) // 10_000] / 1_000_000
    there = latitude + north * 1000 / METRE, longitude + east * 1000 / METRE / cosine
    point = round(there[0]), round(there[1])
    if (beyond(home, point) or 0) > OUTSIDE and commune_at(FRANCE, point) is None:
        return moved(home, latitude, longitude, north / 2, east / 2)
    return At(commune=home.code, latitude=round(there[0] / 100_000, 6), longitude=round(there[1] / 100_000, 6))


def _communes() -> Iterator[Commune]:
    """Every commune of today that has inhabitants; arrondissements in the place of their city."""
    every = [commune for code in FRANCE.table.lines if (commune := FRANCE.commune(code))]
    divided = {commune.parent for commune in every}
    return (commune for commune in every if commune.population and commune.code not in divided)
