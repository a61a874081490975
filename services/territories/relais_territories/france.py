"""The territories of France: what a commune is, and which territories it lies in.

Intake checks communes with it, adapters find them by name, routing matches by territory.
It reads its own table at first use and nothing else; INSEE's bassins de vie and zones d'emploi may be laid over it.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property

from relais_territories.addresses import Addresses
from relais_territories.commune import Commune
from relais_territories.table import Table, commune_of, packaged

COUNTRY = "country:FR"


class France:
    """Communes and their territories; immutable once made.

    `bassins` and `emplois` give the bassin de vie and the zone d'emploi by commune code (INSEE's tables), and
    `overlay` names their edition; without them EPCI stands in.
    """

    def __init__(
        self,
        table: Table | None = None,
        *,
        bassins: Mapping[str, str] | None = None,
        emplois: Mapping[str, str] | None = None,
        overlay: str = "",
    ) -> None:
        self._given = table
        self._bassins = dict(bassins or {})
        self._emplois = dict(emplois or {})
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

    def _territories(self, commune: Commune) -> Iterable[str]:
        yield f"commune:{commune.code}"
        if commune.parent:
            yield f"commune:{commune.parent}"
        if commune.epci:
            yield f"epci:{commune.epci}"
        yield f"departement:{commune.departement}"
        yield f"region:{commune.region}"
        yield COUNTRY
        for kind, table in (("bassin-de-vie", self._bassins), ("zone-emploi", self._emplois)):
            code = table.get(commune.code) or table.get(commune.parent)
            if code:
                yield f"{kind}:{code}"

    def zone(self, kind: str, codes: Iterable[str], home: str) -> frozenset[str]:
        """The territories that an offer's zone means; one shared with the person's is enough.

        `home` is the commune of the offer: where no table of bassins de vie or zones d'emploi is laid over,
        its EPCI stands in for them (its commune, where it has no EPCI). Merged communes are renumbered.
        """
        if kind == "commune":
            return frozenset(f"commune:{known.code if (known := self.commune(code)) else code}" for code in codes)
        if kind == "country":
            return frozenset((COUNTRY,))
        missing = (kind == "bassin-de-vie" and not self._bassins) or (kind == "zone-emploi" and not self._emplois)
        if not missing:
            return frozenset(f"{kind}:{code}" for code in codes)
        at = self.commune(home)
        return frozenset((f"epci:{at.epci}" if at and at.epci else f"commune:{at.code if at else home}",))

    def is_known(self, kind: str, code: str) -> bool:
        """Whether a territory exists, where the tables at hand can tell (they cannot without INSEE's overlay)."""
        match kind:
            case "commune":
                return self.commune(code) is not None
            case "epci":
                return code in self.table.epcis
            case "departement":
                return code in self.table.departements
            case "region":
                return code in self.table.regions
            case "country":
                return code == "FR"
            case "bassin-de-vie":
                return not self._bassins or code in self._bassins.values()
            case "zone-emploi":
                return not self._emplois or code in self._emplois.values()
            case _:
                return False

    def name_of(self, territory: str) -> str | None:
        """The French name of a territory such as `departement:71`; none where it is not known."""
        kind, _, code = territory.partition(":")
        match kind:
            case "commune":
                commune = self.commune(code)
                return commune.name if commune else None
            case "departement":
                return self.table.departements.get(code, (None,))[0]
            case "region":
                return self.table.regions.get(code)
            case "epci":
                return self.table.epcis.get(code, (None,))[0]
            case _:
                return "France" if territory == COUNTRY else None

    def by_name_and_postcode(self, name: str, postcode: str) -> Commune | None:
        """The commune of an address line, whatever its spelling; none if unsure."""
        code = self._addresses.find(name, postcode)
        return self.commune(code) if code else None

    @cached_property
    def _addresses(self) -> Addresses:
        return Addresses(self.table)
