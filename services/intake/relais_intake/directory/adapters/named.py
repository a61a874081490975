"""The commune that the name of an agency names: « Agence LOUHANS », « ML BOURG EN BRESSE », « CHALON NORD ».

For files that give a name and a département only. It answers with one commune or with a reason, never with a guess.
"""

from functools import cache
from typing import Final, TypeAlias

from relais_intake.directory.adapters.lines import Unfit
from relais_territories import FRANCE, Commune
from relais_territories.names import comparable, without_article

Names: TypeAlias = dict[str, set[str]]
LINKS: Final = frozenset(
    ["sur", "sous", "en", "le", "la", "les", "l", "de", "du", "des", "d", "lez", "les", "aux", "a"]
)
"""What follows the short form of a name: Chalon for Chalon-sur-Saône, never Clermont for Clermont-Ferrand."""
FORMER: Final = {"2A": "20", "2B": "20"}
"""Corsica's départements, in files that still number it as one."""
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
    """The one commune of a département that a text names, by its whole name, else by its short one.

    Raises Unfit where none is named, or several.
    """
    words = without_article(comparable(text)).split()
    for among in _names().get(departement, ()):
        found = _named(words, among)
        if len(found) == 1:
            commune = FRANCE.commune(next(iter(found)))
            assert commune is not None
            return commune
        if found:
            names = ", ".join(sorted(f"{found[code]} ({code})" for code in found))
            raise Unfit(f"{text[:80]}: several communes of {departement} may be meant: {names}")
    raise Unfit(f"{text[:80]}: no commune of {departement} is named in it")


def _named(words: list[str], among: Names) -> dict[str, str]:
    """Communes and the names they are called by, longest names first; no word counts twice."""
    free, found = [True] * len(words), dict[str, str]()
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            name, span = " ".join(words[start : start + length]), slice(start, start + length)
            if name in among and name not in NOT_NAMES and all(free[span]):
                free[span] = [False] * length
                found |= dict.fromkeys(among[name], name)
    return found


@cache
def _names() -> dict[str, tuple[Names, Names]]:
    """By département: communes by their comparable name with and without article, and by its first words."""
    found: dict[str, tuple[Names, Names]] = {}
    for commune in FRANCE.communes():
        name = comparable(commune.name)
        words = without_article(name).split()
        link = next((place for place in range(1, len(words)) if words[place] in LINKS), 0)
        for departement in {commune.departement, FORMER.get(commune.departement, commune.departement)}:
            names, short = found.setdefault(departement, ({}, {}))
            for spelling in {name, without_article(name)}:
                names.setdefault(spelling, set()).add(commune.code)
            if link:
                short.setdefault(" ".join(words[:link]), set()).add(commune.code)
    return found
