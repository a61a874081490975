"""Distances as the crow flies, in whole metres, by integers alone: the same on every machine, for ever.

Reach is estimated from them. The earth is a sphere and locally flat here: at 200 km the error is below one per cent.
"""

import math

COSINES = tuple(round(math.cos(math.radians(tenth / 10)) * 1_000_000) for tenth in range(901))
"""Cosine by tenth of a degree, in millionths."""

METRE = 1112
"""Thousandths of a metre in a hundred-thousandth of a degree of latitude (40,008 km around)."""


def metres(latitude: int, longitude: int, other_latitude: int, other_longitude: int) -> int:
    """Metres between two points given in hundred-thousandths of a degree."""
    north = (other_latitude - latitude) * METRE // 1000
    middle = abs(latitude + other_latitude) // 20_000
    east = (other_longitude - longitude) * METRE * COSINES[middle] // 1_000_000_000
    return math.isqrt(north * north + east * east)
