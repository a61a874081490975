"""Worklists, cases and figures from a real database: what is in them, for whom, page after page."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from builders import (
    CASE,
    MACON,
    MONDAY,
    OPERATOR,
    OTHER_CASE,
    OTHER_OPERATOR,
    OTHER_PARTNER,
    PARTNER,
    TRAINING,
    a_case,
    a_handoff,
    a_partner,
    an_offer,
    days,
)
from notifications.board_facts import BoardStore, a_board, moved
from relais_contracts import handoffs as h
from relais_contracts.cases import CaseTransferred
from relais_notifications.board import worklists
from relais_notifications.board.dossier import dossier
from relais_notifications.board.failing import counts
from relais_notifications.board.figures import figures
from relais_notifications.board.views import View, view

LYON = "69123"
NOW = MONDAY + days(8)
COORDINATOR = view("coordinator", "region", ["departement:71"], {})
STEP: dict[str, Any] = {
    "step": "digital",
    "operator": OPERATOR,
    "actor": "training-body",
    "need": TRAINING,
    "commune": MACON,
}


@pytest.fixture
async def board(postgres: str) -> AsyncIterator[BoardStore]:
    async with a_board(postgres) as store:
        yield store


async def listed(board: BoardStore, seen: View, name: str, now: datetime = NOW) -> list[str]:
    """The ids of a worklist's first page."""
    async with board.database.connection() as conn:
        return [row["id"] for row in (await worklists.page(conn, seen, name, now)).items]


async def counted(board: BoardStore, seen: View, now: datetime = NOW) -> dict[str, int]:
    """The worklists that are not empty."""
    async with board.database.connection() as conn:
        return {name: number for name, number in (await counts(conn, seen, now)).items() if number}


def proposed(case: str = CASE, **given: Any) -> Any:
    return a_handoff(case=case, **given)


async def test_a_late_answer_is_awaited_and_overdue(board: BoardStore) -> None:
    await board.hear(*a_case(), proposed())
    assert await counted(board, COORDINATOR) == {"awaiting-answer": 1, "overdue": 1}
    assert await counted(board, COORDINATOR, MONDAY) == {"awaiting-answer": 1}
    assert await listed(board, COORDINATOR, "awaiting-answer") == [proposed().handoff]


async def test_the_lists_follow_the_handoff_to_its_end(board: BoardStore) -> None:
    await board.hear(proposed())
    await board.hear(moved(h.HandoffAccepted, "accepted", due=MONDAY + days(14)))
    assert await counted(board, COORDINATOR) == {"to-schedule": 1}
    await board.hear(moved(h.HandoffCompleted, "completed", outcome="achieved"))
    assert await counted(board, COORDINATOR) == {}
    async with board.database.connection() as conn:
        assert [row["id"] for row in await worklists.ended(conn, view("partner", PARTNER, [], {}))] == [
            proposed().handoff
        ]


async def test_everybody_sees_their_own_only(board: BoardStore) -> None:
    await board.hear(proposed())
    elsewhere = proposed(OTHER_CASE, operator=OTHER_OPERATOR, partner=OTHER_PARTNER, commune=LYON)
    await board.hear(elsewhere, case=OTHER_CASE)
    mine, theirs = proposed().handoff, elsewhere.handoff
    seen = {
        ("coordinator", "dreets", "departement:71"): [mine],
        ("coordinator", "dreets", "region:84"): [theirs],
        ("coordinator", "dreets", "commune:69123"): [theirs],
        ("coordinator", "dreets", "country:FR"): sorted([mine, theirs]),
        ("coordinator", "dreets", "epci:247100589"): [],
        ("operator", OPERATOR, ""): [mine],
        ("operator", OTHER_OPERATOR, ""): [theirs],
        ("partner", PARTNER, ""): [mine],
        ("partner", OTHER_PARTNER, ""): [theirs],
        ("admin", "relais", ""): sorted([mine, theirs]),
    }
    for (role, org, territory), expected in seen.items():
        rights = view(role, org, [territory] if territory else [], {})
        assert sorted(await listed(board, rights, "open")) == expected, (role, org, territory)


async def test_filters_narrow_rights_and_never_widen_them(board: BoardStore) -> None:
    await board.hear(proposed())
    mine = [proposed().handoff]
    for asked, expected in [
        ({"territory": f"commune:{MACON}"}, mine),
        ({"territory": "region:27"}, mine),
        ({"territory": "departement:21"}, []),
        ({"actor": "training-body"}, mine),
        ({"actor": "funding-body"}, []),
        ({"partner": PARTNER}, mine),
        ({"operator": OTHER_OPERATOR}, []),
        ({"operator": OPERATOR, "partner": PARTNER, "territory": "departement:71"}, mine),
    ]:
        assert await listed(board, view("coordinator", "dreets", ["departement:71"], asked), "open") == expected, asked
    stranger = view("operator", OTHER_OPERATOR, [], {"operator": OPERATOR})
    assert await listed(board, stranger, "open") == []
    far = view("coordinator", "dreets", ["departement:21"], {"partner": PARTNER, "territory": "departement:71"})
    assert await listed(board, far, "open") == []


async def test_pages_follow_one_another_without_gap_or_repetition(board: BoardStore) -> None:
    steps = [f"step-{number:02}" for number in range(25)]
    await board.hear(*(proposed(step=step, due=MONDAY + days(number % 5)) for number, step in enumerate(steps)))
    found: list[str] = []
    after: str | None = None
    async with board.database.connection() as conn:
        while True:
            page = await worklists.page(conn, COORDINATOR, "awaiting-answer", NOW, after, limit=7)
            found += [row["id"] for row in page.items]
            after = page.after
            if after is None:
                break
    assert len(found) == len(set(found)) == 25
    async with board.database.connection() as conn:
        due = [row["due"] for row in await worklists.rows(conn, found)]
    assert due == sorted(due)


async def test_a_transfer_hands_everything_open_to_the_new_operator(board: BoardStore) -> None:
    await board.hear(*a_case(), proposed())
    await board.hear(CaseTransferred(operator=OPERATOR, to=OTHER_OPERATOR))
    assert await listed(board, view("operator", OPERATOR, [], {}), "open") == []
    assert await listed(board, view("operator", OTHER_OPERATOR, [], {}), "open") == [proposed().handoff]


async def test_names_come_from_the_directory(board: BoardStore) -> None:
    await board.hear(a_partner(), an_offer(), a_partner(partner=OPERATOR, name="CEP Bourgogne"))
    await board.hear(proposed())
    async with board.database.connection() as conn:
        (row,) = (await worklists.page(conn, COORDINATOR, "open", NOW)).items
    assert (row["partner_name"], row["offer_name"], row["operator_name"]) == (
        "GRETA 71",
        "Bureautique, premiers pas",
        "CEP Bourgogne",
    )


async def test_a_case_tells_its_chain_and_its_story(board: BoardStore) -> None:
    await board.hear(a_partner())
    await board.hear(*a_case(), proposed(), moved(h.HandoffAccepted, "accepted"))
    async with board.database.connection() as conn:
        found = await dossier(conn, COORDINATOR, CASE)
        partners = await dossier(conn, view("partner", PARTNER, [], {}), CASE)
        strangers = await dossier(conn, view("partner", OTHER_PARTNER, [], {}), CASE)
    assert found is not None
    assert partners is not None
    assert [step["state"] for step in found["chain"]] == ["pursued"]
    assert [handoff["state"] for handoff in found["chain"][0]["handoffs"]] == ["accepted"]
    assert "GRETA 71 accepte" in [line["text"] for line in found["timeline"]]
    assert found["timeline"][0]["text"] == "Dossier ouvert"
    assert [line["text"] for line in partners["timeline"]] == ["Proposé à GRETA 71", "GRETA 71 accepte"]
    assert partners["case"] == {"id": CASE}
    assert strangers is None


async def test_figures_count_what_practice_says(board: BoardStore) -> None:
    await board.hear(*a_case(), proposed())
    await board.hear(moved(h.HandoffAccepted, "accepted"), at=MONDAY + days(1))
    unmet = h.StepUnmet(**{**STEP, "step": "other"}, owner="operator", next="match", reason="no-offer")
    await board.hear(unmet)
    silent = {"step": "silent", "partner": OTHER_PARTNER, "handoff": proposed(step="silent").handoff}
    await board.hear(proposed(**silent), moved(h.HandoffLapsed, "lapsed", **silent))
    async with board.database.connection() as conn:
        found = await figures(conn, COORDINATOR, NOW)
        nothing = await figures(conn, view("coordinator", "dreets", ["departement:21"], {}), NOW)
    assert found["cases"] == {"cases": 1, "clarified": 1, "masked": 1, "without_interview": 0}
    assert (found["answers"]["answers"], found["answers"]["in_time"]) == (2, 1)
    assert [(each["partner"], each["in_time"], each["median_days"]) for each in found["answers"]["partners"]] == [
        (OTHER_PARTNER, 0, None),
        (PARTNER, 1, 1.0),
    ]
    assert [(place["name"], place["number"]) for place in found["unmet"]] == [("Mâcon", 1)]
    assert nothing["unmet"] == []
    assert nothing["cases"]["cases"] == 0


async def test_the_same_events_again_change_nothing(board: BoardStore) -> None:
    facts = [board.history.fact(payload) for payload in (*a_case(), proposed())]
    await board.keep(facts)
    before = await counted(board, COORDINATOR)
    await board.keep(facts)
    assert await counted(board, COORDINATOR) == before
