"""Whoever may choose the case id gains nothing by trying: what can be seen beforehand says nothing about the draw.

The operator of this test tries ten thousand ids with all it can know: the commitment of the day, every secret that is
already out, and the order in which the options question shows equals.
"""

import math
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from matching_builders import ANY, decided, index_of, offer, request
from relais_routing.matching.draw import Draw
from relais_routing.matching.match import match

TRIES = 10_000
NAMES = ("a", "b", "c", "d", "e")
FAVOURITE = "c.offer"
INDEX = index_of(*(offer(name) for name in NAMES))
TODAY = Draw(date(2026, 3, 2), bytes(range(100, 132)))
PAST = [Draw(TODAY.day - timedelta(days=days), bytes([days]) * 32) for days in range(1, 31)]
CASES = [str(UUID(int=number * 2_654_435_761 % 2**128, version=4)) for number in range(1, TRIES + 1)]


def winner(case: str, draw: Draw) -> str:
    """Whom the real choice proposes."""
    chosen = match(INDEX, request(case=case), draw).chosen
    assert chosen
    return chosen.offer.offer


def is_fair(won: int, of: int) -> bool:
    """Within four and a half standard deviations of one in five; one honest draw in 150,000 falls outside."""
    share = 1 / len(NAMES)
    return abs(won - of * share) < 4.5 * math.sqrt(of * share * (1 - share))


WON = {case: winner(case, TODAY) == FAVOURITE for case in CASES}


def test_ids_taken_as_they_come_give_the_favourite_its_share() -> None:
    assert is_fair(sum(WON.values()), TRIES)


@pytest.mark.parametrize("draw", [
    PAST[0], PAST[6], PAST[29], Draw(TODAY.day, bytes.fromhex(TODAY.commitment)), Draw(TODAY.day, b""),
], ids=["yesterday", "a week ago", "a month ago", "the commitment as a secret", "no secret"])  # fmt: skip
def test_ids_picked_because_another_draw_favours_them_gain_nothing(draw: Draw) -> None:
    picked = [case for case in CASES if winner(case, draw) == FAVOURITE]
    assert len(picked) > TRIES / len(NAMES) / 2
    assert is_fair(sum(WON[case] for case in picked), len(picked))


def test_ids_that_won_on_many_days_before_gain_nothing() -> None:
    luck = sorted(CASES[:2_000], key=lambda case: -sum(winner(case, draw) == FAVOURITE for draw in PAST))
    best = luck[:400]
    assert is_fair(sum(WON[case] for case in best), len(best))


def test_the_commitment_differs_with_every_secret_and_so_does_the_winner() -> None:
    secrets = [Draw(TODAY.day, number.to_bytes(32)) for number in range(2_000)]
    assert len({draw.commitment for draw in secrets}) == len(secrets)
    assert is_fair(sum(winner(CASES[0], draw) == FAVOURITE for draw in secrets), len(secrets))


def test_the_order_of_the_options_says_nothing_about_the_draw() -> None:
    """The rank of the favourite among the options, drawn by chance each time, against its rank in the draw."""
    chance = [Draw(TODAY.day, bytes([7]) * 24 + number.to_bytes(8)) for number in range(2_000)]
    pairs = [
        (_rank(CASES[number], TODAY), _rank(str(UUID(int=number, version=4)), draw))
        for number, draw in enumerate(chance)
    ]
    assert abs(_correlation(pairs)) < 4.5 / math.sqrt(len(pairs))


def _rank(case: str, draw: Draw) -> int:
    ranking: Any = match(INDEX, request(case=case, options=(ANY,)), draw).ranking
    return [candidate.offer.offer for candidate in ranking].index(FAVOURITE)


def _correlation(pairs: list[tuple[int, int]]) -> float:
    xs, ys = [x for x, _ in pairs], [y for _, y in pairs]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = math.sqrt(sum((x - mean_x) ** 2 for x in xs) * sum((y - mean_y) ** 2 for y in ys))
    return sum((x - mean_x) * (y - mean_y) for x, y in pairs) / spread


def test_all_five_are_equals() -> None:
    assert decided(INDEX).equals == len(NAMES)
