"""Rows and alarms: worst first, by territory where there are several, and nobody accused of receiving too little."""

from datetime import UTC, date, datetime

from builders import MACON, MONDAY
from relais_contracts.handoffs import DrawCommitted
from relais_contracts.impartiality import ImpartialityAlarmRaised
from relais_routing.impartiality import alarms
from relais_routing.impartiality.alarms import AlarmState, RaiseAlarm
from relais_routing.impartiality.chances import WHOLE
from relais_routing.impartiality.counts import Count
from relais_routing.impartiality.report import ABOVE, BELOW, WITHIN, About, Sums, rows

SAONE, NORD = "departement:71", "departement:59"
MARCH = date(2026, 3, 1)


def count(decisions: int, received: int, share: float = 0.5, first: datetime = MONDAY) -> Count:
    expected = round(decisions * share * WHOLE)
    return Count(decisions, received, expected, round(expected * (1 - share)), first)


SUMS: Sums = {
    ("partner", "a", SAONE): count(1000, 510),
    ("partner", "a", NORD): count(1000, 800),
    ("partner", "b", SAONE): count(1000, 300),
    ("group", "greta", SAONE): count(1000, 500),
    ("operator", "cep", SAONE): count(1000, 0),
    ("operator", "other", SAONE): count(1000, 700),
}
ABOUT = {"a": About("Alpha", "greta", MACON), "cep": About("CEP", "greta", MACON), "other": About("Autre", None, MACON)}


def test_the_worst_come_first_and_what_lies_outside_is_an_alarm() -> None:
    found = rows(SUMS, ABOUT)
    outside = [(row.id, row.territory, row.verdict) for row in found if row.is_alarm]
    assert outside == [
        ("a", NORD, ABOVE), ("a", None, ABOVE), ("b", None, BELOW), ("other", None, ABOVE),
    ]  # fmt: skip
    assert [row.tension > 1 for row in found[:4]] == [True] * 4
    assert [row.tension for row in found[:4]] == sorted((row.tension for row in found[:4]), reverse=True)


def test_a_row_says_counts_and_shares_in_per_cent() -> None:
    row = next(row for row in rows(SUMS, ABOUT) if (row.id, row.territory) == ("a", SAONE)).to_json()
    assert (row["name"], row["group"], row["verdict"]) == ("Alpha", "greta", WITHIN)
    assert (row["received"], row["expected"], row["received_share"], row["expected_share"]) == (510, 500.0, 51.0, 50.0)
    assert row["least_share"] < 50 < row["most_share"]


def test_an_operator_that_sends_its_own_group_nothing_does_nothing_wrong() -> None:
    assert next(row for row in rows(SUMS, ABOUT) if row.id == "cep").verdict == WITHIN


def test_names_that_are_not_known_stand_for_themselves() -> None:
    assert {(row.id, row.name, row.group) for row in rows(SUMS) if row.kind == "group"} == {("greta", "greta", "greta")}
    assert rows({}) == []


def test_who_may_stray_nowhere_has_not_strayed() -> None:
    assert rows({("partner", "a", SAONE): count(1, 1, 1.0)})[0].tension == 0


def test_operators_beyond_their_band_are_found() -> None:
    counts = {"cep": count(100, 10), "other": count(100, 90), "unknown": count(100, 90)}
    (alarm,) = alarms.found(counts, ABOUT, MARCH)
    assert (alarm.operator, alarm.group, alarm.commune) == ("other", "other", MACON)
    assert (alarm.decisions, alarm.received, alarm.expected, alarm.since) == (100, 90, 50.0, MONDAY)
    assert alarm.month == "2026-03"
    assert 50 < alarm.most < 90
    assert alarms.found({}, ABOUT, MARCH) == []


def asked(raised: int = 0, last: str | None = None) -> RaiseAlarm:
    (alarm,) = alarms.found({"cep": count(100, 90, first=datetime(2026, 1, 5, tzinfo=UTC))}, ABOUT, MARCH)
    return RaiseAlarm(alarm, raised, last)


def test_it_is_said_once_a_month_for_as_long_as_it_holds() -> None:
    first = alarms.decide(AlarmState(), asked())
    assert [type(each) for each in first] == [ImpartialityAlarmRaised]
    after = alarms.evolve(AlarmState(), first[0])
    assert alarms.decide(after, asked(1, "2026-03")) == []
    assert len(alarms.decide(after, asked(1, "2026-02"))) == 1


def test_who_counted_without_the_last_alarm_comes_too_late() -> None:
    assert alarms.decide(AlarmState(1), asked(0)) == []


def test_other_events_change_nothing() -> None:
    other = DrawCommitted.model_validate({"commitment": {"day": "2026-03-02", "hash": "0" * 64}})
    assert alarms.evolve(AlarmState(2), other) == AlarmState(2)
