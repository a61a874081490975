"""The zone of a service from a list of mixed codes.

An offer's zone is of one kind. Mixed lists become communes, or départements where that would be too many.
"""

from collections.abc import Iterable
from typing import Final

from relais_contracts.directory import Zone
from relais_contracts.vocabularies import ZoneKind
from relais_intake.directory.adapters.lines import Unfit
from relais_territories import FRANCE, Commune
from relais_territories.zoning import BASSIN, EMPLOI

MOST_CODES: Final = 2000
FRANCE_CODES: Final = frozenset({"france", "99100"})
KINDS: Final[dict[str, ZoneKind]] = {
    "commune": "commune",
    "epci": "epci",
    "departement": "departement",
    "region": "region",
    "country": "country",
    "bassin-de-vie": "bassin-de-vie",
    "zone-emploi": "zone-emploi",
}
AREAS: Final = (BASSIN, EMPLOI)
"""What only INSEE's tables know; without them the EPCI of the service's commune stands in."""

Code = tuple[ZoneKind, str]


def zone_of(codes: Iterable[str], home: Commune, field: str = "zone_eligibilite") -> tuple[Zone | None, bool]:
    """The zone of data·inclusion's codes, and whether a rule had a part in it; none where there is no code.

    `home` is the commune of the service. Raises Unfit at the first code that no territory has.
    """
    return joined([_kind(code, field) for code in dict.fromkeys(codes)], home, field)


def zone_named(territories: Iterable[str], home: Commune, field: str) -> tuple[Zone | None, bool]:
    """The same of codes that say their kind, such as `departement:71`."""
    return joined([_named(territory, field) for territory in dict.fromkeys(territories)], home, field)


def joined(codes: list[Code], home: Commune, field: str) -> tuple[Zone | None, bool]:
    """One zone of one kind that covers what each of the codes covers.

    Marked where it had to be widened to whole départements, and where an area that this machine has no table of was
    replaced by the one that stands in for it. Raises Unfit at a code that covers no commune.
    """
    if not codes:
        return None, False
    if any(kind == "country" for kind, _ in codes):
        return Zone(kind="country", codes=("FR",)), False
    if len({kind for kind, _ in codes}) == 1 and len(codes) <= MOST_CODES:
        return Zone(kind=codes[0][0], codes=tuple(code for _, code in codes)), False
    inside: set[str] = set()
    stood_in = False
    for kind, code in codes:
        todays = FRANCE.zone(kind, [code], home.code)
        covered = {commune for territory in todays for commune in FRANCE.communes_of(territory)}
        if not covered:
            raise Unfit(f"{field}: {kind}:{code} covers no commune")
        inside |= covered
        stood_in |= kind in AREAS and not any(territory.startswith(kind) for territory in todays)
    if len(inside) <= MOST_CODES:
        return Zone(kind="commune", codes=tuple(sorted(inside))), stood_in
    departements = sorted({FRANCE.departement_of(code) for code in inside})
    whole = all(inside.issuperset(FRANCE.communes_of(f"departement:{code}")) for code in departements)
    return Zone(kind="departement", codes=tuple(departements)), stood_in or not whole


def departement_of(commune: Commune) -> Zone:
    """The stand-in where a file has no zone: the commune's département."""
    return Zone(kind="departement", codes=(commune.departement,))


def _kind(code: str, field: str) -> Code:
    if code in FRANCE_CODES:
        return "country", "FR"
    kinds: dict[int, ZoneKind] = {5: "commune", 9: "epci"}
    kind = kinds.get(len(code), "departement")
    if not FRANCE.is_known(kind, code):
        raise Unfit(f"{field}: {code[:40]} is no commune, EPCI, département or country of the list")
    return kind, code


def _named(territory: str, field: str) -> Code:
    kind, _, code = territory.partition(":")
    if kind not in KINDS or not FRANCE.is_known(kind, code):
        raise Unfit(f"{field}: {territory[:60]} is not known; a code says its kind, such as departement:71")
    return KINDS[kind], code
