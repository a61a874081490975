"""How measurements become rows: medians, ratios of the same round, every variant first once."""

from relais_cli.bench.rounds import rotated
from relais_cli.bench.rows import Side, rows_of
from relais_cli.bench.stopwatch import Taken


def took(*seconds: float) -> list[Taken]:
    return [Taken(messages=100, seconds=each, cpu_seconds=0.01) for each in seconds]


def test_each_round_begins_with_another_variant() -> None:
    assert list(rotated("abc", 4)) == [*"abc", *"bca", *"cab", *"abc"]


def test_a_ratio_compares_figures_of_the_same_round() -> None:
    sides = (Side("bare", "bare"), Side("ours", "ours", ("bare", "other")), Side("other", "other"))
    taken = {"bare": took(1, 10, 2), "ours": took(2, 20, 8), "other": took(2, 20, 8)}
    bare, ours, compared, _ = rows_of(sides, taken)
    assert (bare["value"], bare["low"], bare["high"], bare["unit"]) == (50, 10, 100, "messages/s")
    assert (ours["ratio_to"], ours["ratio"], ours["ratio_low"], ours["ratio_high"]) == ("bare", 0.5, 0.25, 0.5)
    assert (compared["value"], compared["unit"], compared["ratio_to"]) == (1.0, "ratio", "other")
    assert bare["cpu_us"] == 100.0
