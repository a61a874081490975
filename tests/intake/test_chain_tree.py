"""A case's chain as a tree: road map first, attempts in order, what was handed on under its hand-off."""

from typing import Any

import builders as a
from relais_intake.handoffs.tree import HANDOFF_FIELDS, chain


def step(name: str, state: str = "running", parent: str | None = None) -> dict[str, Any]:
    return {"step": name, "state": state, "why": None, "owner": "partner", "next": None, "due": None, "parent": parent}


def handoff(id: str, of: str, attempt: int = 1) -> dict[str, Any]:
    return {**dict.fromkeys(HANDOFF_FIELDS), "id": id, "step": of, "attempt": attempt}


ROAD_MAP = a.strategy(1, a.a_step("second", after=("first",)), a.a_step("first"))


def test_steps_stand_in_the_road_maps_order_also_without_a_handoff() -> None:
    tree = chain(ROAD_MAP, [step("first")], [handoff("h1", "first")])
    assert [(node["step"], node["state"], node["after"]) for node in tree] == [
        ("second", "planned", ["first"]),
        ("first", "running", []),
    ]


def test_attempts_stand_in_their_order() -> None:
    tree = chain(
        ROAD_MAP, [step("first")], [handoff("h2", "first", 2), handoff("h10", "first", 10), handoff("h1", "first")]
    )
    assert [each["handoff"] for each in tree[1]["handoffs"]] == ["h1", "h2", "h10"]


def test_what_was_handed_on_stands_under_its_handoff_and_nowhere_else() -> None:
    told = [step("first"), step("first-on-1", parent="h1"), step("first-on-1-on-1", parent="h9")]
    tree = chain(ROAD_MAP, told, [handoff("h1", "first"), handoff("h9", "first-on-1")])
    assert [node["step"] for node in tree] == ["second", "first"]
    onward = tree[1]["handoffs"][0]["onward"][0]
    assert (onward["step"], onward["handoffs"][0]["handoff"]) == ("first-on-1", "h9")
    assert onward["handoffs"][0]["onward"][0]["step"] == "first-on-1-on-1"


def test_a_step_that_left_the_road_map_stays_in_sight() -> None:
    tree = chain(ROAD_MAP, [step("old", "dropped")], [])
    assert [node["step"] for node in tree] == ["second", "first", "old"]


def test_a_case_without_a_strategy_has_no_chain() -> None:
    assert chain(None, [], []) == []
