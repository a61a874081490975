"""The commune that the name of an agency names: « Agence LOUHANS », « ML BOURG EN BRESSE », « CHALON NORD ».

For files that give a name and a département only. It answers with one commune or with a reason, never with a guess.
"""

from functools import cache
from typing import Final

from relais_intake.directory.adapters.lines import Unfit
from relais_territories import FRANCE, Commune
from relais_territories.names import comparable, without_article

LINKS: Final = frozenset(
    ["sur", "sous", "en", "le", "la", "les", "l", "de", "du", "des", "d", "lez", "les", "aux", "a"]
)
"""What follows the short form of a name: Chalon for Chalon-sur-Saône, never Clermont for Clermont-Ferrand."""
NOT_NAMES: Final = frozenset(
    [
        "nord",
        "sud",
        "est",
        "ouest",
        "centre",
        "ville",
        "pays",
        "val",
        "grand",
        "petit",
        "saint",
        "sainte",
        "la",
        "le",
        "les",
        "l",
    ]
)
"""Words that are no name by themselves, though some commune may be called so."""


def commune_named(text: str, departement: str) -> Commune:
    """The one commune of a département named in a text, by its longest name; raises Unfit where none or several are."""
    words = without_article(comparable(text)).split()
    names, short = _names().get(departement, ({}, {}))
    for among in (names, short):
        for length in range(len(words), 0, -1):
            found: dict[str, str] = {}
            for start in range(len(words) - length + 1):
                name = " ".join(words[start : start + length])
                if name not in NOT_NAMES:
                    found |= dict.fromkeys(among.get(name, ()), name)
            if len(found) == 1:
                commune = FRANCE.commune(next(iter(found)))
                assert commune is not None
                return commune
            if found:
                several = ", ".join(sorted(set(found.values())))
                raise Unfit(f"{text[:80]}: several communes of {departement} are named so: {several}")
    raise Unfit(f"{text[:80]}: no commune of {departement} is named in it")


@cache
def _names() -> dict[str, tuple[dict[str, set[str]], dict[str, set[str]]]]:
    """By département: communes by their comparable name with and without article, and by its first words."""
    found: dict[str, tuple[dict[str, set[str]], dict[str, set[str]]]] = {}
    for commune in FRANCE.communes():
        names, short = found.setdefault(commune.departement, ({}, {}))
        name = comparable(commune.name)
        for spelling in {name, without_article(name)}:
            names.setdefault(spelling, set()).add(commune.code)
        words = without_article(name).split()
        for end in range(1, len(words)):
            if words[end] in LINKS:
                short.setdefault(" ".join(words[:end]), set()).add(commune.code)
                break
    return found
