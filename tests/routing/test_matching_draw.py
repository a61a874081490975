"""The draw: committed, fair in proportion, the same everywhere, and beyond anybody's reach."""

import hashlib
import hmac
import math
import shutil
import subprocess
from collections import Counter
from datetime import date

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matching_builders import DRAW, SECRET, decided, index_of, offer, ranking, room
from relais_routing.matching.draw import LOG2, Draw, _distance, commitment, distances, labels
from relais_routing.matching.room import MOST

NEED = "need"


def winners(weights: dict[str, int], cases: int) -> Counter[str]:
    """Who wins in so many cases; the secret is fixed, so the count is too."""
    won: Counter[str] = Counter()
    for case in range(cases):
        lot = DRAW.lots(f"case-{case}", "actor", NEED)
        won[min(weights, key=lambda offer: lot(offer, weights[offer]))] += 1
    return won


def chi_square(observed: Counter[str], weights: dict[str, int]) -> float:
    total, all_weights = sum(observed.values()), sum(weights.values())
    expected = {name: total * weight / all_weights for name, weight in weights.items()}
    return sum((observed[name] - expected[name]) ** 2 / expected[name] for name in weights)


def test_the_commitment_binds_and_gives_nothing_away() -> None:
    assert DRAW.commitment == commitment(SECRET)
    assert commitment(SECRET) == "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"
    assert commitment(bytes(32)) != commitment(SECRET)


def test_lots_are_the_same_on_every_machine() -> None:
    lot = DRAW.lots("3f8e2f60-5a3c-4b0a-9d2e-6f1f0c9b7a11", "training-body", NEED)
    number, digest = lot("greta-71.bureautique", 1)
    assert (number, digest[:8].hex()) == (5_864_866_745_155_584, "f1f5115e97fc4107")
    assert lot("greta-71.bureautique", 8)[0] == number // 8


def test_the_logarithm_is_right_to_a_millionth() -> None:
    assert len(LOG2) == 2049
    for step in range(2049):
        assert abs(LOG2[step] / 2**32 - math.log2(1 + step / 2048)) < 1e-6


@given(st.lists(st.integers(0, 2**64 - 2), min_size=1))
@example([0, 1, 2, 2**52 - 1, 2**53 - 2, 2**53, 2**63 - 2, 2**63 - 1, 2**64 - 2])
def test_many_distances_are_those_of_one_by_one(heads: list[int]) -> None:
    assert distances(np.array(heads, np.uint64)).tolist() == [_distance(head + 1) for head in heads]


@given(st.lists(st.tuples(st.text(max_size=9), st.integers(1, MOST)), min_size=1, unique_by=lambda each: each[0]))
def test_many_lots_are_those_of_one_by_one(offers: list[tuple[str, int]]) -> None:
    lot = DRAW.lots("case", "actor", NEED)
    lots = [lot(offer, weight) for offer, weight in offers]
    drawn, weights = lot.many(labels([offer for offer, _ in offers])), np.array([weight for _, weight in offers])
    assert [drawn.lot(number, weight) for number, (_, weight) in enumerate(offers)] == lots
    assert drawn.order(weights) == sorted(range(len(lots)), key=lots.__getitem__)
    assert min(range(len(lots)), key=lots.__getitem__) in drawn.smallest(weights)


def test_whose_lots_are_equal_is_told_apart_by_a_second_draw() -> None:
    lot = DRAW.lots("case", "actor", NEED)
    service, listings, weights = lot.many(labels("aab")), lot.many(labels("xyb")), np.array([3, 3, 1])
    lots = [(service.lot(each, weight), listings.lot(each, weight)) for each, weight in enumerate((3, 3, 1))]
    expected = sorted(range(3), key=lots.__getitem__)
    assert service.order(weights, listings) == expected
    assert expected.index(0) - expected.index(1) in (1, -1)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs OpenSSL's command line")
def test_anybody_can_draw_again_with_a_cipher_of_their_own() -> None:
    """The same by OpenSSL's command line: the key from the secret, the cipher over the first half of the digest."""
    key = hmac.digest(SECRET, f"case\nactor\n{NEED}".encode(), "sha256").hex()
    command = ["openssl", "enc", "-aes-256-ecb", "-K", key, "-nopad"]
    found = subprocess.run(command, input=hashlib.sha256(b"an offer").digest()[:16], capture_output=True, check=True)
    assert DRAW.lots("case", "actor", NEED)("an offer", 1)[1] == found.stdout


def test_equal_offers_win_equally_often() -> None:
    weights = dict.fromkeys("abcdefgh", 1)
    # 7 degrees of freedom: above 24.3 in one of a thousand fair draws; the outcome is fixed by the secret
    assert chi_square(winners(weights, 100_000), weights) < 24.3


def test_free_places_are_tickets() -> None:
    weights = {"a": 1, "b": 2, "c": 5, "d": 20, "e": 100}
    # 4 degrees of freedom: above 18.5 in one of a thousand fair draws
    assert chi_square(winners(weights, 100_000), weights) < 18.5


def test_removing_a_loser_changes_no_winner() -> None:
    for case in range(500):
        lot = DRAW.lots(f"case-{case}", "actor", NEED)
        order = sorted("abcdef", key=lambda offer: lot(offer, 1))
        assert min("abcdef".replace(order[-1], ""), key=lambda offer: lot(offer, 1)) == order[0]
        assert min("abcdef".replace(order[0], ""), key=lambda offer: lot(offer, 1)) == order[1]


def test_without_the_secret_trying_cases_tells_nothing() -> None:
    """An operator that picks, of 10,000 case ids, those that suit one day wins no more than its share the next."""
    today, tomorrow = Draw(date(2026, 3, 2), SECRET), Draw(date(2026, 3, 3), bytes(range(1, 33)))

    def wins(draw: Draw, case: str) -> bool:
        lot = draw.lots(case, "actor", NEED)
        return min("abcd", key=lambda offer: lot(offer, 1)) == "a"

    suiting = [case for case in map(str, range(10_000)) if wins(today, case)]
    share = sum(wins(tomorrow, case) for case in suiting) / len(suiting)
    assert 2_300 < len(suiting) < 2_700
    assert 0.22 < share < 0.28


def test_a_partners_own_word_gives_it_no_more_than_twenty_tickets() -> None:
    index = index_of(offer("small"), room("small", number=MOST), offer("large"), room("large", number=100_000))
    first = Counter(ranking(decided(index, case=f"case-{case}"))[0] for case in range(1_000))
    assert 450 < first["large"] < 550


def test_the_ranking_follows_free_places_in_proportion() -> None:
    index = index_of(offer("small"), room("small", number=1), offer("large"), room("large", number=9))
    first = Counter(ranking(decided(index, case=f"case-{case}"))[0] for case in range(1_000))
    assert 870 < first["large"] < 930


def test_another_need_or_actor_is_another_draw() -> None:
    offers = [str(number) for number in range(40)]
    orders = {
        tuple(sorted(offers, key=lambda offer: lot(offer, 1)))
        for lot in (DRAW.lots("c", "a", "n"), DRAW.lots("c", "a", "m"), DRAW.lots("c", "b", "n"))
    }
    assert len(orders) == 3
