"""How far from its expectation an honest draw may stray: the confidence band of every row that is looked at.

Counts come in, bounds go out. Pure; knows neither partners nor decisions.

Each decision moves `received - expected` by at most one, by nought on average, whatever came before. So for a stake s
the product of exp(s * move - (e^s - 1 - s) * variance) is a bet that nobody can expect to win (Freedman 1975), and a
fortune that starts at 1 ever reaches N with probability 1/N at most (Ville 1939), however often one looks. A handful
of stakes share the odds; the lowest line that a single one of them allows is the band.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]

ALPHA: Final = 0.001
"""The probability that honest draws put any of the rows outside its band, ever since the period's first decision."""

STAKES: Final[Reals] = np.array([2.0**power for power in range(-9, 4)])
"""From what suits ten million draws to what suits one; between two of them 6 % of the width is lost at most."""

_COSTS: Final[Reals] = np.expm1(STAKES) - STAKES


class Bands(NamedTuple):
    """The least and the most that an honest draw gives, row by row."""

    least: Reals
    most: Reals


def stray(variance: Reals, alpha: float) -> Reals:
    """How far beyond its expectation a count may go, to one side, with probability 1 - alpha, whenever one looks."""
    lines: Reals = (np.log(len(STAKES) / alpha) + np.multiply.outer(variance, _COSTS)) / STAKES
    bounds: Reals = lines.min(axis=-1)
    return bounds


def bands(decisions: Reals, expected: Reals, variance: Reals, alpha: float = ALPHA) -> Bands:
    """The bands of rows looked at together: none of them is left, to either side, with probability 1 - alpha."""
    away = stray(variance, alpha / (2 * max(1, len(expected))))
    return Bands(np.maximum(0.0, expected - away), np.minimum(decisions, expected + away))


def most(expected: Reals, variance: Reals, alpha: float = ALPHA) -> Reals:
    """The upper ends alone: none is passed with probability 1 - alpha."""
    return expected + stray(variance, alpha / max(1, len(expected)))
