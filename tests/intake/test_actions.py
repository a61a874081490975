"""The first look at an action: every line of the table, and what is not on it."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

import builders as a
from relais_chassis.decider import Refused
from relais_contracts.actions import ActionRequested, Appointment, By, Onward
from relais_contracts.cases import AnyOption
from relais_contracts.transitions import TABLE, State, Transition
from relais_contracts.vocabularies import Role
from relais_intake.actions.decider import Handoff, decide, evolve, said
from relais_intake.actions.demands import DEMANDS, missing
from specification import Specification

CONTENT: dict[str, Any] = {
    "reason": "no-capacity",
    "caused_by": "partner",
    "appointment": Appointment(at=a.MONDAY + a.days(3)),
    "outcome": "achieved",
    "text": "note-1",
    "onward": Onward(actor="social-support", need=a.NEED, option=AnyOption(any=True)),
}
ORGS = {"partner": a.PARTNER, "operator": a.OPERATOR, "coordinator": "dreets-bfc"}


def asked(action: str, role: Role = "partner", **given: Any) -> ActionRequested:
    needed = {name: CONTENT[name if name != "note" else "text"] for name in DEMANDS.get(action, ())}  # type: ignore[call-overload]
    needed = {"text" if name == "note" else name: value for name, value in needed.items()}
    return a.requested(action, by=By(role=role, org=ORGS.get(role, "x")), **{**needed, **given})


def while_(state: State, **given: Any) -> Specification[Handoff, ActionRequested]:
    return Specification(Handoff(state, **given), evolve, decide)


BY_PEOPLE = [line for line in TABLE if line.actor != "system"]


@pytest.mark.parametrize("line", BY_PEOPLE, ids=lambda line: f"{line.number}-{line.start}-{line.actor}-{line.action}")
def test_every_line_of_the_table_may_be_asked(line: Transition) -> None:
    assert line.start is not None
    request = asked(line.action, line.actor)
    due = {"due": a.MONDAY} if line.overdue_only else {}
    asking = while_(line.start, **due).given()
    assert asking.when(request) == [request]
    assert asking.after(request).state.state == line.end


@pytest.mark.parametrize("role", ["partner", "operator", "coordinator"])
@pytest.mark.parametrize("state", sorted({line.end for line in TABLE}))
def test_everything_else_is_refused_with_what_is_allowed(state: State, role: Role) -> None:
    possible = {line.action for line in TABLE if line.start == state and line.actor == role and not line.overdue_only}
    for action in sorted({line.action for line in TABLE} - possible):
        refused = while_(state).given().refuses(asked(action, role))
        ever = any(line.actor == role and line.action == action for line in TABLE)
        assert (refused.code, refused.status) == (("not-possible", 409) if ever else ("wrong-role", 403))
        allowed: Any = refused.help["allowed"]
        assert set(allowed) == possible


def test_the_coordinator_confirms_only_an_overdue_cancellation() -> None:
    confirm = asked("confirm-cancellation", "coordinator")
    later = while_("cancellation-requested", due=a.MONDAY + a.days(1)).given()
    assert later.refuses(confirm).code == "not-possible"
    assert while_("cancellation-requested", due=a.MONDAY).given().when(confirm) == [confirm]


@pytest.mark.parametrize("line", BY_PEOPLE, ids=lambda line: f"{line.number}-{line.start}-{line.actor}-{line.action}")
def test_the_same_again_is_nothing_new_while_it_is_the_last_word(line: Transition) -> None:
    request = asked(line.action, line.actor)
    later = request.model_copy(update={"received": a.MONDAY + a.days(1)})
    assert while_(line.end, said=said(request)).given().when(later) == []


def test_another_date_or_another_note_is_new() -> None:
    scheduled = while_("scheduled", said=said(asked("reschedule"))).given()
    other = asked("reschedule", appointment=Appointment(at=a.MONDAY + a.days(4)))
    assert scheduled.when(other) == [other]
    noted = while_("active", said=said(asked("note"))).given()
    assert len(noted.when(asked("note", text="note-2"))) == 1


YEARS = pytest.mark.parametrize(
    "at",
    [
        a.MONDAY.replace(year=2062),
        a.MONDAY + a.days(549),
        a.MONDAY - a.days(367),
        datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-12))),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    ],
    ids=str,
)


@YEARS
@pytest.mark.parametrize(("state", "action"), [("accepted", "schedule"), ("scheduled", "reschedule")])
def test_a_slip_in_the_year_of_an_appointment_is_refused_with_what_is_expected(
    state: State, action: str, at: datetime
) -> None:
    refused = while_(state).given().refuses(asked(action, appointment=Appointment(at=at)))
    errors: Any = refused.help["errors"]
    assert (refused.code, refused.status, errors[0]["pointer"]) == ("appointment-too-far", 422, "/appointment/at")
    assert "from 2025-03-01 to 2027-09-01" in errors[0]["expected"]


@pytest.mark.parametrize("at", [a.MONDAY - a.days(366), a.MONDAY + a.days(548)], ids=str)
def test_an_appointment_may_be_entered_afterwards_and_made_long_before(at: datetime) -> None:
    scheduled = asked("schedule", appointment=Appointment(at=at))
    assert while_("accepted").given().when(scheduled) == [scheduled]


def test_another_visit_on_another_day_is_new() -> None:
    first, second = asked("report-attended", at=a.MONDAY), asked("report-attended", at=a.MONDAY + a.days(1))
    assert while_("attended", said=said(first)).given().when(second) == [second]


def test_when_it_happened_does_not_tell_two_acceptances_apart() -> None:
    accepted = while_("accepted", said=said(asked("accept"))).given()
    assert accepted.when(asked("accept", at=a.MONDAY)) == []


def test_an_undecided_action_that_came_too_late_changes_nothing() -> None:
    assert evolve(Handoff("lapsed"), asked("accept")) == Handoff("lapsed")
    assert evolve(Handoff("proposed"), a.opened()) == Handoff("proposed")


def test_somebody_without_a_part_in_handoffs_may_ask_nothing() -> None:
    with pytest.raises(Refused, match="wrong-role"):
        decide(Handoff("proposed"), asked("accept", "directory"))


def test_what_must_come_with_an_action() -> None:
    assert missing("accept", {}) == []
    assert missing("decline", {"reason": "other"}) == ["caused_by", "note"]
    assert missing("decline", {"reason": "other", "caused_by": "person", "note": "…"}) == []
    assert missing("note", {"note": ""}) == ["note"]
    assert missing("schedule", {}) == ["appointment"]
