"""Where a commune lies, as the board filters: its département and every territory around it.

The projection denormalises it onto each row, views turn rights into départements with it. It knows no rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from relais_territories import FRANCE, commune, territories_of

COUNTRY: Final = "country:FR"


@dataclass(frozen=True, slots=True)
class Place:
    """A commune and the territories it lies in."""

    commune: str
    departement: str
    territories: tuple[str, ...]


@cache
def place(code: str) -> Place:
    """The place of an INSEE commune code; an unknown code lies in its département and nowhere else."""
    known = commune(code)
    if known is None:
        departement = code[:3] if code[:2] in ("97", "98") else code[:2]
        return Place(code, departement, (f"commune:{code}", f"departement:{departement}", COUNTRY))
    territories = territories_of(known) | {f"commune:{code}"}
    return Place(code, known.departement, tuple(sorted(territories)))


@cache
def departements(territory: str) -> tuple[str, ...]:
    """The départements that a territory such as `region:27` lies in; none where it is not known."""
    kind, _, code = territory.partition(":")
    match kind:
        case "country":
            return tuple(FRANCE.table.departements)
        case "region":
            return tuple(number for number, (_, region) in FRANCE.table.departements.items() if region == code)
        case "departement":
            return (code,)
        case "commune":
            return (place(code).departement,)
        case _:
            return tuple(sorted(_by_territory().get(territory, ())))


def is_made_of_departements(territories: Iterable[str]) -> bool:
    """Whether these territories are whole départements, so that no row of theirs need be looked at again."""
    return all(territory.partition(":")[0] in ("country", "region", "departement") for territory in territories)


def point(code: str) -> tuple[float, float] | None:
    """Longitude and latitude of a commune in degrees, where they are known."""
    known = commune(code)
    if known is None or known.latitude is None or known.longitude is None:
        return None
    return known.longitude / 100_000, known.latitude / 100_000


def name_of(territory: str) -> str:
    """The French name of a territory, or its code where it has none."""
    return FRANCE.name_of(territory) or territory.partition(":")[2]


@cache
def _by_territory() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for known in FRANCE.communes():
        for territory in territories_of(known):
            found.setdefault(territory, set()).add(known.departement)
    return found
