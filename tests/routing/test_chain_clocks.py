"""Silence has an end: reminders, lapses and escalations, working days, closures, and who answered in time."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from builders import MONDAY, a_step, days, requested
from chains import (
    FIRST,
    SECOND,
    THREE,
    At,
    a_chain,
    after,
    by_coordinator,
    by_operator,
    by_partner,
    chain_of,
    declined,
    last_proposed,
    names,
    then,
)
from relais_contracts.actions import Appointment
from relais_contracts.directory import ClosureDeclared
from relais_routing.chain.calendar import LATEST, easter, holidays, midnight, working_day
from relais_routing.chain.clocks import next_check
from relais_routing.chain.commands import CheckClocks
from relais_routing.chain.policy import PACKAGED, Policy, due

NEXT = (a_step(on_refusal="next"),)
DEMO = """
version = "demo"
day_seconds = 2
reminder = 3
[clocks]
answer = 5
schedule = 10
report = 2
outcome = 60
cancellation = 3
choice = 5
"""


def at(day: int) -> Any:
    """A look at the clocks so many days after the proposal."""
    return CheckClocks(MONDAY + days(day))


def test_a_silent_partner_is_reminded_once_and_replaced() -> None:
    chain = a_chain(steps=NEXT)
    assert then(chain, at(2)) == []
    assert names(then(chain, at(3))) == ["handoff.reminded"]
    chain = after(chain, at(3))
    assert then(chain, at(6)) == []
    assert names(then(chain, at(7))) == ["handoff.lapsed", "handoff.proposed"]
    assert last_proposed(after(chain, at(7))).partner == SECOND


def test_a_partner_that_answered_in_time_is_not_lapsed_by_a_late_look() -> None:
    chain = a_chain()
    chain = after(chain, by_partner(chain, "accept"))
    assert then(chain, at(8)) == []


def test_an_answer_after_the_end_is_refused_with_what_is_possible() -> None:
    chain = after(a_chain(steps=NEXT), at(7))
    late: Any = then(chain, requested("accept"))[0]
    assert (names([late]), late.allowed, late.state) == (["handoff.action-refused"], (), "lapsed")


def test_a_step_may_give_another_time_to_answer() -> None:
    chain = a_chain(steps=(a_step(answer_within=2),))
    assert last_proposed(chain).due == MONDAY + days(2)
    assert then(chain, at(1)) == []
    assert names(then(chain, at(2))) == ["handoff.lapsed", "step.waiting"]


@pytest.mark.parametrize(
    ("actions", "clock", "last"),
    [
        (("accept",), "schedule", 14),
        (("accept", "start"), "outcome", 91),
        (("accept", "report-attended"), "outcome", 91),
        (("accept", "schedule", "report-no-show"), "schedule", 14),
        (("accept", "schedule", "cancel-appointment"), "schedule", 14),
    ],
)
def test_every_other_silence_calls_the_coordinator(actions: tuple[str, ...], clock: str, last: int) -> None:
    chain = a_chain()
    given = {"schedule": {"appointment": Appointment(at=MONDAY)}}
    for action in actions:
        chain = after(chain, by_partner(chain, action, **given.get(action, {})))
    assert then(chain, at(last - 1)) == []
    escalated: Any = then(chain, at(last))[0]
    assert (names([escalated]), escalated.clock) == (["handoff.escalated"], clock)
    assert (escalated.owner, escalated.next, escalated.due) == ("coordinator", "arbitrate", None)


def test_the_report_is_awaited_two_days_after_the_appointment() -> None:
    chain = a_chain()
    chain = after(chain, by_partner(chain, "accept"))
    scheduled: Any = then(chain, by_partner(chain, "schedule", appointment=Appointment(at=MONDAY + days(7))))[0]
    assert (scheduled.due, scheduled.since) == (MONDAY + days(9), MONDAY + days(7))
    moved = after(chain, by_partner(chain, "schedule", appointment=Appointment(at=MONDAY + days(7))))
    other: Any = then(moved, by_partner(chain, "reschedule", appointment=Appointment(at=MONDAY + days(9))))[0]
    assert other.due == MONDAY + days(11)


@pytest.mark.parametrize(
    ("meant", "since"),
    [
        (MONDAY.replace(year=2062), MONDAY + days(548)),
        (datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-12))), MONDAY + days(548)),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), MONDAY - days(366)),
    ],
)
def test_an_appointment_out_of_all_reason_is_not_waited_for(meant: datetime, since: datetime) -> None:
    chain = a_chain()
    chain = after(chain, by_partner(chain, "accept"))
    scheduled: Any = then(chain, by_partner(chain, "schedule", appointment=Appointment(at=meant)))[0]
    assert (scheduled.since, scheduled.appointment.at) == (since, meant)
    assert since < scheduled.due < since + days(5)


def test_any_transition_clears_an_escalation() -> None:
    chain = a_chain()
    chain = after(chain, by_partner(chain, "accept"), at(14))
    scheduled: Any = then(chain, by_partner(chain, "schedule", appointment=Appointment(at=MONDAY + days(15))))[0]
    assert (scheduled.owner, scheduled.next) == ("partner", "report")


def test_a_note_on_an_escalated_hand_off_is_a_sign_of_life_and_starts_the_clock_again() -> None:
    chain = a_chain()
    chain = after(chain, by_partner(chain, "accept"), by_partner(chain, "start"), at(91))
    noted: Any = then(chain, At(MONDAY + days(92), by_partner(chain, "note", text="n1")))[0]
    assert (noted.owner, noted.since) == ("partner", MONDAY + days(92))
    calm = after(a_chain(), by_partner(chain, "accept"), by_partner(chain, "start"))
    quiet: Any = then(calm, At(MONDAY + days(5), by_partner(chain, "note")))[0]
    assert quiet.since == MONDAY


def test_a_coordinator_confirms_only_an_overdue_cancellation() -> None:
    chain = a_chain(by_operator("request-cancellation"))
    confirm = by_coordinator("confirm-cancellation")
    assert names(then(chain, At(MONDAY + days(2), confirm))) == ["handoff.action-refused"]
    assert names(then(chain, At(MONDAY + days(3), confirm))) == ["handoff.cancelled", "step.waiting"]
    assert names(then(after(chain, at(3)), confirm)) == ["handoff.cancelled", "step.waiting"]


def test_a_choice_that_is_not_made_calls_the_coordinator() -> None:
    chain = a_chain()
    chain = after(chain, declined(chain))
    assert then(chain, at(6)) == []
    escalated: Any = then(chain, at(7))[0]
    assert (names([escalated]), escalated.clock, escalated.owner) == (["step.escalated"], "choice", "coordinator")


def test_a_closure_declared_since_makes_the_clock_pause() -> None:
    closed = ClosureDeclared(partner=FIRST, from_=date(2026, 3, 4), until=date(2026, 3, 6))
    chain = chain_of(*THREE, closed).given(*a_chain().history)
    assert then(chain, at(7)) == []
    assert names(then(chain, at(8))) == ["handoff.reminded"]
    assert names(then(chain, at(10))) == ["handoff.lapsed", "step.waiting"]


def test_nobody_waits_for_a_partner_that_is_closed_for_years() -> None:
    closed = ClosureDeclared(partner=FIRST, from_=MONDAY.date(), until=date(2030, 12, 31))
    spec = chain_of(*THREE, closed)
    chain = spec.given(*a_chain(steps=NEXT).history)
    assert names(then(chain, at(3))) == ["handoff.reminded"]
    assert names(then(chain, at(7))) == ["handoff.lapsed", "handoff.proposed"]
    open_now = a_chain()
    accepted = spec.given(*after(open_now, by_partner(open_now, "accept")).history)
    assert then(accepted, at(13)) == []
    assert names(then(accepted, at(14))) == ["handoff.escalated"]


@pytest.mark.parametrize(("last", "end"), [(date(2026, 4, 7), 43), (date(2026, 4, 8), 7)])
def test_a_clock_waits_for_five_weeks_of_closure_and_not_for_a_day_more(last: date, end: int) -> None:
    closed = ClosureDeclared(partner=FIRST, from_=date(2026, 3, 3), until=last)
    chain = after(chain_of(*THREE, closed).given(*a_chain().history), at(end - 1))
    assert last_proposed(chain).attempt == 1
    assert "handoff.lapsed" in names(then(chain, at(end)))


def test_the_next_look_is_the_first_that_will_have_something_to_say() -> None:
    def none(_: str) -> tuple[()]:
        return ()

    policy = Policy.read()
    chain = a_chain()
    looks = [next_check(chain.state.case, chain.state.chain, policy, none)]
    for look in (at(3), at(7), at(14)):
        chain = after(chain, look)
        looks.append(next_check(chain.state.case, chain.state.chain, policy, none))
    assert looks == [MONDAY + days(3), MONDAY + days(7), MONDAY + days(14), None]


def test_what_is_escalated_is_not_looked_at_again_before_its_consent_runs_out() -> None:
    chain = a_chain()
    chain = after(chain, by_partner(chain, "accept"), at(14))
    look = next_check(chain.state.case, chain.state.chain, Policy.read(), lambda _: ())
    assert look == midnight(date(2027, 1, 1))


# The policy and the calendar


def test_days_are_working_days_of_the_territory() -> None:
    policy = Policy.read()
    friday = datetime(2026, 3, 6, 9, tzinfo=UTC)
    assert due(friday, 1, policy, "71270") == datetime(2026, 3, 9, 9, tzinfo=UTC)
    before_easter = datetime(2026, 4, 2, 9, tzinfo=UTC)
    assert due(before_easter, 1, policy, "71270") == datetime(2026, 4, 3, 9, tzinfo=UTC)
    assert due(before_easter, 1, policy, "67482") == datetime(2026, 4, 7, 9, tzinfo=UTC)


def test_who_starts_on_a_free_day_starts_on_the_next_working_one() -> None:
    sunday = datetime(2026, 3, 1, 15, tzinfo=UTC)
    assert due(sunday, 1, Policy.read(), "71270") == datetime(2026, 3, 2, 23, tzinfo=UTC)


def test_the_same_time_of_day_across_the_change_of_the_clocks() -> None:
    friday = datetime(2026, 3, 27, 9, tzinfo=UTC)
    assert due(friday, 1, Policy.read(), "71270") == datetime(2026, 3, 30, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("year", "sunday"), [(2024, date(2024, 3, 31)), (2025, date(2025, 4, 20)), (2026, date(2026, 4, 5))]
)
def test_easter(year: int, sunday: date) -> None:
    assert easter(year) == sunday


@pytest.mark.parametrize(
    ("departement", "day"), [("974", date(2026, 12, 20)), ("971", date(2026, 5, 27)), ("68", date(2026, 12, 26))]
)
def test_some_territories_have_holidays_of_their_own(departement: str, day: date) -> None:
    assert day in holidays(2026, departement)
    assert day not in holidays(2026, "71")
    assert working_day(day, 0, departement) > day


@pytest.mark.parametrize("until", [date(2031, 12, 31), date(9999, 12, 31)])
@pytest.mark.parametrize("text", [PACKAGED.read_text(), DEMO], ids=["working days", "fast"])
def test_the_longest_closure_is_passed_in_one_step_and_leaves_no_calendar(until: date, text: str) -> None:
    closures = [(date(2026, 3, 2), until), (date(9999, 1, 1), until)]
    assert due(MONDAY, 5, Policy.of(text), "71270", closures) == due(MONDAY, 5, Policy.of(text), "71270")


def test_working_days_go_on_after_a_closure_and_end_with_the_calendar() -> None:
    years = (date(2026, 3, 3), date(2031, 12, 31))
    weeks = (date(2031, 12, 1), date(2032, 1, 9))
    assert working_day(MONDAY.date(), 1, "71", (years, weeks)) == date(2032, 1, 12)
    assert working_day(MONDAY.date(), 0, "71", (years, weeks)) == MONDAY.date()
    assert working_day(MONDAY.date(), 1, "71", ((date(2026, 3, 3), date.max),)) == LATEST
    assert working_day(date.max, 3, "71") == LATEST


def test_a_demonstration_lives_faster_and_pauses_in_closures_too() -> None:
    policy = Policy.of(DEMO)
    assert (due(MONDAY, 5, policy, "71270") - MONDAY).total_seconds() == 10
    closed = (date(2026, 3, 2), date(2026, 3, 2))
    later = (date(2026, 3, 9), date(2026, 3, 9))
    long_ago = (date(2026, 1, 1), date(2026, 1, 2))
    end = due(MONDAY, 5, policy, "71270", [later, closed, long_ago])
    assert end == datetime(2026, 3, 2, 23, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "broken",
    [
        DEMO.replace("choice = 5", "choice = 0"),
        DEMO.replace("seconds = 2", "seconds = 0"),
        DEMO.replace("reminder = 3", "reminder = 3\npause = 0"),
    ],
)
def test_a_policy_without_a_clock_is_not_read(broken: str, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(broken)
    with pytest.raises(ValueError, match="positive number of days"):
        Policy.read(file)
