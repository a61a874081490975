"""Anybody can check a decision from what is public; whatever was changed is found, and named."""

import json
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from builders import CASE, MONDAY
from matching_builders import (
    ANY,
    DRAW,
    PUBLISHED,
    at,
    at_partner,
    decided,
    index_of,
    named,
    offer,
    partner,
    remote,
    room,
)
from relais_routing.matching.consistency import strange
from relais_routing.matching.record import record
from relais_routing.matching.seal import canonical, digest, sealed
from relais_routing.matching.verify import OtherRules, verify, wrong

INDEX = index_of(
    *(offer(name) for name in "abcdefgh"), remote("r"),
    offer("p", partner="q"), offer("full"), room("full", state="full"), offer("far", at=at("71014")),
)  # fmt: skip


def recorded(**given: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(sealed(record(decided(INDEX, **given)), "1"))
    return made


def received(stored: dict[str, Any]) -> dict[str, Any]:
    """The event that goes with a record, as an operator gets it."""
    data = {
        "step": stored["request"]["step"],
        "offer": stored["chosen"],
        "reason": stored["unmet"],
        "commitment": {"day": stored["day"], "hash": stored["commitment"]},
        "record": digest(canonical(stored)),
    }
    return {"subject": CASE, "data": data}


def named_wrong(stored: dict[str, Any], published: Any = PUBLISHED, event: Any = None) -> list[str]:
    """The names of the checks that fail."""
    return [check.name for check in verify(stored, published, event) if check.holds is False]


@pytest.mark.parametrize("given", [
    {}, {"options": (named("a"), at_partner("q"), ANY)}, {"need": "sante--addictions"}, {"remote": "preferred"},
    {"excluded": ("a.offer",)}, {"options": (named("far"),), "reach_minutes": 5},
])  # fmt: skip
def test_an_honest_decision_holds_in_every_check(given: dict[str, Any]) -> None:
    stored = recorded(**given)
    assert {check.holds for check in verify(stored, PUBLISHED, received(stored))} == {True}


def test_a_changed_secret_is_found() -> None:
    checks = verify(recorded(), PUBLISHED._replace(secret=bytes(32)))
    assert "the secret is not the one committed to" in wrong(checks)


def test_a_commitment_other_than_the_published_one_is_found() -> None:
    stored = recorded()
    assert wrong(verify(stored | {"commitment": "0" * 64}, PUBLISHED)) == [
        "the record names another commitment than the one published for 2026-03-02"
    ]
    assert named_wrong(stored | {"day": "2026-03-01"}) == ["commitment"]


def test_a_decision_made_before_its_commitment_is_found() -> None:
    late = PUBLISHED._replace(committed_at=MONDAY + timedelta(seconds=1))
    assert wrong(verify(recorded(), late)) == [
        "decided on 2026-03-02 09:00:00+00:00, before its draw was committed on 2026-03-02 09:00:01+00:00"
    ]
    assert named_wrong(recorded(), PUBLISHED._replace(committed_at=MONDAY)) == []


def test_candidates_in_another_order_are_found() -> None:
    stored = recorded()
    stored["candidates"][0], stored["candidates"][1] = stored["candidates"][1], stored["candidates"][0]
    assert named_wrong(stored) == ["order", "chosen"]
    stored["chosen"] = stored["candidates"][0]["offer"]
    assert wrong(verify(stored, PUBLISHED)) == ["the candidates are not in the order of the draw"]


@pytest.mark.parametrize("change", [{"free": 10_000}, {"band": "15-30", "minutes": 20}, {"room": "waiting-list"}])
def test_a_candidate_made_better_or_worse_is_found(change: dict[str, Any]) -> None:
    stored = recorded()
    stored["candidates"][2 if "band" in change or "room" in change else -2].update(change)
    assert named_wrong(stored) == ["order"]


def test_a_candidate_exchanged_for_another_is_found_by_the_seal() -> None:
    stored = recorded()
    event = received(stored)
    gone = deepcopy(stored)
    del gone["candidates"][-1]
    assert wrong(verify(gone, PUBLISHED, event)) == ["the record is not the one that the event seals"]
    assert wrong(verify(gone, PUBLISHED)) == []


@pytest.mark.parametrize(("field", "value"), [("step", "another"), ("offer", "b.other"), ("record", "0" * 64)])
def test_an_event_of_another_choice_is_found(field: str, value: str) -> None:
    stored = recorded()
    event = received(stored)
    event["data"][field] = value
    assert named_wrong(stored, event=event) == ["seal" if field == "record" else "event"]


def test_the_event_of_an_unmet_step_is_checked_too() -> None:
    stored = recorded(need="sante--addictions")
    data = {"step": "digital", "reason": "no-offer", "record": digest(canonical(stored))}
    assert named_wrong(stored, event={"subject": CASE, "data": data}) == []
    assert wrong(verify(stored, PUBLISHED, {"subject": CASE, "data": data | {"reason": "no-capacity"}})) == [
        "event and record differ: reason"
    ]


def test_a_chosen_one_that_is_not_the_first_is_found() -> None:
    assert named_wrong(recorded() | {"chosen": "nobody"}) == ["chosen"]
    assert wrong(verify(recorded() | {"unmet": "no-offer"}, PUBLISHED)) == [
        "the record says both that somebody was chosen and that nobody could be"
    ]


def test_what_was_not_given_is_not_believed_to_hold() -> None:
    unknown = [
        check.name
        for check in verify(recorded(), PUBLISHED._replace(committed_at=None, secret=None))
        if check.holds is None
    ]
    assert unknown == ["time", "secret", "order", "seal"]
    event = received(recorded())
    event["data"]["record"] = None
    assert [check.name for check in verify(recorded(), PUBLISHED, event) if check.holds is None] == ["seal"]


def test_a_record_made_by_rules_of_another_version_is_not_judged() -> None:
    with pytest.raises(OtherRules, match="rules 0"):
        verify(recorded() | {"rules": "0"}, PUBLISHED)


@pytest.mark.parametrize(("change", "said"), [
    ({"option": 3}, "a.offer answers an option that the person does not have"),
    ({"option": 1}, "a.offer is not the offer that the person named"),
    ({"option": 2}, "a.offer is not of the partner that the person named"),
    ({"marks": ["own-group"]}, "a.offer is of the operator's own group, and nobody named it"),
    ({"minutes": 20}, "a.offer is 20 minutes away, which is not 0-15"),
    ({"room": "full"}, "a.offer has no room"),
])  # fmt: skip
def test_a_candidate_that_cannot_be_is_found(change: dict[str, Any], said: str) -> None:
    stored = recorded(options=(ANY, named("b"), at_partner("q")))
    next(each for each in stored["candidates"] if each["offer"] == "a.offer").update(change)
    assert list(strange(stored)) == [said]
    assert "candidates" in named_wrong(stored)


def test_a_candidate_tried_before_twice_or_set_aside_too_is_found() -> None:
    stored = recorded()
    stored["request"]["excluded"] = ["a.offer"]
    assert list(strange(stored)) == ["a.offer was tried before"]
    stored = recorded()
    stored["candidates"].append(stored["candidates"][-1])
    stored["aside"].append({"offer": "a.offer"})
    assert list(strange(stored)) == ["r.offer stands in the order twice", "a.offer is a candidate and set aside"]


def test_the_way_that_a_choice_by_name_goes_beyond_is_no_fault() -> None:
    index = index_of(offer("far", at=at("71014")), partner("far", group="g"))
    stored = record(decided(index, options=(named("far"),), operator_group="g", reach_minutes=9))
    assert stored["candidates"][0]["marks"] == ["own-group", "beyond-reach"]
    assert list(strange(stored)) == []


def test_of_more_than_twenty_equals_every_lot_is_drawn_again() -> None:
    stored = record(decided(index_of(*(offer(f"n{number:03}") for number in range(120)))))
    assert wrong(verify(stored, PUBLISHED)) == []
    assert "(120 candidates)" in next(each.says for each in verify(stored, PUBLISHED) if each.name == "order")
    equals = stored["equals"]
    equals[3], equals[4] = equals[4], equals[3]
    assert named_wrong(stored) == ["order"]
    equals[3], equals[4] = equals[4], {**equals[3], "offer": stored["candidates"][7]["offer"]}
    assert f"{stored['candidates'][7]['offer']} stands in the order twice" in list(strange(stored))
    stored["candidates"][19].update(band="15-30", minutes=20)
    assert "some stand among the first one's equals, behind others who are not" in list(strange(stored))


def test_the_record_is_written_in_one_way_only() -> None:
    stored = recorded()
    shuffled = json.loads(json.dumps(stored, indent=2), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert canonical(shuffled) == canonical(stored) == sealed(record(decided(INDEX)), "1")
    assert stored["policy"] == "1"
    assert DRAW.secret.hex() not in canonical(stored).decode()


def test_candidates_that_are_counted_only_never_hide_one_of_the_draw() -> None:
    crowd = [*(offer(f"n{number:02}") for number in range(40)), *(remote(f"r{number:02}") for number in range(40))]
    stored = record(decided(index_of(*crowd)))
    assert [(rest["band"], rest["count"]) for rest in stored["more"]] == [("remote", 40)]
    assert list(strange(stored)) == []
    stored["more"][0]["band"] = "0-15"
    assert list(strange(stored)) == ["some who took part in the draw for the first place are counted only"]


def test_a_service_that_two_sources_list_has_one_lot() -> None:
    twice = [
        partner("x--p", name="Envol"), offer("x--p", offer="x--1", partner="x--p", name="Atelier numérique"),
        partner("y--p", name="Envol"), offer("y--p", offer="y--9", partner="y--p", name="Atelier numérique"),
    ]  # fmt: skip
    stored = record(decided(index_of(*twice, *(offer(name) for name in "abcdef"))))
    (listed,) = [each for each in stored["candidates"] if "cluster" in each]
    assert listed["cluster"] == ["x--1", "y--9"]
    assert wrong(verify(stored, PUBLISHED)) == []
    found = []
    for number in range(8):  # under another name, its lot is another
        listed["cluster"] = [f"x--{number}", "y--9"]
        found.append("order" in named_wrong(stored))
    assert found[1] is False
    assert any(found)
