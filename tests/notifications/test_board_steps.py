"""How steps and organisations move on the board: to their end, to the coordinator, out of the directory."""

from typing import Any, ClassVar

from builders import CASE, OPERATOR, TRAINING, a_case, a_handoff, a_partner, an_offer, days, opened
from builders import MONDAY as NOW
from notifications.board_facts import moved
from notifications.test_board_projection import board, first
from relais_contracts import handoffs as h
from relais_contracts.actions import Appointment
from relais_contracts.cases import CaseClosed
from relais_contracts.directory import OfferWithdrawn, PartnerWithdrawn
from relais_notifications.board.projection import step_key

STEP: dict[str, Any] = {"step": "digital", "operator": OPERATOR, "actor": "training-body", "need": TRAINING}
KEY = step_key(CASE, "digital")
AT: dict[str, Any] = {"commune": "71270", "owner": "nobody", "next": "nothing"}


def test_a_step_that_is_done_leaves_the_lists_with_its_outcome() -> None:
    item = board(a_handoff(), h.StepDone(**STEP, **AT, outcome="achieved")).items[KEY]
    assert (item.state, item.list, item.outcome, item.ended) == ("done", None, "achieved", NOW + days(1))


def test_a_step_that_is_dropped_leaves_the_lists() -> None:
    unmet = h.StepUnmet(**STEP, commune="71270", owner="operator", next="match", reason="no-offer")
    item = board(unmet, h.StepDropped(**STEP, **AT)).items[KEY]
    assert (item.state, item.list, item.reason) == ("dropped", None, None)


def test_an_escalated_step_is_the_coordinators() -> None:
    waiting = h.StepWaiting(**STEP, commune="71270", owner="operator", next="choice", waiting_for="choice")
    escalated = h.StepEscalated(**STEP, commune="71270", owner="coordinator", next="arbitrate", clock="choice")
    item = board(waiting, escalated).items[KEY]
    assert (item.list, item.owner) == ("escalated", "coordinator")
    assert item.sort == item.changed, "without a due date it stands before what is due later"


def test_news_of_a_later_release_changes_what_every_step_says() -> None:
    class StepRenamed(h.StepPayload):
        """A kind of news this release does not know."""

        TYPE: ClassVar[str] = "org.relais.step.renamed.v1"

    waiting = h.StepWaiting(**STEP, commune="71270", owner="operator", next="choice", waiting_for="choice")
    renamed = StepRenamed(**STEP, commune="71270", owner="person", next="choice")
    item = board(waiting, renamed).items[KEY]
    assert (item.state, item.owner, item.list) == ("waiting", "person", "person-to-choose")


def test_a_case_whose_beginning_was_never_heard_is_left_alone() -> None:
    assert board(CaseClosed(operator=OPERATOR, reason="done")).cases == {}


def test_a_chain_that_is_done_is_told_in_the_timeline() -> None:
    done = h.ChainDone(operator=OPERATOR, commune="71270", steps=1)
    assert [fact.payload for fact in board(opened(), done).timeline][-1] == done


def test_a_cancelled_appointment_is_gone_from_the_item() -> None:
    scheduled = moved(h.HandoffScheduled, "scheduled", appointment=Appointment(at=NOW + days(9)))
    cancelled = moved(
        h.HandoffAppointmentCancelled, "appointment-cancelled", reason="not-reachable", caused_by="person"
    )
    item = first(a_handoff(), scheduled, cancelled)
    assert (item.list, item.appointment, item.caused_by) == ("to-schedule", None, "person")


def test_a_closed_case_keeps_the_day_it_was_closed_on() -> None:
    closed = CaseClosed(operator=OPERATOR, reason="done")
    assert board(*a_case(), closed, closed).cases[CASE].closed == NOW + days(len(a_case()))


def test_the_board_knows_the_directory_of_today() -> None:
    partner, offer = a_partner(), an_offer()
    known = board(partner, offer, OfferWithdrawn(offer=offer.offer))
    assert (known.organisations[partner.partner], known.offers[offer.offer]) == (partner, offer)
    withdrawn = board(partner, PartnerWithdrawn(partner=partner.partner))
    assert withdrawn.organisations[partner.partner] is None
