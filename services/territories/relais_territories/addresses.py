"""Finds the commune of an address line: a name and a post code as people type them.

For adapters of directories whose rows have no INSEE code. It answers nothing rather than guess.
"""

from relais_territories.names import comparable, without_article, without_number
from relais_territories.table import Table, departement_of

_TOO_LITTLE = {"saint", "sainte", "la", "le", "les", "l"}

Named = list[tuple[str, str]]
"""Comparable names with their commune codes."""


class Addresses:
    """Communes by post code and by département."""

    def __init__(self, table: Table) -> None:
        self._by_postcode: dict[str, Named] = {}
        self._by_departement: dict[str, Named] = {}
        cities = {line.rpartition("\t")[2] for line in table.lines.values()}
        for code, line in table.lines.items():
            _, name, postcodes, _ = line.split("\t", 3)
            entry = (comparable(name), code)
            self._by_departement.setdefault(departement_of(code), []).append(entry)
            if code not in cities:
                for postcode in postcodes.split():
                    self._by_postcode.setdefault(postcode, []).append(entry)
        for code, (name, head) in table.former.items():
            if name:
                entry = (comparable(name), head)
                self._by_departement.setdefault(departement_of(code), []).append(entry)
                for postcode in table.lines[head].split("\t", 3)[2].split():
                    self._by_postcode.setdefault(postcode, []).append(entry)

    def find(self, name: str, postcode: str) -> str | None:
        """The commune's code; none where no commune or more than one fits.

        First among the communes of that post code, then (CEDEX codes are in no list) among those of the
        département, those merged since included. « Paris » 75012 gives the 12th arrondissement.
        """
        wanted, postcode = comparable(name), postcode.strip()
        if not wanted:
            return None
        near = self._by_postcode.get(postcode, [])
        wide = self._by_departement.get(_departement(postcode), [])
        for among, same in ((near, _equal), (near, _city), (near, _begins), (wide, _equal), (wide, _city)):
            found = {code for known, code in among if same(known, wanted)}
            if len(found) == 1:
                return found.pop()
        return None


def _equal(known: str, wanted: str) -> bool:
    return known == wanted or without_article(known) == without_article(wanted)


def _city(known: str, wanted: str) -> bool:
    return without_number(known) == without_number(wanted)


def _begins(known: str, wanted: str) -> bool:
    return wanted not in _TOO_LITTLE and (known.startswith(f"{wanted} ") or wanted.startswith(f"{known} "))


def _departement(postcode: str) -> str:
    if postcode[:2] == "20":
        return "2A" if postcode[:3] in ("200", "201") else "2B"
    return departement_of(postcode)
