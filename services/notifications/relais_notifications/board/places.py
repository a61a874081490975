"""Where a commune lies, as the board filters: its département and every territory around it.

The projection denormalises it onto each row, views turn rights into départements with it. It knows no rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from relais_territories import FRANCE, commune, territories_of

COUNTRY: Final = "country:FR"
COMMUNES_KEPT: Final = 2**16
"""More than France has: only invented codes push any out."""
ASKED_KEPT: Final = 4096
"""Answers kept about territories; callers name them, so that their number has no other bound."""
OUTLINES_KEPT: Final = 128


@dataclass(frozen=True, slots=True)
class Place:
    """A commune and the territories it lies in."""

    commune: str
    departement: str
    territories: tuple[str, ...]


@lru_cache(COMMUNES_KEPT)
def place(code: str) -> Place:
    """The place of an INSEE commune code; an unknown code lies in its département and nowhere else."""
    known = commune(code)
    if known is None:
        departement = FRANCE.departement_of(code)
        return Place(code, departement, (f"commune:{code}", f"departement:{departement}", COUNTRY))
    territories = territories_of(known) | {f"commune:{code}"}
    return Place(code, known.departement, tuple(sorted(territories)))


def is_known(territory: str) -> bool:
    """Whether there is such a territory."""
    kind, _, code = territory.partition(":")
    return FRANCE.is_known(kind, code)


@lru_cache(ASKED_KEPT)
def departements(territory: str) -> tuple[str, ...]:
    """The départements that a territory such as `region:27` lies in; none where it is not known."""
    return tuple(sorted(FRANCE.departements_of(territory)))


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


OUTLINE_MOST: Final = 6000


@lru_cache(OUTLINES_KEPT)
def outline(codes: tuple[str, ...]) -> tuple[tuple[float, float], ...]:
    """Points that draw these départements: their communes, in degrees; thinned out where they are many."""
    wanted = {code for code in codes if not code.startswith("97")} or set(codes)
    points = [
        point(known.code) for known in FRANCE.communes() if known.departement in wanted and known.latitude is not None
    ]
    found = [where for where in points if where is not None]
    return tuple(found[:: len(found) // OUTLINE_MOST + 1])


@dataclass(frozen=True, slots=True)
class Choice:
    """A territory to filter by, and its name."""

    code: str
    name: str


@lru_cache(OUTLINES_KEPT)
def choices(territories: tuple[str, ...]) -> tuple[Choice, ...]:
    """The territories inside these, for a filter: régions and départements of a country, else intercommunalités too."""
    inside = {code for territory in territories for code in departements(territory)}
    found = [f"departement:{code}" for code in sorted(inside)]
    if len(inside) > 20:
        regions = {region for code, (_, region) in FRANCE.table.departements.items() if code in inside}
        found = [*(f"region:{code}" for code in regions), *found]
    else:
        found += [f"epci:{code}" for code in FRANCE.table.epcis if FRANCE.departements_of(f"epci:{code}") & inside]
    named = [Choice(code, name_of(code)) for code in found]
    order = ("region", "departement", "epci")
    return tuple(sorted(named, key=lambda choice: (order.index(choice.code.partition(":")[0]), choice.name)))
