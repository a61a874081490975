"""Communes of France and the territories they lie in, built in: no database, no network.

Intake checks and finds communes with it, routing matches by territory and distance. It knows no case and no offer.
"""

from relais_territories.commune import Commune
from relais_territories.distances import metres
from relais_territories.france import France
from relais_territories.overlay import configured

__all__ = ["FRANCE", "Commune", "France", "by_name_and_postcode", "commune", "distance", "metres", "territories_of"]

FRANCE = configured()
"""The built-in table, read at first use, with INSEE's living areas where this machine has them."""


def commune(code: str) -> Commune | None:
    """The commune of an INSEE code; codes of merged communes give today's."""
    return FRANCE.commune(code)


def by_name_and_postcode(name: str, postcode: str) -> Commune | None:
    """The commune of an address line, whatever its spelling; none if unsure."""
    return FRANCE.by_name_and_postcode(name, postcode)


def territories_of(commune: Commune) -> frozenset[str]:
    """Every territory a commune lies in, each saying its kind: `departement:71`."""
    return FRANCE.territories_of(commune)


def distance(one: Commune, other: Commune) -> int | None:
    """Metres between two communes as the crow flies; none where one has no coordinates."""
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return None
    return metres(one.latitude, one.longitude, other.latitude, other.longitude)
