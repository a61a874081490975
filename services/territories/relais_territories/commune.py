"""A commune and the territories it lies in.

The value that intake checks and routing matches by. Pure data: it looks nothing up.
"""

from dataclasses import dataclass

Dense = int
"""How dense public transport is: 2 métropole or communauté urbaine, 1 communauté d'agglomération, 0 elsewhere."""


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of today, or an arrondissement of Paris, Lyon or Marseille (then `parent` is the city).

    `latitude` and `longitude` are WGS 84 in hundred-thousandths of a degree (about a metre), so that distances
    are the same on every machine; none for a few communes of the Pacific. `land` is empty on the European mainland,
    else the island: there is no road between two lands. `epci` is empty for the few communes that have none.
    """

    code: str
    name: str
    postcodes: tuple[str, ...]
    epci: str
    departement: str
    region: str
    latitude: int | None
    longitude: int | None
    population: int
    land: str
    parent: str
    density: Dense
