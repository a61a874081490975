"""Dates as the pages write them, in a real browser whose clock stands still."""

from pathlib import Path

import pytest

from notifications.served_board import a_browser, a_tab, served

SAID = "import('/static/dates.js').then((dates) => [dates.dayAndTime({0!r}), dates.short({0!r})])"
WRITTEN = {
    "2026-03-03T08:05:00Z": ["mardi 3 mars à 9 h 05", "3 mars à 9 h 05"],
    "2026-12-31T22:59:00Z": ["jeudi 31 décembre à 23 h 59", "31 déc. à 23 h 59"],
    "2026-12-31T23:00:00Z": ["vendredi 1er janvier 2027 à 0 h 00", "1er janv. 2027 à 0 h 00"],
    "2025-11-11T11:00:00Z": ["mardi 11 novembre 2025 à 12 h 00", "11 nov. 2025 à 12 h 00"],
}


@pytest.mark.usefixtures("chromium")
async def test_a_date_says_its_year_where_that_is_not_this_one(postgres: str, tmp_path: Path) -> None:
    async with served(postgres, tmp_path) as at, a_browser() as browser, a_tab(browser) as page:
        await page.clock.set_fixed_time("2026-06-01T12:00:00Z")
        await page.goto(f"{at.url}/board")
        assert {given: await page.evaluate(SAID.format(given)) for given in WRITTEN} == WRITTEN
