"""What follows an attempt to deliver, as sentences."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relais_notifications.deliveries.decider import (
    Abandoned,
    Again,
    Attempted,
    Delivered,
    EndpointGone,
    Standing,
    decide,
)
from relais_notifications.deliveries.schedule import USUAL, Schedule

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OWED = Standing(MONDAY)


def attempted(status: int | None = None, *, after: timedelta = timedelta(seconds=1), **given: object) -> Attempted:
    defaults: dict[str, object] = {"dice": 0.5, "fault": None if status else "ConnectionRefusedError"}
    return Attempted(MONDAY + after, status=status, **{**defaults, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_good_answer_is_a_delivery(status: int) -> None:
    assert decide(OWED, attempted(status), USUAL) == Delivered()


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 408, 429, 500, 502, 503, None])
def test_anything_else_is_tried_again_shortly(status: int | None) -> None:
    assert decide(OWED, attempted(status), USUAL) == Again(MONDAY + timedelta(seconds=1 + 5))


def test_gone_disables_the_endpoint() -> None:
    assert decide(OWED, attempted(410), USUAL) == EndpointGone()


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_receiver_pauses_the_endpoint_for_as_long_as_it_asks(status: int) -> None:
    at = MONDAY + timedelta(seconds=1) + timedelta(minutes=2)
    assert decide(OWED, attempted(status, retry_after=timedelta(minutes=2)), USUAL) == Again(at, paused_until=at)


def test_a_short_retry_after_does_not_hasten_the_schedule() -> None:
    again = decide(Standing(MONDAY, attempts=4), attempted(503, retry_after=timedelta(seconds=1)), USUAL)
    assert again == Again(MONDAY + timedelta(seconds=1, minutes=30), paused_until=MONDAY + timedelta(seconds=2))


def test_retry_after_speaks_for_busy_answers_only() -> None:
    assert decide(OWED, attempted(500, retry_after=timedelta(hours=2)), USUAL) == Again(MONDAY + timedelta(seconds=6))


def test_an_endless_retry_after_is_cut_to_a_day() -> None:
    again = decide(OWED, attempted(429, retry_after=timedelta(days=400)), USUAL)
    assert again == Again(MONDAY + timedelta(days=1, seconds=1), MONDAY + timedelta(days=1, seconds=1))


def test_after_three_days_it_is_abandoned_with_the_reason() -> None:
    given = decide(Standing(MONDAY, attempts=12), attempted(500, after=timedelta(days=3)), USUAL)
    assert given == Abandoned("13 attempts in 3 days, 0:00:00: the last answer was 500")
    given = decide(Standing(MONDAY, attempts=12), attempted(after=timedelta(days=3)), USUAL)
    assert given == Abandoned("13 attempts in 3 days, 0:00:00: ConnectionRefusedError")


def test_a_good_answer_counts_however_late() -> None:
    assert decide(Standing(MONDAY, attempts=12), attempted(200, after=timedelta(days=9)), USUAL) == Delivered()


@given(st.integers(1, 200), st.floats(0, 0.999999), st.floats(0, 3 * 86_400 - 1))
def test_the_next_try_comes_within_the_three_days(attempts: int, dice: float, seconds: float) -> None:
    at = MONDAY + timedelta(seconds=seconds)
    due = USUAL.after(attempts, MONDAY, at, dice)
    assert due is not None
    assert at < due <= MONDAY + timedelta(days=3)


@given(st.floats(0, 0.999999))
def test_jitter_stays_within_its_share(dice: float) -> None:
    due = USUAL.after(4, MONDAY, MONDAY, dice)
    assert due is not None
    assert timedelta(minutes=8) <= due - MONDAY <= timedelta(minutes=12)


def test_the_whole_schedule_covers_the_three_days() -> None:
    at, tries = MONDAY, 1
    while (due := USUAL.after(tries, MONDAY, at, 0.5)) is not None:
        at, tries = due, tries + 1
    assert at == MONDAY + timedelta(days=3)
    assert 12 <= tries <= 15


def test_a_scaled_schedule_is_the_same_in_another_time() -> None:
    fast = Schedule().scaled(0.001)
    assert fast.after(1, MONDAY, MONDAY, 0.5) == MONDAY + timedelta(milliseconds=5)
    assert fast.deadline(MONDAY) == MONDAY + timedelta(seconds=259.2)
