"""The coordinator's page in a real browser: live, filtered, readable on a phone, usable from the keyboard."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from builders import MACON, OTHER_CASE, PARTNER, a_case, a_handoff, a_partner, an_offer
from notifications.board_facts import moved
from notifications.served_board import COORDINATOR, PHONE, Served, a_browser, a_page, overflow, served
from notifications.served_board import PARTNER as PARTNER_CALLER
from relais_chassis import clock
from relais_contracts import handoffs as h
from relais_contracts.demand import DemandPlacesRequested

SOON = clock.now() + timedelta(days=2)


@pytest.fixture
async def at(postgres: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with served(postgres, tmp_path) as found:
        await found.board.hear(a_partner(), an_offer(), a_partner(partner="cep-bfc", name="CEP Bourgogne"))
        await found.board.hear(*a_case(), a_handoff(due=SOON), at=clock.now())
        yield found


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as found:
        yield found


async def test_it_says_who_must_act_next_what_and_by_when(at: Served, browser: Browser) -> None:
    async with a_page(browser, at, COORDINATOR) as page:
        await page.goto(f"{at.url}/board")
        row = page.locator("#items > li")
        await expect(row).to_have_count(1)
        await expect(row).to_contain_text("GRETA 71 doit répondre")
        await expect(row).to_contain_text("dans 1 jour")
        await expect(row).to_contain_text("Mâcon")
        await expect(page.locator("#live")).to_have_text("En direct")
        await expect(page.locator("[data-list=awaiting-answer] [data-count]")).to_have_text("1")


async def test_it_follows_what_happens_without_being_asked(at: Served, browser: Browser) -> None:
    async with a_page(browser, at, COORDINATOR) as page:
        await page.goto(f"{at.url}/board?list=awaiting-answer")
        await expect(page.locator("#items > li")).to_have_count(1)
        await at.board.hear(a_handoff(case=OTHER_CASE, due=SOON), case=OTHER_CASE)
        await expect(page.locator("#items > li")).to_have_count(2)
        await expect(page.locator("[data-list=awaiting-answer] [data-count]")).to_have_text("2")
        await at.board.hear(moved(h.HandoffAccepted, "accepted", due=SOON))
        await expect(page.locator("#items > li")).to_have_count(1)
        await expect(page.locator("[data-list=to-schedule] [data-count]")).to_have_text("1")


async def test_lists_and_filters_narrow_it(at: Served, browser: Browser) -> None:
    async with a_page(browser, at, COORDINATOR) as page:
        await page.goto(f"{at.url}/board")
        await page.locator("[data-list=unmet]").click()
        await expect(page.locator("#empty")).to_be_visible()
        await expect(page).to_have_url(f"{at.url}/board?list=unmet")
        await page.locator("[data-list=open]").click()
        await page.locator("select[name=partner]").select_option(PARTNER)
        await expect(page.locator("#items > li")).to_have_count(1)
        await page.locator("select[name=actor]").select_option("funding-body")
        await expect(page.locator("#empty")).to_be_visible()
        await page.get_by_role("button", name="Effacer les filtres").click()
        await expect(page.locator("#items > li")).to_have_count(1)


async def test_a_case_opens_beside_the_list_and_gives_the_focus_back(at: Served, browser: Browser) -> None:
    async with a_page(browser, at, COORDINATOR) as page:
        await page.goto(f"{at.url}/board")
        await page.locator("#items .item").focus()
        await page.keyboard.press("Enter")
        panel = page.locator("#dossier")
        await expect(panel).to_contain_text("Proposé à GRETA 71")
        await expect(panel).to_contain_text("besoin différent de la demande")
        await expect(page.locator("#dossier-title")).to_be_focused()
        await at.board.hear(moved(h.HandoffAccepted, "accepted", due=SOON))
        await expect(panel).to_contain_text("GRETA 71 accepte")
        await page.keyboard.press("Escape")
        await expect(panel).to_be_hidden()
        await expect(page.locator("#items .item")).to_be_focused()


async def test_unmet_needs_are_counted_and_mapped(at: Served, browser: Browser) -> None:
    step = {"step": "other", "operator": "cep-bfc", "actor": "training-body", "need": a_handoff().need}
    await at.board.hear(h.StepUnmet(**step, commune=MACON, owner="operator", next="match", reason="no-offer"))
    async with a_page(browser, at, COORDINATOR) as page:
        await page.goto(f"{at.url}/board?list=unmet")
        await expect(page.locator("#items > li")).to_contain_text("aucune offre pour ce besoin")
        await expect(page.locator("#unmet")).to_contain_text("Mâcon")
        await expect(page.locator("#map circle")).to_have_count(1)


async def test_it_fits_a_phone(at: Served, browser: Browser) -> None:
    offer, needs = an_offer(name="Bureautique et communication professionnelle"), (a_handoff().need,)
    asked = DemandPlacesRequested(
        offer=offer.offer, partner=PARTNER, actor="training-body", needs=needs, commune=MACON, people=12, since=SOON
    )
    await at.board.hear(offer, asked)
    async with a_page(browser, at, COORDINATOR, PHONE) as page:
        await page.goto(f"{at.url}/board")
        await expect(page.locator("#items > li")).to_have_count(1)
        await expect(page.locator("#map svg")).to_be_visible()
        await expect(page.locator("#in-demand td").first).to_be_visible()
        assert await overflow(page) == 0
        await page.locator("#items .item").click()
        await expect(page.locator("#dossier .story li").first).to_be_visible()
        assert await overflow(page) == 0


UNNAMED = """() => {
    const name = (each) => each.getAttribute("aria-label") ?? each.getAttribute("alt") ?? each.labels?.[0]?.textContent
        ?? each.textContent;
    const decorative = (each) => each.getAttribute("alt") === "";
    return [...document.querySelectorAll("a, button, select, input, textarea, [role=img], img")]
        .filter((each) => !decorative(each) && !name(each).trim()).map((each) => each.outerHTML);
}"""


async def test_every_control_has_a_name_and_headings_go_down_step_by_step(at: Served, browser: Browser) -> None:
    for caller, path in [(COORDINATOR, "/board"), (PARTNER_CALLER, "/referrals")]:
        async with a_page(browser, at, caller) as page:
            await page.goto(at.url + path)
            await expect(page.locator("#live")).to_have_text("En direct")
            assert await page.evaluate(UNNAMED) == []
            levels = await page.eval_on_selector_all("h1, h2, h3", "all => all.map(each => Number(each.tagName[1]))")
            assert levels[0] == 1
            assert all(after - before <= 1 for before, after in pairwise(levels))
            assert await page.evaluate("document.documentElement.lang") == "fr"


async def test_text_from_outside_stays_text(at: Served, browser: Browser) -> None:
    evil = "<img src=x onerror=alert(1)>"
    await at.board.hear(a_partner(name=evil))
    async with a_page(browser, at, COORDINATOR) as page:
        await page.goto(f"{at.url}/board")
        await expect(page.locator("#items > li")).to_contain_text(evil)
        assert await page.locator("#items img").count() == 0


async def test_without_a_session_it_says_how_to_get_in(at: Served, browser: Browser) -> None:
    async with a_page(browser, at, None) as page:
        await page.goto(f"{at.url}/board")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Votre session est terminée")
