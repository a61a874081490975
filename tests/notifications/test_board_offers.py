"""What a partner is shown of its own offers: places declared, what is left of them, and who looks in vain."""

from datetime import date, timedelta
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


async def test_sessions_are_shown_until_they_begin(board: BoardStore) -> None:
    begun = Session(starts=date(2026, 3, 1), ends=date(2026, 4, 1))
    ahead = Session(starts=date(2026, 5, 4), ends=date(2026, 6, 4))
    sessions = [PlacesDeclared(offer=OFFER, state="open", number=4, at=MONDAY, session=each) for each in (begun, ahead)]
    await board.hear(*sessions)
    [place] = (await shown(board))[0]["places"]
    assert place["session"] == {"starts": ahead.starts, "ends": ahead.ends}
    assert (place["number"], place["free"]) == (4, None)
