"""« Mes places » in a real browser: what each dated session has left, and how it is told, on a phone too."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

import builders as a
from builders import OFFER
from notifications.served_board import PARTNER, PHONE, WIDE, Served, a_browser, a_page, overflow, served
from relais_chassis import clock
from relais_contracts.directory import PlacesDeclared, Session

YEAR = clock.now().year + 1
SPRING = Session(starts=date(YEAR, 3, 1), ends=date(YEAR, 3, 26))
SUMMER = Session(starts=date(YEAR, 5, 31), ends=date(YEAR, 6, 30))
WINTER = Session(starts=date(YEAR, 12, 7), ends=date(YEAR + 1, 1, 15))
ONE_DAY = Session(starts=date(YEAR, 9, 14), ends=date(YEAR, 9, 14))


def of(session: Session | None, **given: Any) -> PlacesDeclared:
    return a.places(session=session, at=clock.now() - timedelta(hours=2), **given)


@pytest.fixture
async def at(postgres: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with served(postgres, tmp_path) as found:
        hear = found.board.hear
        await hear(a.a_partner(), a.an_offer(), a.an_offer(offer="greta-71.anglais", name="Anglais professionnel"))
        await hear(of(SPRING, number=1), of(SUMMER, number=4), of(WINTER, state="waiting-list", number=None))
        await hear(of(ONE_DAY, state="full", number=None))
        for number in range(2):
            case = f"3f8e2f60-5a3c-4b0a-9d2e-{number:012d}"
            await hear(a.a_handoff(case=case), case=case, at=clock.now())
        yield found


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as found:
        yield found


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desktop", "phone"])
async def test_each_session_says_when_it_is_and_what_is_left(at: Served, browser: Browser, size: Any) -> None:
    async with a_page(browser, at, PARTNER, size) as page:
        await page.goto(f"{at.url}/referrals?list=places")
        rows = page.locator(f'.offer[data-offer="{OFFER}"] [data-session]')
        await expect(rows.locator("h3")).to_have_text(
            [
                f"Session du 1er au 26 mars {YEAR}",
                f"Session du 31 mai au 30 juin {YEAR}",
                f"Session du 14 septembre {YEAR}",
                f"Session du 7 décembre {YEAR} au 15 janvier {YEAR + 1}",
            ]
        )
        taken = "Complet : toutes les places sont prises"
        await expect(rows.locator(".chip")).to_have_text([taken, "3 places libres", "Complet", "Liste d’attente"])
        await expect(rows.nth(1)).to_contain_text("sur 4 annoncées")
        assert await overflow(page) == 0
        await page.get_by_text("Ajouter une session", exact=True).click()
        await rows.nth(1).get_by_text("Mettre à jour").click()
        assert await overflow(page) == 0
