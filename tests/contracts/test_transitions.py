"""The table of hand-offs says what DESIGN says, and every state can reach an end."""

from typing import get_args

import pytest

from relais_contracts.catalogue import MODELS
from relais_contracts.envelope import event_type
from relais_contracts.identifiers import decision_id, handoff_id, is_uuid, key_of, stream
from relais_contracts.transitions import AWAITED, ENDS, EVENTS, TABLE, State, allowed, find

STATES = get_args(State)


def test_no_two_lines_disagree() -> None:
    assert len({(line.start, line.actor, line.action) for line in TABLE}) == len(TABLE)


def test_nothing_follows_an_end() -> None:
    assert not [line for line in TABLE if line.start in ENDS]


@pytest.mark.parametrize("state", STATES)
def test_every_state_says_what_is_awaited_and_reaches_an_end(state: State) -> None:
    assert (AWAITED[state].owner == "nobody") is (state in ENDS)
    reached, seen = {state}, set()
    while reached:
        seen |= reached
        reached = {line.end for line in TABLE if line.start in reached} - seen
    assert seen & ENDS


def test_every_action_has_its_event() -> None:
    for line in TABLE:
        assert event_type(*EVENTS[line.action].split(".")) in MODELS


@pytest.mark.parametrize(
    ("state", "actor", "actions"),
    [
        ("proposed", "partner", ("accept", "decline")),
        ("proposed", "operator", ("request-cancellation",)),
        ("proposed", "system", ("lapse", "request-cancellation")),
        (None, "system", ("propose",)),
        ("no-show", "partner", ("decline", "reschedule", "cancel-appointment", "note")),
        ("cancellation-requested", "partner", ("confirm-cancellation", "complete", "note")),
        ("cancellation-requested", "operator", ()),
        ("cancellation-requested", "coordinator", ()),
        ("completed", "partner", ()),
    ],
)
def test_who_may_do_what(state: State | None, actor: str, actions: tuple[str, ...]) -> None:
    assert allowed(state, actor) == actions


def test_a_coordinator_confirms_only_what_is_overdue() -> None:
    assert find("cancellation-requested", "coordinator", "confirm-cancellation") is None
    line = find("cancellation-requested", "coordinator", "confirm-cancellation", overdue=True)
    assert line is not None
    assert line.end == "cancelled"
    assert allowed("cancellation-requested", "coordinator", overdue=True) == ("confirm-cancellation",)


def test_ids_are_derived() -> None:
    case = "3f2a6c1e-8b1d-4a52-9d57-0c6a1f1e7b01"
    assert handoff_id(case, "cv", 1) == handoff_id(case, "cv", 1) != handoff_id(case, "cv", 2)
    assert is_uuid(decision_id(case, "cv", 1))
    assert not is_uuid(case.upper())
    assert key_of(stream("places", "o/2026-01-01")) == "o/2026-01-01"
