"""A partner without a system of its own, in a real browser, against the real services: from the link to the end."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from playwright.async_api import Browser, Page, expect

import builders as a
from notifications.served_board import PHONE, a_browser, a_tab, follow, overflow
from relais_chassis import clock
from relais_cli.stack import Stack
from relais_contracts.cases import AnyOption, Contact, OfferOption, Option
from relais_contracts.catalogue import dump
from relais_contracts.codec import BATCH, batch_to_json, to_json
from relais_contracts.envelope import CloudEvent, Payload
from servers import Servers

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
PATIENCE = 20_000  # milliseconds: everything on the way is real, on a machine that may be busy
CONTACT = Contact(name="Camille Martin", phone="0612345678", preferred="phone")


@dataclass
class World:
    """All of Relais, a directory of two training bodies, and whoever speaks to it."""

    running: Stack
    cases: list[str] = field(default_factory=list)

    async def declare(self) -> None:
        """Two training bodies of Mâcon, and the operator."""
        updated = clock.now().date()
        entries: list[Payload] = [a.a_partner(partner=a.OPERATOR, name="CEP Bourgogne-Franche-Comté")]
        for partner, name in [(a.PARTNER, "GRETA 71"), (a.OTHER_PARTNER, "AFPA Mâcon")]:
            entries += [a.a_partner(partner=partner, name=name)]
            entries += [a.an_offer(offer=f"{partner}.bureautique", partner=partner, updated=updated)]
        lines = [to_json(CloudEvent(str(uuid4()), "/annuaire", each.TYPE, dump(each))) for each in entries]
        answer = await self._post("/v1/directory", "directory", "annuaire", b"\n".join(lines), "application/x-ndjson")
        assert answer.text.count('"status":202') == len(lines), answer.text

    async def is_full(self) -> None:
        """The GRETA has no place left."""
        entry = a.places(state="full", number=None, at=clock.now())
        line = to_json(CloudEvent(str(uuid4()), "/annuaire", entry.TYPE, dump(entry)))
        answer = await self._post("/v1/directory", "directory", "annuaire", line, "application/x-ndjson")
        assert '"status":202' in answer.text, answer.text

    async def a_person_comes(self, *options: Option) -> str:
        """A case with its consent and a strategy: the GRETA first, anybody after it, unless told otherwise."""
        case = str(uuid4())
        wanted = options or (OfferOption(offer=a.OFFER), AnyOption(any=True))
        step = a.a_step(options=wanted, on_refusal="next")
        history = [a.opened(contact=CONTACT, audiences=("demandeurs-emploi",)), a.clarified(), a.verified()]
        history += [a.possibilities(), a.consent(until=clock.now().date() + timedelta(days=90)), a.strategy(1, step)]
        events = [
            CloudEvent(
                str(uuid4()), f"/{a.OPERATOR}", each.TYPE, dump(each.model_copy(update={"operator": None})), case
            )
            for each in history
        ]
        answer = await self._post("/v1/events", "operator", a.OPERATOR, batch_to_json(events), BATCH)
        assert [line["status"] for line in answer.json()] == [202] * len(events), answer.text
        self.cases.append(case)
        return case

    async def _post(self, path: str, role: str, org: str, body: bytes, kind: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.running.keys.token(role, org)}", "content-type": kind}
        async with httpx.AsyncClient(base_url=self.running.url("intake"), timeout=30) as client:
            return await client.post(path, content=body, headers=headers)

    async def enter(self, page: Page, role: str, org: str, territories: tuple[str, ...] = ()) -> None:
        """Enter by somebody's login link."""
        page.set_default_timeout(PATIENCE)
        token = self.running.keys.login_token(role, org, territories)
        await follow(page, f"{self.running.url('notifications')}/login?token={token}")
        await expect(page.locator("#live")).to_have_text("En direct", timeout=PATIENCE)


@pytest.fixture
async def world(stack: Servers, topic_prefix: str, tmp_path: Path) -> AsyncIterator[World]:
    name = f"test_{uuid4().hex[:16]}"
    where: dict[str, Any] = {"kafka": stack.kafka, "postgres": stack.postgres, "database": name, "prefix": topic_prefix}
    async with Stack(tmp_path / "relais", **where) as running:
        found = World(running)
        await found.declare()
        yield found
    admin = await asyncpg.connect(re.sub(r"/[^/?]*(\?|$)", r"/postgres\1", stack.postgres))
    await admin.execute(f"drop database if exists {name} with (force)")
    await admin.close()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as found:
        yield found


async def shows(page: Page, state: str) -> None:
    """The one referral has come to a state, and is not waiting for news any more."""
    await expect(page.locator("article")).to_have_attribute("data-state", state, timeout=PATIENCE)
    await expect(page.locator("article .sent")).to_have_count(0, timeout=PATIENCE)


async def fix_a_date(page: Page, button: str, place: str) -> None:
    """Fill the appointment's dialog in and send it."""
    await page.get_by_role("button", name=button).click()
    await page.locator("#ask [name=place]").fill(place)
    await page.get_by_role("button", name="Envoyer").click()
    await expect(page.locator("#ask")).to_be_hidden(timeout=PATIENCE)


async def test_from_the_request_to_the_outcome(world: World, browser: Browser) -> None:
    async with a_tab(browser) as page, a_tab(browser) as board:
        await world.enter(page, "partner", a.PARTNER)
        await expect(page).to_have_url(re.compile("/referrals$"))
        await world.enter(board, "coordinator", "dreets-bfc", ("departement:71",))
        await world.a_person_comes()

        await shows(page, "proposed")
        card = page.locator("article")
        for told in ("Maîtriser les fondamentaux du numérique", "CEP Bourgogne", "Mâcon", "formation", "Demandeurs"):
            await expect(card).to_contain_text(told)
        assert await page.get_by_role("button", name="Voir les coordonnées").count() == 0
        await page.get_by_role("button", name="Accepter").click()
        await shows(page, "accepted")
        await page.get_by_role("button", name="Voir les coordonnées").click()
        await expect(card).to_contain_text("Camille Martin", timeout=PATIENCE)
        await expect(card).to_contain_text("0612345678")

        await fix_a_date(page, "Fixer un rendez-vous…", "12 rue de Lyon")
        await shows(page, "scheduled")
        await expect(card).to_contain_text("12 rue de Lyon")
        await page.get_by_role("button", name="La personne n’est pas venue").click()
        await shows(page, "no-show")
        await expect(board.locator("[data-list=no-show] [data-count]")).to_have_text("1", timeout=PATIENCE)
        await fix_a_date(page, "Fixer une autre date…", "14 rue de Lyon")
        await shows(page, "scheduled")
        await page.get_by_role("button", name="La personne est venue").click()
        await shows(page, "attended")
        await page.get_by_role("button", name="Terminer…").click()
        await page.get_by_label("objectif atteint", exact=True).check()
        await page.get_by_role("button", name="Envoyer").click()
        await expect(page.locator("#empty")).to_be_visible(timeout=PATIENCE)

        await page.get_by_role("link", name="Terminés").click()
        await expect(page.locator("article")).to_contain_text("objectif atteint")
        await expect(board.locator("#empty")).to_be_visible(timeout=PATIENCE)


async def test_a_refusal_gives_its_reason_and_the_next_partner_is_asked(world: World, browser: Browser) -> None:
    await world.a_person_comes()
    async with a_tab(browser) as page, a_tab(browser) as other, a_tab(browser) as board:
        await world.enter(other, "partner", a.OTHER_PARTNER)
        await world.enter(page, "partner", a.PARTNER)
        await shows(page, "proposed")
        await page.get_by_role("button", name="Refuser…").click()
        await page.get_by_role("button", name="Envoyer").click()
        await expect(page.locator("#ask-error")).to_contain_text("À compléter : Motif")
        await page.locator("#ask [name=reason]").select_option("other")
        await page.get_by_role("button", name="Envoyer").click()
        await expect(page.locator("#ask-error")).to_contain_text("À compléter : Votre note")
        await page.locator("#ask [name=note]").fill("Notre salle est fermée en mars.")
        await page.get_by_role("button", name="Envoyer").click()
        await expect(page.locator("#empty")).to_be_visible(timeout=PATIENCE)
        await shows(other, "proposed")

        await world.enter(board, "operator", a.OPERATOR)
        await board.locator("#items .item").click()
        panel = board.locator("#dossier")
        await expect(panel).to_contain_text("GRETA 71 refuse : autre motif (du fait du partenaire)", timeout=PATIENCE)
        await expect(panel).to_contain_text("Proposé à AFPA Mâcon")
        await panel.get_by_text("Lire la note").click()
        await expect(panel).to_contain_text("Notre salle est fermée en mars.", timeout=PATIENCE)
        await panel.get_by_text("Pourquoi ce partenaire ?").last.click()
        await expect(panel.locator(".told").nth(1)).to_contain_text("AFPA", timeout=PATIENCE)


async def test_what_came_too_late_is_said_on_a_phone_too(world: World, browser: Browser) -> None:
    await world.a_person_comes()
    async with a_tab(browser, PHONE) as phone, a_tab(browser) as desk:
        await world.enter(phone, "partner", a.PARTNER)
        await shows(phone, "proposed")
        assert await overflow(phone) == 0
        await phone.get_by_role("button", name="Refuser…").click()
        await phone.locator("#ask [name=reason]").select_option("no-capacity")
        assert await overflow(phone) == 0

        await world.enter(desk, "partner", a.PARTNER)
        await desk.get_by_role("button", name="Refuser…").click()
        await desk.locator("#ask [name=reason]").select_option("not-eligible")
        await desk.get_by_role("button", name="Envoyer").click()
        await expect(phone.locator("article")).to_have_count(0, timeout=PATIENCE)

        await phone.get_by_role("button", name="Envoyer").click()
        await expect(phone.locator("#ask-error")).to_contain_text("Ce n’est plus possible", timeout=PATIENCE)


async def test_a_partner_that_is_full_opens_places_for_who_looks(world: World, browser: Browser) -> None:
    await world.is_full()
    only = OfferOption(offer=a.OFFER)
    async with a_tab(browser, PHONE) as page:
        await world.enter(page, "partner", a.PARTNER)
        await world.a_person_comes(only)
        badge = page.locator("[data-list=places] [data-count]")
        await expect(badge).to_have_text("1", timeout=PATIENCE)
        await page.get_by_role("link", name="Mes places").click()
        card = page.locator(".offer")
        await expect(card).to_contain_text("Une personne cherche une place ici", timeout=PATIENCE)
        await expect(card.locator(".chip")).to_have_text("Complet")
        assert await overflow(page) == 0

        await card.get_by_label("Combien de places").fill("-1")
        await card.get_by_role("button", name="Enregistrer").click()
        await expect(card.get_by_role("alert")).to_contain_text("nombre entier")
        await card.get_by_label("Combien de places").fill("2")
        await card.get_by_role("button", name="Enregistrer").click()
        await expect(page.locator("#said")).to_contain_text("Vos places sont enregistrées", timeout=PATIENCE)
        await expect(card.locator(".chip")).to_have_text("1 place libre", timeout=PATIENCE)
        await expect(card).not_to_contain_text("cherche une place")
        await expect(badge).to_have_text("")

        await page.get_by_role("link", name="En cours").click()
        await shows(page, "proposed")

        await page.get_by_role("link", name="Mes places").click()
        await card.get_by_text("Mettre à jour mes places").click()
        await card.get_by_label("Liste d’attente").check()
        await expect(card.get_by_label("Combien de places")).to_be_hidden()
        await card.get_by_role("button", name="Enregistrer").click()
        await expect(card.locator(".chip")).to_have_text("Liste d’attente", timeout=PATIENCE)


async def test_a_partner_says_the_places_of_a_session(world: World, browser: Browser) -> None:
    first = clock.now().date() + timedelta(days=30)
    async with a_tab(browser, PHONE) as page:
        await world.enter(page, "partner", a.PARTNER)
        await page.get_by_role("link", name="Mes places").click()
        card = page.locator(".offer")
        await card.get_by_text("Ajouter une session datée").click()
        add = card.get_by_role("button", name="Ajouter la session")
        await add.click()
        await expect(card.get_by_role("alert")).to_contain_text("Choisissez le premier jour")
        await card.get_by_label("Premier jour").fill(first.isoformat())
        await card.get_by_label("Dernier jour").fill((first - timedelta(days=1)).isoformat())
        await add.click()
        await expect(card.get_by_role("alert")).to_contain_text("Choisissez le dernier jour")
        await card.get_by_label("Dernier jour").fill((first + timedelta(days=400)).isoformat())
        await card.get_by_label("Combien de places").fill("1")
        await add.click()
        session = card.locator(f'[data-session="{first}"]')
        await expect(session.locator(".chip")).to_have_text("1 place libre", timeout=PATIENCE)
        assert await overflow(page) == 0

        await world.a_person_comes(OfferOption(offer=a.OFFER))
        await expect(session).to_contain_text("Complet : toutes les places sont prises", timeout=PATIENCE)
        await session.get_by_text("Mettre à jour").click()
        await session.get_by_label("Combien de places").fill("3")
        await session.get_by_role("button", name="Enregistrer").click()
        await expect(session.locator(".chip")).to_have_text("2 places libres", timeout=PATIENCE)
        await expect(session).to_contain_text("sur 3 annoncées")
        await expect(card.locator("[data-session]")).to_have_count(1)
