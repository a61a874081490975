"""The panel of fairness in a real browser, asking a real door of routing: alarms in words, bands, a phone's width."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from starlette.types import ASGIApp, Receive, Scope, Send

from notifications.served_board import COORDINATOR, OPERATOR, PHONE, WIDE, Served, a_browser, a_page, overflow, served
from relais_chassis import clock
from relais_chassis.access import Access
from relais_chassis.health import Health
from relais_chassis.limits import Rate
from relais_chassis.migrations import migrate
from relais_chassis.postgres import Database
from relais_chassis.serving import Server
from relais_routing.directory import LiveIndex
from relais_routing.door import Door, app
from relais_routing.impartiality import watch
from relais_routing.impartiality.watch import Watch
from relais_routing.matching.match import Decision
from relais_routing.places import Taken
from relais_routing.shares import Shares
from routers import router_on
from years import Rigged, Year

FAVOURITE = "71270-2"


@asynccontextmanager
async def with_routing(postgres: str, folder: Path, year: Year, number: int) -> AsyncIterator[Served]:
    """The pages, and routing's door for them to ask."""
    await migrate(postgres, "routing", "relais_routing")
    inside: list[ASGIApp] = []

    async def routing(scope: Scope, receive: Receive, send: Send) -> None:
        await inside[0](scope, receive, send)

    server = Server(routing, "127.0.0.1", 0)
    async with (
        Database(postgres, "routing", max_size=4) as database,
        served(postgres, folder, routing=server.url) as at,
        database.connection() as conn,
    ):
        door = Door(Access(str(at.jwks), origins=(at.url,)), Rate(1000, 1000))
        inside.append(app([Shares(database, door).router()], Health(), (at.url,)))
        await year.store(conn, number)
        await conn.execute("update decision set at = now() - interval '1 day'")
        watching = Watch(database, LiveIndex(), Taken())
        while await watching.once(conn):
            pass
        running = asyncio.create_task(server.run())
        yield at
        server.stop()
        await running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as found:
        yield found


async def test_an_alarm_is_said_in_words_and_drawn(postgres: str, tmp_path: Path, browser: Browser) -> None:
    async with with_routing(postgres, tmp_path, Rigged(7, FAVOURITE, 0.6), 1200) as at:
        for size in (None, PHONE):
            async with a_page(browser, at, COORDINATOR, *([size] if size else [])) as page:
                await page.goto(f"{at.url}/board")
                panel = page.locator("#impartiality")
                await expect(panel).to_be_visible()
                alarm = panel.locator("#impartiality-alarms li", has_text=FAVOURITE.upper()).first
                await expect(alarm).to_contain_text("le tirage est à vérifier")
                await expect(panel.locator("tr.outside svg.band").first).to_be_visible()
                assert await overflow(page) == 0
                await panel.screenshot(path=str(tmp_path / f"impartiality-{'phone' if size else 'wide'}.png"))


def steered(year: Year, honest: Decision) -> str | None:
    """Half of them name one of a group, whoever their operator is."""
    mine = [each.offer.offer for each in honest.ranking if each.offer.group == "greta"]
    return mine[0] if mine and year.chance.random() < 0.5 else None


async def test_the_month_an_alarm_was_raised_for_is_said(postgres: str, tmp_path: Path, browser: Browser) -> None:
    async with with_routing(postgres, tmp_path, Year(9, steered), 1200) as at, router_on(postgres) as router:
        now = clock.now()
        async with router.database.connection() as conn:
            await router.transactor.transact(await watch.find(conn, now, 10))
        for size in (WIDE, PHONE):
            async with a_page(browser, at, COORDINATOR, size) as page:
                await page.goto(f"{at.url}/board")
                alarm = page.locator("#impartiality-alarms li", has_text="son propre réseau (greta)").first
                await expect(alarm).to_contain_text(re.compile(rf"Alarme donnée pour [a-zéû]+ {now.year}\."))
                assert await overflow(page) == 0


async def test_what_chance_explains_is_said_so(postgres: str, tmp_path: Path, browser: Browser) -> None:
    async with with_routing(postgres, tmp_path, Year(8), 200) as at:
        async with a_page(browser, at, COORDINATOR) as page:
            await page.goto(f"{at.url}/board")
            await expect(page.locator("#impartiality-said")).to_contain_text("s’explique par le hasard du tirage")
            await expect(page.locator("#impartiality-alarms li")).to_have_count(0)
        async with a_page(browser, at, OPERATOR) as page:
            await page.goto(f"{at.url}/board")
            await expect(page.locator("#impartiality-said")).to_contain_text("Aucun choix à comparer")


async def test_without_routing_there_is_no_panel(postgres: str, tmp_path: Path, browser: Browser) -> None:
    async with served(postgres, tmp_path) as at, a_page(browser, at, COORDINATOR) as page:
        await page.goto(f"{at.url}/board")
        await expect(page.locator("#figures .card").first).to_be_visible()
        await expect(page.locator("#impartiality")).to_be_hidden()
