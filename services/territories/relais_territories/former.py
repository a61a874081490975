"""Départements and régions as they were numbered before, in the départements of today.

Directories still carry these codes. Communes merged or renumbered stand in the table itself, not here.
"""

from collections.abc import Iterable
from typing import Final


def _in(*departements: str) -> tuple[str, ...]:
    return tuple(f"departement:{code}" for code in departements)


FORMER: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "departement:20": ("Corse", _in("2A", "2B")),
    "region:21": ("Champagne-Ardenne", _in("08", "10", "51", "52")),
    "region:22": ("Picardie", _in("02", "60", "80")),
    "region:23": ("Haute-Normandie", _in("27", "76")),
    "region:25": ("Basse-Normandie", _in("14", "50", "61")),
    "region:26": ("Bourgogne", _in("21", "58", "71", "89")),
    "region:31": ("Nord-Pas-de-Calais", _in("59", "62")),
    "region:41": ("Lorraine", _in("54", "55", "57", "88")),
    "region:42": ("Alsace", _in("67", "68")),
    "region:43": ("Franche-Comté", _in("25", "39", "70", "90")),
    "region:54": ("Poitou-Charentes", _in("16", "17", "79", "86")),
    "region:72": ("Aquitaine", _in("24", "33", "40", "47", "64")),
    "region:73": ("Midi-Pyrénées", _in("09", "12", "31", "32", "46", "65", "81", "82")),
    "region:74": ("Limousin", _in("19", "23", "87")),
    "region:82": ("Rhône-Alpes", _in("01", "07", "26", "38", "42", "69", "73", "74")),
    "region:83": ("Auvergne", _in("03", "15", "43", "63")),
    "region:91": ("Languedoc-Roussillon", _in("11", "30", "34", "48", "66")),
}
"""By code before 1976 (Corsica) and before 2016 (régions): name and départements; INSEE."""


def todays(territories: Iterable[str]) -> frozenset[str]:
    """The same territories in codes of today."""
    return frozenset(now for old in territories for now in FORMER.get(old, ("", (old,)))[1])
