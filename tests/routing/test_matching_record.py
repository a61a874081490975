"""The record proves the choice: it is complete, makes the choice again, and betrays what was changed."""

import json
from typing import Any

import pytest

from matching_builders import (
    ANY,
    DRAW,
    PUBLISHED,
    SECRET,
    at,
    at_partner,
    decided,
    index_of,
    named,
    offer,
    partner,
    remote,
    request,
    room,
)
from relais_contracts.directory import Zone
from relais_routing.matching.match import LISTED, match
from relais_routing.matching.record import TOLD, in_order, record, replay
from relais_routing.matching.verify import verify, wrong

INDEX = index_of(
    offer("a"), room("a", number=4), offer("b"), offer("c", audiences=("femmes",)), room("c", state="full"),
    offer("far", at=at("71014")), remote("r"), offer("else", zone=Zone(kind="departement", codes=("59",))), version=12,
)  # fmt: skip


def recorded(**given: Any) -> dict[str, Any]:
    taken = {"a.offer": 1, "elsewhere": 9}
    return record(match(INDEX, request(**given), DRAW, taken))


def test_a_record_holds_all_that_the_choice_used() -> None:
    found = recorded(consent={"recipients": "matching", "data": ["need"], "until": "2026-12-31"})
    assert [(c["offer"], c["band"], c["room"], c["free"]) for c in found["candidates"]] == [
        (found["chosen"], *CANDIDATES[found["chosen"]]),
        *((c, *CANDIDATES[c]) for c in ("b.offer", "a.offer", "r.offer") if c != found["chosen"]),
    ]
    assert {entry["offer"]: entry["verdicts"] for entry in found["aside"]} == {
        "c.offer": ["other-audience", "full"],
        "else.offer": ["out-of-territory"],
        "far.offer": ["too-far"],
    }
    assert (found["directory"], found["day"], found["unmet"]) == (12, "2026-03-02", None)
    assert found["commitment"] == DRAW.commitment
    assert found["taken"] == {"a.offer": 1}
    assert found["request"]["consent"]["until"] == "2026-12-31"
    assert found["request"]["now"] == "2026-03-02T09:00:00+00:00"


CANDIDATES = {
    "a.offer": ("0-15", "open", 3),
    "b.offer": ("0-15", "open", None),
    "r.offer": ("remote", "open", None),
}


def test_a_record_holds_no_secret() -> None:
    assert SECRET.hex() not in json.dumps(recorded())


@pytest.mark.parametrize("given", [
    {}, {"options": (named("far"), ANY), "excluded": ("a.offer",)}, {"need": "sante--addictions"},
    {"remote": "preferred", "audiences": ("femmes",), "operator_group": "g", "rome": ("M1602",)},
    {"options": (named("nobody"),)},
])  # fmt: skip
def test_replay_makes_the_same_record_from_what_was_stored(given: dict[str, Any]) -> None:
    stored = json.loads(json.dumps(recorded(**given)))
    assert replay(stored, INDEX, SECRET) == stored


def test_replay_shows_a_directory_that_was_another() -> None:
    stored = recorded()
    assert replay(stored, index_of(offer("a"), version=12), SECRET) != stored


def test_nobody_chosen_is_recorded_with_its_reason() -> None:
    stored = recorded(need="sante--addictions")
    assert (stored["chosen"], stored["unmet"], stored["candidates"]) == (None, "no-offer", [])


def test_marks_are_kept() -> None:
    index = index_of(offer("far", at=at("71014")), partner("far", group="AFPA"))
    (candidate,) = record(decided(index, options=(named("far"),), operator_group="AFPA"))["candidates"]
    assert candidate["marks"] == ["own-group", "beyond-reach"]


@pytest.mark.parametrize("near", [0, 3])
@pytest.mark.parametrize("others", [LISTED + 1, 3 * LISTED])
def test_beyond_fifty_those_set_aside_are_counted(near: int, others: int) -> None:
    lille = Zone(kind="departement", codes=("59",))
    offers = [offer(f"n{number:03}", zone=lille) for number in range(others)]
    full = [event for n in range(near) for event in (offer(f"full{n}"), room(f"full{n}", state="full"))]
    found = record(decided(index_of(offer("a"), *offers, *full), options=(named("n001"), ANY)))
    assert "aside" not in found
    assert found["aside_counts"] == {**({"full": near} if near else {}), "out-of-territory": others}


def test_the_whole_draw_is_told_and_beyond_twenty_the_others_are_counted() -> None:
    near, far = [offer(f"n{number:02}") for number in range(15)], [offer(f"f{n}", at=at("71014")) for n in range(9)]
    index = index_of(*near, *far, *(room(f"f{n}", state="waiting-list") for n in range(2)))
    decision = decided(index, reach_minutes=600)
    found = record(decision)
    assert len(found["candidates"]) == TOLD
    assert [candidate["offer"][0] for candidate in found["candidates"]] == ["n"] * 15 + ["f"] * 5
    assert found["more"] == [
        {"option": 0, "band": "60+", "room": "open", "count": 2},
        {"option": 0, "band": "60+", "room": "waiting-list", "count": 2},
    ]
    assert len(record(decision, 50)["candidates"]) == 24
    drawn = decided(index_of(*(offer(f"n{number:03}") for number in range(100)), *far))
    found = record(drawn)
    assert (len(found["candidates"]), len(found["equals"])) == (TOLD, 100 - TOLD)
    next_one = drawn.ranking[TOLD].offer
    assert found["equals"][0] == {"offer": next_one.offer, "partner": next_one.partner, "free": None}
    assert [each["offer"] for each in in_order(found)] == [each.offer.offer for each in drawn.ranking[: drawn.equals]]
    assert {(each["option"], each["band"], each["room"]) for each in in_order(found)} == {(0, "0-15", "open")}


def test_equals_beyond_twenty_keep_their_cluster_and_that_they_are_like_one_tried() -> None:
    twins = [
        event for source in "xyz" for event in (
            partner(f"{source}--p", name="Envol"),
            *(offer(f"{source}--p", offer=f"{source}--{n:02}", partner=f"{source}--p", name=f"Atelier {n}", at=None)
              for n in range(60)),
        )
    ]  # fmt: skip
    index = index_of(*twins)
    found = record(decided(index, excluded=tuple(f"z--{n:02}" for n in range(60))))
    assert (len(found["candidates"]), len(found["equals"])) == (20, 40)
    assert all(each["marks"] == ["like-one-tried"] and len(each["cluster"]) == 3 for each in in_order(found))
    assert wrong(verify(found, PUBLISHED)) == []


def test_many_of_the_territory_are_counted_by_their_first_verdict() -> None:
    events = [event for n in range(60) for event in (offer(f"f{n:02}"), room(f"f{n:02}", state="full"))]
    assert record(decided(index_of(*events)))["aside_counts"] == {"full": 60}


def test_many_of_a_partner_that_was_named_are_counted_too() -> None:
    events = [
        event for n in range(LISTED + 1)
        for event in (offer("a", offer=f"a.o{n:02}"), room("a", offer=f"a.o{n:02}", state="full"))
    ]  # fmt: skip
    assert record(decided(index_of(*events), options=(at_partner("a"),)))["aside_counts"] == {"full": LISTED + 1}
