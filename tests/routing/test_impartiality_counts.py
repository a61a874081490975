"""What one decision adds to the counts: who held tickets, who was chosen, what belongs to an operator's own group."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from builders import MACON, MONDAY, OPERATOR
from matching_builders import ANY, at_partner, decided, index_of, named, offer, partner, room
from relais_contracts.cases import AnyOption
from relais_routing.impartiality import chances
from relais_routing.impartiality.chances import WHOLE
from relais_routing.impartiality.counts import (
    Cell,
    Count,
    Counts,
    departement_of,
    month_of,
    months_before,
    months_until,
)
from relais_routing.matching.index import Index
from relais_routing.matching.record import record

INDEX = index_of(
    partner(OPERATOR, group="greta"),
    partner("a", group="greta"),
    *(entry for name in "abc" for entry in (offer(name), room(name, number=2))),
    offer("d"),
)
HALF = WHOLE // 2


def of(index: Index = INDEX, **given: Any) -> dict[str, Any]:
    return record(decided(index, **given))


def test_the_first_equals_hold_their_free_places_or_one() -> None:
    assert chances.tickets(of(operator="nobody")) == {"a": 2, "b": 2, "c": 2, "d": 1}
    assert chances.tickets(of()) == {"b": 2, "c": 2, "d": 1}


def test_nobody_holds_a_ticket_where_somebody_was_named_or_nobody_found() -> None:
    assert chances.tickets(of(options=(named("b"), ANY))) == {}
    nobody = of(need="sante--addictions")
    assert (chances.tickets(nobody), chances.chosen_of(nobody), chances.own_share(nobody, INDEX, {})) == ({}, None, 0)


def test_who_is_farther_or_has_less_room_was_not_drawn_among() -> None:
    index = index_of(offer("a"), offer("b"), room("b", state="waiting-list"))
    assert chances.tickets(of(index)) == {"a": 1}


def test_a_listing_like_one_tried_is_no_equal() -> None:
    made = of(operator="nobody")
    made["candidates"][-1]["marks"] = ["like-one-tried"]
    assert len(chances.tickets(made)) == 3


def test_offers_of_one_partner_add_up_and_who_holds_all_is_left_out() -> None:
    index = index_of(offer("a"), offer("a", offer="a.second", name="Une autre"), offer("b"))
    held = chances.tickets(of(index))
    assert chances.shares(held) == {"a": chances.part(2, 3), "b": chances.part(1, 3)}
    assert chances.shares({"a": 3}) == {}


def test_groups_hold_what_their_partners_hold() -> None:
    held = {"a": 1, "b": 2, "c": 1}
    assert chances.shares(held, {"a": "greta", "b": "greta", "c": None}) == {"greta": chances.part(3, 4)}


@pytest.mark.parametrize(("number", "total", "share"), [(1, 3, 333_333_333), (2, 3, 666_666_667), (1, 1, WHOLE)])
def test_parts_are_whole_billionths(number: int, total: int, share: int) -> None:
    assert chances.part(number, total) == share


def test_without_a_name_the_own_group_is_refused_and_with_one_it_is_marked() -> None:
    drawn, by_name = of(), of(options=(named("a"), ANY))
    assert "a" not in [each["partner"] for each in drawn["candidates"]]
    assert not chances.went_to_own_group(drawn)
    assert chances.chosen_of(by_name) == "a"
    assert chances.went_to_own_group(by_name)


@pytest.mark.parametrize("options", [(ANY,), (named("a"), ANY), (at_partner("b"),), (named("d"),)])
def test_the_own_group_would_have_held_its_part_whoever_was_named(options: Any) -> None:
    assert chances.own_share(of(options=options), INDEX, {}) == chances.part(2, 7)


def test_places_taken_meanwhile_count() -> None:
    assert chances.own_share(of(options=(named("d"),)), INDEX, {"a.offer": 1, "b.offer": 2}) == chances.part(1, 4)


def test_an_operator_that_helps_itself_is_its_own_group() -> None:
    assert chances.own_share(of(operator="d"), INDEX, {}) == chances.part(1, 7)


def test_an_operator_without_a_group_has_no_share_and_neither_has_one_that_is_not_eligible() -> None:
    assert chances.own_share(of(operator="nobody"), INDEX, {}) == 0
    remote_only = AnyOption(any=True, modes=("remote",))
    assert chances.own_share(of(options=(named("b"), remote_only)), INDEX, {}) == 0


def test_who_took_part_is_asked_of_the_directory_of_that_day() -> None:
    assert chances.partners_in([of(), of(need="sante--addictions")]) == {("b", 1), ("c", 1), ("d", 1)}


def counted(*records: dict[str, Any], own: int = 0) -> dict[tuple[str, str], Count]:
    counts = Counts()
    for each in records:
        counts.add(each, MONDAY, {"a": "greta", "b": "greta", "c": "afpa", "d": None}, own)
    assert {(cell.month, cell.territory) for cell in counts.cells} <= {(date(2026, 3, 1), "departement:71")}
    return {(cell.kind, cell.name): count for cell, count in counts.cells.items()}


def test_a_draw_counts_for_everybody_in_it() -> None:
    made = of()
    found = counted(made, made)
    chosen = chances.chosen_of(made)
    assert {key for key, _ in found.items()} == {
        ("partner", "b"), ("partner", "c"), ("partner", "d"), ("group", "greta"), ("group", "afpa"),
    }  # fmt: skip
    share = chances.part(2, 5)
    of_b = Count(2, 2 * (chosen == "b"), 2 * share, 2 * (share * (WHOLE - share) // WHOLE), MONDAY)
    assert found["partner", "b"] == of_b
    assert sum(count.received for (kind, _), count in found.items() if kind == "partner") == 2


def test_what_a_person_named_counts_for_the_operator_alone() -> None:
    found = counted(of(options=(named("a"), ANY)), own=HALF)
    assert found == {("operator", OPERATOR): Count(1, 1, HALF, WHOLE // 4, MONDAY)}
    elsewhere = counted(of(options=(named("b"), ANY)), own=HALF)
    assert elsewhere["operator", OPERATOR].received == 0


def test_what_came_to_nothing_counts_for_nobody() -> None:
    assert counted(of(need="sante--addictions")) == {}


def test_months_are_those_of_france() -> None:
    assert month_of(datetime(2026, 2, 28, 23, 30, tzinfo=UTC)) == date(2026, 3, 1)
    assert months_before(date(2026, 3, 1), 11) == date(2025, 4, 1)
    assert months_until(date(2026, 12, 1)) == (date(2026, 1, 1), date(2026, 12, 1))


@pytest.mark.parametrize(
    ("commune", "departement"), [(MACON, "71"), ("2A004", "2A"), ("97411", "974"), ("97999", "979"), ("00999", "00")]
)
def test_every_commune_has_a_departement(commune: str, departement: str) -> None:
    assert departement_of(commune) == f"departement:{departement}"


def test_sums_begin_with_the_first() -> None:
    later = datetime(2026, 5, 1, tzinfo=UTC)
    assert Count(1, 1, 2, 3, later).plus(Count(1, 0, 2, 3, MONDAY)) == Count(2, 1, 4, 6, MONDAY)
    assert Cell(date(2026, 3, 1), "partner", "departement:71", "a").name == "a"
