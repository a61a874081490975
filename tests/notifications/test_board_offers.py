"""What a partner is shown of its own offers: places declared, what is left of them, and who looks in vain."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

import builders as a
from builders import MONDAY, NEED, OFFER, PARTNER
from notifications.board_facts import BoardStore, a_board, moved
from relais_contracts.demand import DemandPlacesRequested
from relais_contracts.directory import OfferWithdrawn, PlacesDeclared, Session
from relais_contracts.handoffs import HandoffAccepted, HandoffDeclined
from relais_notifications.board import offers
from relais_notifications.board.views import view

HOUR = timedelta(hours=1)
DEMAND = DemandPlacesRequested(
    offer=OFFER, partner=PARTNER, actor="training-body", needs=(NEED,), commune=a.MACON, people=3, since=MONDAY
)


@pytest.fixture
async def board(postgres: str) -> Any:
    async with a_board(postgres) as board:
        await board.hear(a.a_partner(), a.an_offer())
        yield board


async def shown(board: BoardStore, partner: str = PARTNER) -> list[dict[str, Any]]:
    """The partner's offers a day later."""
    async with board.database.connection() as conn:
        found: list[dict[str, Any]] = (await offers.read(conn, partner, MONDAY + timedelta(days=1)))["offers"]
    return found


async def test_an_offer_is_its_partners_alone_until_it_is_withdrawn(board: BoardStore) -> None:
    [offer] = await shown(board)
    assert (offer["offer"], offer["name"], offer["places"], offer["demand"]) == (
        OFFER,
        "Bureautique, premiers pas",
        [],
        None,
    )
    assert offer["needs"] == ["Maîtriser les fondamentaux du numérique"]
    assert await shown(board, "somebody") == []
    await board.hear(OfferWithdrawn(offer=OFFER))
    assert await shown(board) == []


async def test_free_is_what_is_left_of_the_number_since_it_was_said(board: BoardStore) -> None:
    await board.hear(a.places(number=2, at=MONDAY))
    await board.hear(a.a_handoff(), at=MONDAY + HOUR)
    assert (await shown(board))[0]["places"][0]["free"] == 1
    await board.hear(moved(HandoffAccepted, "accepted"), at=MONDAY + 2 * HOUR)
    assert (await shown(board))[0]["places"][0]["free"] == 1
    await board.hear(a.places(number=2, at=MONDAY + 3 * HOUR))
    assert (await shown(board))[0]["places"][0]["free"] == 2
    decline = moved(HandoffDeclined, "declined", reason="not-eligible", caused_by="partner")
    await board.hear(decline, at=MONDAY + 4 * HOUR)
    assert (await shown(board))[0]["places"][0]["free"] == 2


async def test_demand_is_shown_until_places_are_opened(board: BoardStore) -> None:
    await board.hear(a.places(state="full", number=None, at=MONDAY), DEMAND)
    assert (await shown(board))[0]["demand"] == {"people": 3, "since": MONDAY}
    await board.hear(a.places(state="full", number=None, at=MONDAY + HOUR))
    assert (await shown(board))[0]["demand"] is not None
    await board.hear(a.places(state="waiting-list", number=None, at=MONDAY + 2 * HOUR))
    assert (await shown(board))[0]["demand"] is None


async def test_coordinators_see_where_places_are_asked_for(board: BoardStore) -> None:
    await board.hear(DEMAND)
    asked = {}
    async with board.database.connection() as conn:
        for role, territory in [
            ("coordinator", "departement:71"),
            ("coordinator", "departement:59"),
            ("operator", None),
        ]:
            seen = view(role, "somebody", (territory,) if territory else (), {})
            asked[role, territory] = [row["people"] for row in await offers.in_demand(conn, seen)]
    assert asked == {
        ("coordinator", "departement:71"): [3],
        ("coordinator", "departement:59"): [],
        ("operator", None): [],
    }


BEGUN = Session(starts=date(2026, 3, 1), ends=date(2026, 4, 1))
MAY = Session(starts=date(2026, 5, 4), ends=date(2026, 6, 4))
JUNE = Session(starts=date(2026, 6, 8), ends=date(2026, 7, 8))


def a_session(session: Session, number: int | None, at: datetime = MONDAY, **given: Any) -> PlacesDeclared:
    return a.places(number=number, at=at, session=session, **given)


async def test_sessions_are_shown_until_they_begin(board: BoardStore) -> None:
    await board.hear(a_session(BEGUN, 4), a_session(MAY, 4))
    [place] = (await shown(board))[0]["places"]
    assert place["session"] == {"starts": MAY.starts, "ends": MAY.ends}
    assert (place["number"], place["free"]) == (4, 4)


async def free(board: BoardStore) -> list[int | None]:
    """What is free of each of the offer's places, in their order."""
    return [place["free"] for place in (await shown(board))[0]["places"]]


async def comes(board: BoardStore, number: int, at: datetime = MONDAY + HOUR) -> str:
    """One more person is proposed; the case."""
    case = f"3f8e2f60-5a3c-4b0a-9d2e-{number:012d}"
    await board.hear(a.a_handoff(case=case), case=case, at=at)
    return case


async def test_each_session_is_counted_by_itself_the_earliest_filled_first(board: BoardStore) -> None:
    await board.hear(a_session(BEGUN, 4), a_session(JUNE, 3), a_session(MAY, 2))
    first = await comes(board, 1)
    assert await free(board) == [1, 3]
    await comes(board, 2)
    third = await comes(board, 3)
    assert await free(board) == [0, 2]
    decline = {"reason": "not-eligible", "caused_by": "partner"}
    await board.hear(moved(HandoffDeclined, "declined", case=first, **decline), case=first, at=MONDAY + 2 * HOUR)
    assert await free(board) == [1, 2]
    await board.hear(moved(HandoffAccepted, "accepted", case=third), case=third, at=MONDAY + 2 * HOUR)
    await board.hear(a_session(JUNE, 2, at=MONDAY + 3 * HOUR))
    assert await free(board) == [1, 2]


async def test_who_can_start_comes_before_who_waits_whatever_the_dates(board: BoardStore) -> None:
    await board.hear(a_session(MAY, 5, state="waiting-list"), a_session(JUNE, 2))
    await comes(board, 1)
    assert await free(board) == [None, 1]


async def test_undated_places_are_taken_before_those_of_a_session(board: BoardStore) -> None:
    await board.hear(a.places(number=1, at=MONDAY), a_session(MAY, 2))
    await comes(board, 1)
    await comes(board, 2)
    assert await free(board) == [0, 1]
    await board.hear(a.places(number=None, state="full", at=MONDAY + 2 * HOUR))
    await comes(board, 3, at=MONDAY + 3 * HOUR)
    assert await free(board) == [None, 0]


async def test_a_proposal_heard_after_every_session_has_begun_takes_none(board: BoardStore) -> None:
    await board.hear(a_session(BEGUN, 4), a_session(MAY, 2))
    await comes(board, 1, at=MONDAY + timedelta(days=90))
    assert await free(board) == [2]
