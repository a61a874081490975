"""The zone of a service from data·inclusion's list of mixed codes.

An offer's zone is of one kind. Mixed lists become communes, or départements where that would be too many.
"""

from collections.abc import Iterable
from typing import Final

from relais_contracts.directory import Zone
from relais_contracts.vocabularies import ZoneKind
from relais_territories import FRANCE, Commune

MOST_CODES: Final = 2000
FRANCE_CODES: Final = frozenset({"france", "99100"})


def zone_of(codes: Iterable[str]) -> tuple[Zone | None, bool]:
    """The zone of known codes and whether it had to be assumed (widened); none where no code is known."""
    kinds = [(kind, code) for code in dict.fromkeys(codes) if (kind := _kind(code))]
    if not kinds:
        return None, False
    if any(kind == "country" for kind, _ in kinds):
        return Zone(kind="country", codes=("FR",)), False
    if len({kind for kind, _ in kinds}) == 1 and len(kinds) <= MOST_CODES:
        return Zone(kind=kinds[0][0], codes=tuple(code for _, code in kinds)), False
    inside = _communes({f"{kind}:{code}" for kind, code in kinds})
    if len(inside) <= MOST_CODES:
        return Zone(kind="commune", codes=tuple(commune.code for commune in inside)), False
    return Zone(kind="departement", codes=tuple(sorted({commune.departement for commune in inside}))), True


def departement_of(commune: Commune) -> Zone:
    """The stand-in where a file has no zone: the commune's département."""
    return Zone(kind="departement", codes=(commune.departement,))


def _kind(code: str) -> ZoneKind | None:
    if code in FRANCE_CODES:
        return "country"
    kinds: dict[int, ZoneKind] = {5: "commune", 9: "epci"}
    guess = kinds.get(len(code), "departement")
    return guess if FRANCE.is_known(guess, code) else None


def _communes(territories: set[str]) -> list[Commune]:
    return [commune for commune in FRANCE.communes() if not territories.isdisjoint(FRANCE.territories_of(commune))]
