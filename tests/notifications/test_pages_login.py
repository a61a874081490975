"""A login link as people meet it: in a web mail of another site, opened by a real browser, perhaps scanned before."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from playwright.async_api import Page, expect

from builders import PARTNER
from notifications.doors import Doors
from notifications.served_board import PHONE, WIDE, a_browser, a_tab, overflow
from relais_chassis.serving import Server


@asynccontextmanager
async def a_web_mail(link: str) -> AsyncIterator[str]:
    """Somebody else's site with a link in it: by its name, not by the address our pages have."""
    app = web.Application()
    body = f'<!doctype html><link rel="icon" href="data:,"><a href="{link}">Entrer dans Relais</a>'

    async def read(_: web.Request) -> web.Response:
        return web.Response(text=body, content_type="text/html")

    app.router.add_get("/", read)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://localhost:{runner.addresses[0][1]}/"
    await runner.cleanup()


@pytest.fixture
async def at(doors: Doors) -> AsyncIterator[str]:
    """Where the service answers."""
    server = Server(doors.app, "127.0.0.1", 0)
    running = asyncio.create_task(server.run())
    yield server.url
    server.stop()
    await running


async def _open(page: Page, mail: str) -> None:
    await page.goto(mail)
    await page.get_by_role("link", name="Entrer dans Relais").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Entrer dans Relais")


@pytest.mark.parametrize(
    ("size", "script"), [(WIDE, True), (PHONE, True), (WIDE, False)], ids=["wide", "phone", "no script"]
)
async def test_a_link_in_a_web_mail_lets_in_after_any_number_of_looks(
    doors: Doors, at: str, size: dict[str, int], script: bool
) -> None:
    token = doors.token("partner", PARTNER, use="login", jti="mailed")
    async with (
        a_browser() as browser,
        a_web_mail(f"{at}/login?token={token}") as mail,
        a_tab(browser, size, java_script_enabled=script) as page,
    ):
        await _open(page, mail)
        await _open(page, mail)
        await expect(page.locator("main")).to_contain_text(f"{PARTNER} (Partenaire)")
        assert await overflow(page) <= 0
        await page.get_by_role("button", name="Entrer").click()
        await expect(page).to_have_url(re.compile("/referrals$"))
        await expect(page.get_by_role("link", name="Mes places")).to_be_visible()
        [cookie] = await page.context.cookies()
        assert (cookie["sameSite"], cookie["httpOnly"]) == ("Strict", True)

        await page.goto(mail)
        await page.get_by_role("link", name="Entrer dans Relais").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Ce lien ne fonctionne plus")
        await page.get_by_role("link", name="Ouvrir Relais").click()
        await expect(page).to_have_url(re.compile("/referrals$"))
        await expect(page.get_by_role("link", name="Mes places")).to_be_visible()
