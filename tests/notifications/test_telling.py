"""Who is told of what, as sentences."""

from typing import Any

from builders import (
    CASE,
    MACON,
    MONDAY,
    OPERATOR,
    OTHER_CASE,
    OTHER_OPERATOR,
    OTHER_PARTNER,
    PARTNER,
    a_handoff,
    handoff,
    opened,
)
from relais_contracts.audience import AUDIENCE
from relais_contracts.cases import CaseContactDisclosed, CaseErased, CaseTransferred
from relais_contracts.catalogue import dump
from relais_contracts.demand import DemandPlacesRequested
from relais_contracts.envelope import CloudEvent, Payload
from relais_contracts.handoffs import (
    ChainDone,
    HandoffHandedOn,
    HandoffNoted,
    HandoffProposed,
    HandoffReminded,
    StepDone,
)
from relais_contracts.impartiality import ImpartialityAlarmRaised
from relais_notifications.heard import Heard
from relais_notifications.telling import Known, Notice, tell

TRANSFER = CaseTransferred(operator=OPERATOR, to=OTHER_OPERATOR)


def heard(payload: Payload, case: str = CASE) -> Heard:
    return Heard(CloudEvent("chain/x/1", "/relais/routing", payload.TYPE, dump(payload), subject=case), payload)


def told(*payloads: Payload, known: Known | None = None) -> list[tuple[str | None, str | None, str | None]]:
    notices = tell(known or Known(), [heard(payload) for payload in payloads])
    return [(notice.partner, notice.operator, notice.commune) for notice in notices]


def test_a_hand_off_is_told_to_both_ends_and_to_the_coordinators_of_the_commune() -> None:
    assert told(a_handoff()) == [(PARTNER, OPERATOR, MACON)]


def test_reminders_and_notes_are_for_the_two_ends() -> None:
    assert told(a_handoff(HandoffReminded), a_handoff(HandoffNoted)) == [(PARTNER, OPERATOR, None)] * 2


def test_steps_and_chains_are_for_our_side() -> None:
    step = {"step": "digital", "operator": OPERATOR, "actor": "training-body", "need": a_handoff().need}
    done = StepDone(**step, commune=MACON, owner="nobody")
    assert told(done, ChainDone(operator=OPERATOR, commune=MACON, steps=1)) == [(None, OPERATOR, MACON)] * 2


def test_an_alarm_is_for_the_operator_and_the_coordinators_of_where_it_is() -> None:
    counts: dict[str, Any] = {"decisions": 240, "received": 96, "expected": 41.5, "most": 63.2}
    alarm = ImpartialityAlarmRaised(operator=OPERATOR, group="greta", commune=MACON, since=MONDAY, **counts)
    assert told(alarm) == [(None, OPERATOR, MACON)]


def test_demand_for_an_offer_is_for_its_partner_and_the_coordinators_where_it_is_given() -> None:
    asked = DemandPlacesRequested(
        offer="o",
        partner=PARTNER,
        actor="training-body",
        needs=(a_handoff().need,),
        commune=MACON,
        people=3,
        since=MONDAY,
    )
    assert told(asked) == [(PARTNER, None, MACON)]


def test_what_an_operator_says_itself_is_not_told_to_it() -> None:
    assert told(opened()) == []


def test_every_type_that_is_told_has_somebody_to_tell() -> None:
    for type, recipients in AUDIENCE.items():
        assert recipients or type.split(".")[2] in ("case", "action", "partner", "offer", "places", "closure", "draw")


def test_a_transfer_is_told_to_the_new_operator_and_to_the_old_one() -> None:
    assert told(TRANSFER) == [(None, OTHER_OPERATOR, None), (None, OPERATOR, None)]


def test_after_a_transfer_the_news_follow_at_once_though_routing_still_names_the_old_operator() -> None:
    assert told(TRANSFER, a_handoff())[-1] == (PARTNER, OTHER_OPERATOR, MACON)


def test_news_that_name_a_new_operator_before_the_transfer_was_read_are_right() -> None:
    assert told(a_handoff(operator=OTHER_OPERATOR), TRANSFER)[0] == (PARTNER, OTHER_OPERATOR, MACON)


def test_a_case_may_come_back() -> None:
    back = CaseTransferred(operator=OTHER_OPERATOR, to=OPERATOR)
    assert (
        told(TRANSFER, back, a_handoff(), a_handoff(operator=OTHER_OPERATOR))[-2:] == [(PARTNER, OPERATOR, MACON)] * 2
    )


def test_a_transfer_concerns_its_own_case_only() -> None:
    notices = tell(Known(), [heard(TRANSFER), heard(a_handoff(case=OTHER_CASE), OTHER_CASE)])
    assert notices[-1].operator == OPERATOR


def test_an_erasure_is_told_to_the_partners_that_read_the_contact() -> None:
    erased = CaseErased(operator=OPERATOR, reason="asked by the person")
    assert told(erased) == []
    read = [
        CaseContactDisclosed(operator=OPERATOR, handoff=handoff(), partner=partner, data=("identity",))
        for partner in (PARTNER, OTHER_PARTNER, PARTNER)
    ]
    assert told(*read, erased) == [(OTHER_PARTNER, None, None), (PARTNER, None, None)]


def test_who_hands_on_sees_what_becomes_of_it() -> None:
    handed_on = a_handoff(HandoffHandedOn, onward="digital-onward", state="accepted")
    onward = a_handoff(HandoffProposed, step="digital-onward", partner=OTHER_PARTNER, parent=handoff())
    assert told(handed_on, onward)[1:] == [(OTHER_PARTNER, OPERATOR, MACON), (PARTNER, None, None)]


def test_handing_on_to_oneself_is_told_once() -> None:
    handed_on = a_handoff(HandoffHandedOn, onward="digital-onward", state="accepted")
    onward = a_handoff(HandoffProposed, step="digital-onward", parent=handoff())
    assert told(handed_on, onward)[1:] == [(PARTNER, OPERATOR, MACON)]


def test_a_notice_keeps_the_event_as_it_came() -> None:
    event = heard(a_handoff())
    assert tell(Known(), [event]) == [Notice(event.event, CASE, PARTNER, OPERATOR, MACON)]
