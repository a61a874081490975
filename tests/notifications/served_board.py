"""A board that is served: real database, real tokens, real HTTP, and a real browser to look at it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from joserfc.jwk import ECKey
from playwright.async_api import Browser, Page, async_playwright

from notifications.board_facts import BoardStore, a_board
from relais_chassis import clock, problems
from relais_chassis.access import COOKIE, Access, Caller, issue
from relais_chassis.keys import new_keypair, write_keys
from relais_chassis.serving import Server
from relais_cli.browser import ADVICE, chromium
from relais_notifications.board import api
from relais_notifications.board.live import Live
from relais_notifications.board.pages import routes as pages

WIDE = {"width": 1360, "height": 900}
PHONE = {"width": 390, "height": 844}
COORDINATOR = Caller("c", "dreets-bfc", "coordinator", ("departement:71",))
PARTNER = Caller("p", "greta-71", "partner")
OPERATOR = Caller("o", "cep-bfc", "operator")


@dataclass
class Served:
    """Where the board answers, what is on it, and who may ask."""

    url: str
    board: BoardStore
    key: ECKey
    jwks: Path
    live: Live

    def token(self, caller: Caller) -> str:
        """A session of an hour."""
        return issue(self.key, caller, timedelta(hours=1))

    def headers(self, caller: Caller) -> dict[str, str]:
        """The same, for a program."""
        return {"Authorization": f"Bearer {self.token(caller)}"}


@asynccontextmanager
async def served(
    postgres: str, folder: Path, intake: str = "http://127.0.0.1:9", routing: str = ""
) -> AsyncIterator[Served]:
    """The board's API and pages on a free port, live."""
    key, jwks = new_keypair(), folder / "jwks.json"
    write_keys(key, folder / "signing.pem", jwks)
    async with a_board(postgres) as board:
        live = Live(board.database, clock.now, every=0.05)
        access = Access(str(jwks))
        app = FastAPI()
        problems.install(app)
        app.include_router(api.routes(board.database, live, access.caller, clock.now))
        app.include_router(pages.routes(access.caller, intake, routing))
        server = Server(app, "127.0.0.1", 0)
        running = [asyncio.create_task(part.run()) for part in (server, live)]
        yield Served(server.url, board, key, jwks, live)
        live.stop()
        server.stop()
        await asyncio.gather(*running)


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    """Chromium as Debian ships it."""
    found = chromium()
    if found is None:
        pytest.skip(ADVICE)
    arguments = ["--no-sandbox", "--disable-background-networking", "--no-first-run", "--disable-gpu", "--lang=fr-FR"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        await browser.close()


@asynccontextmanager
async def a_page(browser: Browser, at: Served, caller: Caller | None, size: Any = WIDE) -> AsyncIterator[Page]:
    """A tab of somebody signed in."""
    async with a_tab(browser, size) as page:
        if caller is not None:
            await page.context.add_cookies([{"name": COOKIE, "value": at.token(caller), "url": at.url}])
        yield page


@asynccontextmanager
async def a_tab(browser: Browser, size: Any = WIDE, **given: Any) -> AsyncIterator[Page]:
    """A tab of nobody yet; anything a page complains of fails the test."""
    context = await browser.new_context(viewport=size, locale="fr-FR", timezone_id="Europe/Paris", **given)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda told: complaints.append(told.text) if "Content Security Policy" in told.text else None)
    yield page
    await context.close()
    assert complaints == []


async def follow(page: Page, link: str) -> None:
    """Open a login link and enter."""
    await page.goto(link)
    await page.get_by_role("button", name="Entrer").click()


async def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
