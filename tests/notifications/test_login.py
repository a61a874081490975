"""Getting in by a link that works once, and out again."""

import pytest

from builders import PARTNER
from notifications.doors import Doors
from relais_chassis.access import COOKIE, Access


@pytest.mark.parametrize(
    ("role", "page"), [("partner", "/referrals"), ("operator", "/board"), ("coordinator", "/board")]
)
async def test_a_link_opens_one_s_own_page_with_a_cookie(doors: Doors, role: str, page: str) -> None:
    token = doors.token(role, PARTNER, "departement:71", use="login", jti=f"link-{role}")
    async with doors.client() as browser:
        answer = await doors.enter(browser, token)
        assert (answer.status_code, answer.headers["location"]) == (303, page)
        cookie = answer.headers["set-cookie"].lower()
        assert all(word in cookie for word in ("httponly", "samesite=strict", "path=/", "max-age=43200"))
        assert "secure" not in cookie
        assert (await browser.get(page)).status_code == 200
        assert (await browser.get("/v1/feed")).status_code == 200


async def test_a_link_works_once(doors: Doors) -> None:
    token = doors.token("partner", PARTNER, use="login", jti="once")
    async with doors.client() as browser, doors.client() as thief:
        assert (await doors.enter(browser, token)).status_code == 303
        for again in (await doors.enter(thief, token), await thief.get("/login", params={"token": token})):
            assert again.status_code == 401
            assert "set-cookie" not in again.headers
            assert "text/html" in again.headers["content-type"]
            assert "Ce lien ne fonctionne plus" in again.text


async def test_looking_at_a_link_uses_nothing_up(doors: Doors) -> None:
    """Scanners of mail open every link."""
    token = doors.token("partner", PARTNER, use="login", jti="scanned")
    async with doors.client() as scanner, doors.client() as browser:
        for _ in range(2):
            looked = await scanner.get("/login", params={"token": token})
            assert (looked.status_code, looked.headers["cache-control"]) == (200, "no-store")
            assert "set-cookie" not in looked.headers
            assert PARTNER in looked.text
            assert "Entrer" in looked.text
        assert (await doors.enter(browser, token)).status_code == 303


@pytest.mark.parametrize("said", [{}, {"origin": "https://evil.example"}, {"origin": "null"}])
async def test_nobody_is_let_in_from_somebody_elses_page(doors: Doors, said: dict[str, str]) -> None:
    """It would put the victim's browser into the session of whoever made the page."""
    token = doors.token("partner", PARTNER, use="login", jti="forged")
    async with doors.client() as browser:
        forged = await browser.post("/login", data={"token": token}, headers={**said, "sec-fetch-site": "cross-site"})
        assert forged.status_code == 403
        assert "set-cookie" not in forged.headers
        assert (await doors.enter(browser, token)).status_code == 303


async def test_only_login_links_let_in_and_they_are_no_tokens(doors: Doors) -> None:
    usual = doors.token("partner", PARTNER)
    link = doors.token("partner", PARTNER, use="login", jti="bearer")
    async with doors.client() as browser:
        for token in (usual, "nonsense", "", "é" * 5000, doors.token("partner", PARTNER, use="login")):
            assert (await doors.enter(browser, token)).status_code == 401
            assert (await browser.get("/login", params={"token": token[:4000]})).status_code == 401
        empty = await browser.post("/login", content=b"\xff=", headers={"origin": "http://127.0.0.1"})
        assert empty.status_code == 401
    async with doors.client(link) as bearer:
        assert (await bearer.get("/v1/feed")).status_code == 401


async def test_a_session_says_no_more_than_its_link(doors: Doors) -> None:
    token = doors.token("coordinator", "region", "departement:71", use="login", jti="same")
    async with doors.client() as browser:
        await doors.enter(browser, token)
        caller = Access(doors.settings.jwks).read(browser.cookies[COOKIE])
    assert (caller.role, caller.org, caller.territories, dict(caller.claims)) == (
        "coordinator",
        "region",
        ("departement:71",),
        {},
    )


async def test_elsewhere_than_on_this_machine_the_cookie_is_secure(doors: Doors) -> None:
    token = doors.token("partner", PARTNER, use="login", jti="secure")
    async with doors.client() as browser:
        answer = await doors.enter(browser, token, "http://relais.example")
    assert "secure" in answer.headers["set-cookie"].lower()


async def test_a_cookie_acts_from_our_own_pages_only(doors: Doors) -> None:
    token = doors.token("partner", PARTNER, use="login", jti="pages")
    body = {"url": "https://partner.example/hook"}
    async with doors.client() as browser:
        await doors.enter(browser, token)
        foreign = await browser.post("/v1/endpoints", json=body, headers={"origin": "https://evil.example"})
        assert foreign.status_code == 403
        own = await browser.post("/v1/endpoints", json=body, headers={"origin": "http://127.0.0.1"})
        assert own.status_code == 201


async def test_logging_out_forgets_the_session(doors: Doors) -> None:
    token = doors.token("partner", PARTNER, use="login", jti="out")
    async with doors.client() as browser:
        await doors.enter(browser, token)
        await browser.get("/logout")
        assert (await browser.get("/referrals")).status_code == 401
