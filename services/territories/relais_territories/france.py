"""The territories of France: what a commune is, and which territories it lies in.

Intake checks communes with it, adapters find them by name, routing matches by territory.
It reads its own table at first use and nothing else; INSEE's bassins de vie and zones d'emploi may be laid over it.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from relais_territories.addresses import Addresses
from relais_territories.commune import Commune
from relais_territories.former import FORMER, todays
from relais_territories.table import Table, commune_of, departement_of, packaged
from relais_territories.zoning import BASSIN, EMPLOI, EMPLOI_CODE, Zoning

COUNTRY = "country:FR"


class France:
    """Communes and their territories; immutable once made.

    `zonings` are INSEE's, by kind (`bassin-de-vie`, `zone-emploi`), and `overlay` names their editions; where one is
    missing, EPCI stands in for it.
    """

    def __init__(
        self, table: Table | None = None, *, zonings: Mapping[str, Zoning] | None = None, overlay: str = ""
    ) -> None:
        self._given = table
        self._zonings = dict(zonings or {})
        self._overlay = overlay
        self._made: dict[str, Commune] = {}
        self._lying: dict[str, frozenset[str]] = {}

    @cached_property
    def table(self) -> Table:
        """The table, read when first needed."""
        return self._given or packaged()

    @property
    def version(self) -> str:
        """Which data this is; kept in every decision record."""
        return "+".join(filter(None, (self.table.version, self._overlay)))

    def commune(self, code: str) -> Commune | None:
        """The commune of an INSEE code; codes of merged or renumbered communes give today's."""
        made = self._made.get(code)
        if made is None:
            line = self.table.lines.get(code)
            if line is None:
                former = self.table.former.get(code)
                return self.commune(former[1]) if former else None
            made = self._made[code] = commune_of(self.table, line)
        return made

    def communes(self) -> Iterable[Commune]:
        """Every commune of today, arrondissements not counted, in order of code."""
        found = (self.commune(code) for code in self.table.lines)
        return (commune for commune in found if commune and not commune.parent)

    def territories_of(self, commune: Commune) -> frozenset[str]:
        """Every territory a commune lies in, each saying its kind: `commune:71263`, `epci:…`, `country:FR`."""
        lying = self._lying.get(commune.code)
        if lying is None:
            lying = self._lying[commune.code] = frozenset(self._territories(commune))
        return lying

    def communes_of(self, territory: str) -> Sequence[str]:
        """The codes of today's communes in a territory, in order; an arrondissement is one by itself."""
        kind, _, code = territory.partition(":")
        return (code,) if kind == "commune" else self._communes_of.get(territory, ())

    @cached_property
    def _communes_of(self) -> Mapping[str, Sequence[str]]:
        """The communes of every territory: one walk through them for all that will be asked."""
        found: dict[str, list[str]] = {}
        for commune in self.communes():
            for territory in self.territories_of(commune):
                found.setdefault(territory, []).append(commune.code)
        return found

    def departement_of(self, code: str) -> str:
        """The département of a commune, by its code where the commune is not known."""
        known = self.commune(code)
        return known.departement if known else departement_of(code)

    def departements_of(self, territory: str) -> frozenset[str]:
        """The codes of the départements that a territory such as `region:27` touches; none where it is not known."""
        kind, _, code = territory.partition(":")
        match kind:
            case "country":
                return frozenset(self.table.departements)
            case "region":
                return frozenset(each for each, (_, region) in self.table.departements.items() if region == code)
            case "departement":
                return frozenset((code,))
            case _:
                return frozenset(self.departement_of(each) for each in self.communes_of(territory))

    def _territories(self, commune: Commune) -> Iterable[str]:
        yield f"commune:{commune.code}"
        if commune.parent:
            yield f"commune:{commune.parent}"
        if commune.epci:
            yield f"epci:{commune.epci}"
        yield f"departement:{commune.departement}"
        yield f"region:{commune.region}"
        yield COUNTRY
        for kind, zoning in self._zonings.items():
            area = zoning.area_of(commune)
            if area:
                yield f"{kind}:{area}"

    def zone(self, kind: str, codes: Iterable[str], home: str) -> frozenset[str]:
        """The territories that an offer's zone means; one shared with the person's is enough.

        `home` is the commune of the offer. Codes of another time become today's: of communes, of régions and
        départements, and (`_area`) of bassins de vie and zones d'emploi.
        """
        if kind == "commune":
            return frozenset(f"commune:{known.code if (known := self.commune(code)) else code}" for code in codes)
        if kind == "country":
            return frozenset((COUNTRY,))
        if kind in (BASSIN, EMPLOI):
            return frozenset(self._area(kind, code, home) for code in codes)
        return todays(f"{kind}:{code}" for code in codes)

    def _area(self, kind: str, code: str, home: str) -> str:
        """The area of the edition at hand: this one, else the one of its centre, else the offer's own, else its EPCI.

        A bassin de vie is numbered after the commune at its centre, so that one of another edition is found again;
        numbers of zones d'emploi mean nothing in another edition.
        """
        zoning, here = self._zonings.get(kind), self.commune(home)
        if zoning is not None:
            area = code if code in zoning.codes else zoning.area_of(self.commune(code)) or zoning.area_of(here)
            if area:
                return f"{kind}:{area}"
        return f"epci:{here.epci}" if here and here.epci else f"commune:{here.code if here else home}"

    def is_known(self, kind: str, code: str) -> bool:
        """Whether a territory exists. Without INSEE's overlay a zone d'emploi passes that looks like one."""
        match kind:
            case "commune":
                return self.commune(code) is not None
            case "epci":
                return code in self.table.epcis
            case "departement":
                return code in self.table.departements or f"{kind}:{code}" in FORMER
            case "region":
                return code in self.table.regions or f"{kind}:{code}" in FORMER
            case "country":
                return code == "FR"
            case "bassin-de-vie":
                return self._is_bassin(code)
            case "zone-emploi":
                zoning = self._zonings.get(kind)
                return code in zoning.codes if zoning else EMPLOI_CODE.fullmatch(code) is not None
            case _:
                return False

    def _is_bassin(self, code: str) -> bool:
        """Whether a bassin de vie has this number in the edition at hand, or had it in another: a commune's."""
        zoning, centre = self._zonings.get(BASSIN), self.commune(code)
        if zoning is None:
            return centre is not None
        return code in zoning.codes or zoning.area_of(centre) is not None

    def name_of(self, territory: str) -> str | None:
        """The French name of a territory such as `departement:71`; none where it is not known."""
        kind, _, code = territory.partition(":")
        match kind:
            case "commune":
                commune = self.commune(code)
                return commune.name if commune else None
            case "departement" if code in self.table.departements:
                return self.table.departements[code][0]
            case "region" if code in self.table.regions:
                return self.table.regions[code]
            case "epci":
                return self.table.epcis.get(code, (None,))[0]
            case "bassin-de-vie" | "zone-emploi":
                zoning = self._zonings.get(kind)
                return (zoning and zoning.names.get(code)) or self.name_of(f"commune:{code}")
            case _:
                return "France" if territory == COUNTRY else FORMER.get(territory, (None,))[0]

    def by_name_and_postcode(self, name: str, postcode: str) -> Commune | None:
        """The commune of an address line, whatever its spelling; none if unsure."""
        code = self._addresses.find(name, postcode)
        return self.commune(code) if code else None

    @cached_property
    def _addresses(self) -> Addresses:
        return Addresses(self.table)
