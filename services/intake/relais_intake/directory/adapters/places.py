"""Where a service stands: its commune by INSEE code or by name and post code, and its point.

Shared by the adapters. A point that is missing is the commune's middle, and marked.
"""

from collections.abc import Mapping

from relais_contracts.directory import At
from relais_territories import FRANCE, Commune, by_name_and_postcode


def text_of(row: Mapping[str, object], name: str) -> str:
    """A text field, trimmed; empty where it is missing."""
    value = row.get(name)
    return value.strip() if isinstance(value, str) else ""


def commune_of(row: Mapping[str, object]) -> Commune | None:
    """The row's commune, by `code_insee` first, else by `commune` and `code_postal`."""
    found = FRANCE.commune(text_of(row, "code_insee"))
    return found or by_name_and_postcode(text_of(row, "commune"), text_of(row, "code_postal"))


def at_of(row: Mapping[str, object], commune: Commune) -> tuple[At | None, bool]:
    """The row's point, and whether it is assumed; none where even the commune has no middle."""
    latitude, longitude = row.get("latitude"), row.get("longitude")
    if isinstance(latitude, int | float) and isinstance(longitude, int | float):
        return At(commune=commune.code, latitude=float(latitude), longitude=float(longitude)), False
    if commune.latitude is None or commune.longitude is None:
        return None, False
    point = commune.latitude / 100_000, commune.longitude / 100_000
    return At(commune=commune.code, latitude=point[0], longitude=point[1]), True
