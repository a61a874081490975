"""What each event changes on the board: the pure fold, and the list an item stands in."""

from typing import Any, get_args

from builders import CASE, MONDAY, OPERATOR, OTHER_OPERATOR, TRAINING, a_case, a_handoff, clarified, days, opened
from notifications.board_facts import History, moved
from relais_contracts import handoffs as h
from relais_contracts.actions import Appointment
from relais_contracts.cases import CaseTransferred
from relais_contracts.envelope import Payload
from relais_contracts.transitions import ENDS, State
from relais_notifications.board.projection import Board, step_key
from relais_notifications.board.rows import LIST_OF_STATE, OPEN_LISTS, Item

STEP: dict[str, Any] = {
    "step": "digital",
    "operator": OPERATOR,
    "actor": "training-body",
    "need": TRAINING,
    "commune": "71270",
}


def board(*payloads: Payload) -> Board:
    """The board after these events, a day apart."""
    history, known = History(), Board()
    for number, payload in enumerate(payloads):
        known.apply(history.fact(payload, at=MONDAY + days(number)))
    return known


def first(*payloads: Payload) -> Item:
    """The first hand-off after these events."""
    return board(*payloads).items[a_handoff().handoff]


def test_every_state_but_the_ends_has_a_list() -> None:
    assert {state for state in get_args(State) if state not in ENDS} <= set(LIST_OF_STATE)
    assert not ENDS & set(LIST_OF_STATE)
    assert set(LIST_OF_STATE.values()) | {"escalated"} == set(OPEN_LISTS)


def test_a_proposal_awaits_an_answer() -> None:
    item = first(a_handoff())
    assert (item.list, item.owner, item.next, item.due) == ("awaiting-answer", "partner", "answer", MONDAY + days(7))


def test_no_handoff_leaves_the_board_while_it_is_open() -> None:
    for state in get_args(State):
        item = first(a_handoff(), moved(h.HandoffReminded, state))
        assert (item.list is None) == (state in ENDS), state
        assert (item.ended is None) == (state not in ENDS), state


def test_an_escalated_handoff_is_the_coordinators_until_it_moves() -> None:
    accepted = moved(h.HandoffAccepted, "accepted")
    escalated = moved(h.HandoffEscalated, "accepted", owner="coordinator", next="arbitrate", clock="schedule")
    assert first(a_handoff(), accepted, escalated).list == "escalated"
    noted = moved(h.HandoffReminded, "accepted")
    assert first(a_handoff(), accepted, escalated, noted).list == "escalated"
    appointment = Appointment(at=MONDAY + days(9), place="Mâcon")
    scheduled = moved(h.HandoffScheduled, "scheduled", appointment=appointment)
    assert first(a_handoff(), accepted, escalated, scheduled).list == "to-report"


def test_the_appointment_and_the_request_stay_known() -> None:
    appointment = Appointment(at=MONDAY + days(9), place="Mâcon")
    scheduled = moved(h.HandoffScheduled, "scheduled", appointment=appointment)
    item = first(a_handoff(), moved(h.HandoffAccepted, "accepted"), scheduled, moved(h.HandoffNoShow, "no-show"))
    assert item.list == "no-show"
    assert item.appointment is not None
    assert "Mâcon" in item.appointment


def test_an_answer_is_in_time_until_its_due_date() -> None:
    accepted = moved(h.HandoffAccepted, "accepted")
    assert first(a_handoff(due=MONDAY + days(1)), accepted).in_time is True
    assert first(a_handoff(due=MONDAY), accepted).in_time is False
    assert first(a_handoff(), moved(h.HandoffLapsed, "lapsed")).in_time is False
    asked = {"by": {"role": "operator", "org": OPERATOR}}
    called_back = moved(h.HandoffCancellationRequested, "cancellation-requested", **asked)
    assert first(a_handoff(), called_back).in_time is None


def test_an_unmet_step_stays_until_somebody_is_found() -> None:
    unmet = h.StepUnmet(**STEP, owner="operator", next="match", reason="no-capacity")
    key = step_key(CASE, "digital")
    assert board(unmet).items[key].list == "unmet"
    after = board(unmet, a_handoff())
    assert (after.items[key].list, after.items[key].state) == (None, "pursued")


def test_a_waiting_step_is_the_persons_to_choose() -> None:
    waiting = h.StepWaiting(**STEP, owner="operator", next="choice", waiting_for="choice")
    declined = moved(h.HandoffDeclined, "declined", reason="no-capacity", caused_by="partner")
    after = board(a_handoff(), declined, waiting)
    assert after.items[step_key(CASE, "digital")].list == "person-to-choose"
    assert after.items[a_handoff().handoff].list is None


def test_a_masked_demand_is_one_that_differs_from_the_need() -> None:
    assert board(opened(), clarified()).cases[CASE].masked is True
    same = clarified(stated=(TRAINING,), needs=(TRAINING,))
    assert board(opened(), same).cases[CASE].masked is False
    assert board(opened()).cases[CASE].masked is None


def test_a_case_knows_its_stage_and_interviews() -> None:
    case = board(*a_case()).cases[CASE]
    assert (case.stage, case.interviews, case.operator) == ("strategy", 1, OPERATOR)


def test_a_transferred_case_keeps_its_new_operator_though_routing_says_the_old_one() -> None:
    transferred = CaseTransferred(operator=OPERATOR, to=OTHER_OPERATOR)
    after = board(*a_case(), transferred, a_handoff())
    assert after.items[a_handoff().handoff].operator == OTHER_OPERATOR
