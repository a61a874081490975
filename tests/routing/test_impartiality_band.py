"""The band: wide enough that honest draws stay within, ever; narrow enough that a bias of a few per cent leaves it."""

from math import exp, lgamma, log, log1p

import numpy as np
import pytest

from relais_routing.impartiality.band import ALPHA, STAKES, Reals, bands, most, stray


def binomial_tails(number: int, chance: float, least: float, most: float) -> tuple[float, float]:
    """The exact probabilities of fewer than `least` and of more than `most` successes."""

    def of(count: int) -> float:
        ways = lgamma(number + 1) - lgamma(count + 1) - lgamma(number - count + 1)
        return exp(ways + count * log(chance) + (number - count) * log1p(-chance))

    below = sum(of(count) for count in range(number + 1) if count < least)
    return below, sum(of(count) for count in range(number + 1) if count > most)


def bennett(variance: Reals, alpha: float) -> Reals:
    """The best bound for one look at independent draws that knows variance and largest move alone."""
    fine = np.exp(np.linspace(log(STAKES[0]), log(STAKES[-1]), 500))
    bounds: Reals = ((log(1 / alpha) + np.multiply.outer(variance, np.expm1(fine) - fine)) / fine).min(axis=-1)
    return bounds


def one(number: int, chance: float, alpha: float) -> tuple[float, float]:
    expected = np.array([number * chance])
    found = bands(np.array([float(number)]), expected, expected * (1 - chance), alpha)
    return float(found.least[0]), float(found.most[0])


@pytest.mark.parametrize("alpha", [0.05, 0.001, 1e-6])
@pytest.mark.parametrize("chance", [0.001, 0.02, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("number", [1, 7, 100, 3000])
def test_it_holds_what_the_exact_binomial_says_it_must(number: int, chance: float, alpha: float) -> None:
    below, above = binomial_tails(number, chance, *one(number, chance, alpha))
    assert below <= alpha / 2
    assert above <= alpha / 2


ALPHA_HERE, HISTORIES, DRAWS = 0.05, 2000, 2000


def strayed(chance: float) -> tuple[Reals, Reals]:
    """How far each history is from its expectation after every draw, and the variance until then."""
    received = np.random.default_rng(5).random((HISTORIES, DRAWS)) < chance
    after = np.arange(1.0, DRAWS + 1)
    return np.abs(np.cumsum(received, axis=1) - after * chance), after * (chance * (1 - chance))


@pytest.mark.parametrize("chance", [0.02, 0.2, 0.5])
def test_it_holds_whenever_one_looks(chance: float) -> None:
    away, variance = strayed(chance)
    assert (away > stray(variance, ALPHA_HERE / 2)).any(axis=1).mean() <= ALPHA_HERE


@pytest.mark.parametrize("chance", [0.2, 0.5])
def test_a_band_for_one_look_would_not(chance: float) -> None:
    away, variance = strayed(chance)
    assert (away > bennett(variance, ALPHA_HERE / 2)).any(axis=1).mean() > ALPHA_HERE


def test_it_holds_when_what_was_drawn_changes_the_odds_of_the_next() -> None:
    """Places that fill up and partners tried before make every draw depend on those before it."""
    random, alpha, left = np.random.default_rng(6), 0.05, 0
    for _ in range(1500):
        chance, away, variance, beyond = 0.5, 0.0, 0.0, False
        for _ in range(150):
            drawn = random.random() < chance
            away += drawn - chance
            variance += chance * (1 - chance)
            beyond |= bool(away > stray(np.array([variance]), alpha)[0])
            chance = min(0.95, max(0.05, chance + (0.2 if drawn else -0.2)))
        left += beyond
    assert left / 1500 <= alpha


def test_it_is_not_much_wider_than_it_must_be() -> None:
    """Looking whenever one likes costs less than three tenths of the width."""
    alpha = ALPHA / 200  # a hundred rows, both sides
    for variance in (0.5, 10.0, 1e3, 1e5, 2e6):
        one_look = bennett(np.array([variance]), alpha)
        assert 1 < (stray(np.array([variance]), alpha) / one_look)[0] < 1.3


def test_a_few_per_cent_more_than_ones_share_leave_it() -> None:
    for number, bias in ((6000, 0.03), (2500, 0.05), (700, 0.1)):
        away = stray(np.array([number * 0.2 * 0.8]), ALPHA / (2 * 30))
        assert number * bias > away[0]


def test_more_rows_looked_at_give_each_a_wider_band() -> None:
    alone, _ = most(np.array([10.0]), np.array([8.0])), None
    among = most(np.array([10.0] * 50), np.array([8.0] * 50))
    assert (among > alone).all()


def test_nobody_can_receive_less_than_nothing_or_more_than_all() -> None:
    assert one(3, 0.5, ALPHA) == (0.0, 3.0)


def test_no_rows_have_no_bands() -> None:
    assert len(bands(np.empty(0), np.empty(0), np.empty(0)).most) == 0
