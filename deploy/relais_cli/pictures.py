"""`relais pictures`: photographs the pages during a played day, for README and the guides.

Starts the demo's stack with clocks in real days, looks at it with a real browser, and writes small PNG files.
It changes nothing of the day.
"""

import sys
from pathlib import Path
from typing import Any, Final

from relais_cli import browser, places
from relais_cli.output import Stopped, give
from relais_cli.stack import Stack, foreground
from relais_cli.stack.passing import passing

PICTURES: Final = places.CHECKOUT / "docs" / "pictures"
WIDE: Final = {"width": 1360, "height": 900}
PHONE: Final = {"width": 390, "height": 844}
COLOURS: Final = 128
SEEN: Final = "#items > li, #referrals > *"


def main(*, cases: int = 60) -> int:
    """Play a day and photograph the board (desktop) and a partner's page (telephone) into docs/pictures."""
    found = browser.ensure_chromium()
    if found is None:
        raise Stopped(browser.ADVICE, 3)
    return foreground.run(_main(found, cases))


async def _main(chromium: str, cases: int) -> int:
    from relais_cli.demo import DAY_SECONDS, NOTIFICATIONS, play, screen

    shown = screen.Screen(sys.stderr)
    async with passing("pictures", notifications=NOTIFICATIONS, tell=shown.tell) as stack:
        await play.a_day(stack, cases, DAY_SECONDS, shown)
        give(await _photograph(stack, chromium), False)
    return 0


async def _photograph(stack: Stack, chromium: str) -> dict[str, str]:
    from playwright.async_api import async_playwright

    from relais_cli.demo.cast import COORDINATOR

    PICTURES.mkdir(exist_ok=True)
    partner = await _busiest(stack)
    looks: list[tuple[str, str, str, list[str], Any]] = [
        ("board", "coordinator", COORDINATOR, ["country:FR"], WIDE),
        ("referrals", "partner", partner, [], PHONE),
    ]
    written: dict[str, str] = {}
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name, role, organisation, territories, size in looks:
            context = await opened.new_context(viewport=size, locale="fr-FR", timezone_id="Europe/Paris")
            page = await context.new_page()
            link = stack.keys.login_token(role, organisation, territories)
            await page.goto(f"{stack.url('notifications')}/login?token={link}")
            await page.get_by_role("button", name="Entrer").click()
            await page.wait_for_selector(SEEN)
            written[name] = _kept(await page.screenshot(), PICTURES / f"{name}.png")
            await context.close()
        await opened.close()
    return written


async def _busiest(stack: Stack) -> str:
    """The partner with the most to answer: its page has something to show."""
    import asyncpg

    conn = await asyncpg.connect(stack.superuser)
    try:
        return str(
            await conn.fetchval(
                "select partner from notifications.board_item where kind = 'handoff' and ended is null"
                " group by partner order by count(*) filter (where state = 'proposed') desc, partner limit 1"
            )
        )
    finally:
        await conn.close()


def _kept(picture: bytes, file: Path) -> str:
    """Write it with few colours: pages have few, and README stays light."""
    from io import BytesIO

    from PIL import Image

    Image.open(BytesIO(picture)).convert("RGB").quantize(COLOURS).save(file, optimize=True)
    return f"{file.relative_to(places.CHECKOUT)} ({file.stat().st_size // 1024} KB)"
