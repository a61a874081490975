"""One of INSEE's zonings laid over the communes: the bassins de vie, or the zones d'emploi, of one edition.

`overlay` reads it, `France` looks communes up in it. It keeps codes as INSEE gives them and joins no two editions.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from relais_territories.commune import Commune

BASSIN: Final = "bassin-de-vie"
EMPLOI: Final = "zone-emploi"
EMPLOI_CODE: Final = re.compile(r"[0-9]{4}|[0-9]{2}[A-Z0-9]{2}")
"""What a code of a zone d'emploi looks like, in whatever edition; no commune's does."""


@dataclass(frozen=True)
class Zoning:
    """The area of each commune by code, and the areas' names."""

    areas: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def codes(self) -> frozenset[str]:
        """The areas of this edition."""
        return frozenset(self.areas.values())

    def area_of(self, commune: Commune | None) -> str | None:
        """The area a commune lies in, an arrondissement in its city's; none where the table leaves it out."""
        if commune is None:
            return None
        return self.areas.get(commune.code) or self.areas.get(commune.parent) or None
