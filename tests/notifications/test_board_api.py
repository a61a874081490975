"""The board over HTTP: who may ask what, and what a wrong question is told."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from builders import CASE, MACON, OPERATOR, OTHER_CASE, PARTNER, a_case, a_handoff, a_partner
from notifications.served_board import COORDINATOR, Served, served
from relais_chassis.access import Caller

STRANGERS = [
    Caller("x", "cep-ara", "operator"),
    Caller("x", "afpa-71", "partner"),
    Caller("x", "dreets-ara", "coordinator", ("region:84",)),
    Caller("x", "nobody", "coordinator"),
]
OWNERS = [COORDINATOR, Caller("x", OPERATOR, "operator"), Caller("x", PARTNER, "partner"), Caller("x", "a", "admin")]


@pytest.fixture
async def at(postgres: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with served(postgres, tmp_path) as found:
        await found.board.hear(a_partner())
        await found.board.hear(*a_case(), a_handoff())
        yield found


async def ask(at: Served, path: str, caller: Caller | None, **parameters: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=at.url) as client:
        return await client.get(path, params=parameters, headers=at.headers(caller) if caller else {})


@pytest.mark.parametrize("caller", OWNERS, ids=lambda caller: caller.role)
async def test_owners_see_their_handoff(at: Served, caller: Caller) -> None:
    page = (await ask(at, "/v1/board/worklists/open", caller)).json()
    assert [item["id"] for item in page["items"]] == [a_handoff().handoff]
    assert page["items"][0]["words"]["next"] == "répondre"
    assert (await ask(at, f"/v1/board/cases/{CASE}", caller)).status_code == 200
    counts = (await ask(at, "/v1/board/worklists", caller)).json()["counts"]
    assert counts["awaiting-answer"] == 1


@pytest.mark.parametrize("caller", STRANGERS, ids=lambda caller: caller.org)
async def test_strangers_see_nothing_of_it_anywhere(at: Served, caller: Caller) -> None:
    assert (await ask(at, "/v1/board/worklists/open", caller)).json()["items"] == []
    assert set((await ask(at, "/v1/board/worklists", caller)).json()["counts"].values()) == {0}
    assert (await ask(at, f"/v1/board/cases/{CASE}", caller)).status_code == 404
    assert (await ask(at, "/v1/board/figures", caller)).json()["cases"]["cases"] == 0
    assert (await ask(at, "/v1/board/organisations", caller)).json() == {"operators": [], "partners": []}


async def test_only_the_partner_is_told_what_it_may_do(at: Served) -> None:
    partner = (await ask(at, "/v1/board/worklists/open", Caller("x", PARTNER, "partner"))).json()
    assert partner["items"][0]["actions"] == ["accept", "decline"]
    coordinator = (await ask(at, "/v1/board/worklists/open", COORDINATOR)).json()
    assert coordinator["items"][0]["actions"] == ["request-cancellation"]


async def test_no_token_a_wrong_role_and_wrong_questions_are_told_so(at: Served) -> None:
    directory = Caller("x", "annuaire", "directory")
    for status, path, caller, parameters in [
        (401, "/v1/board/worklists", None, {}),
        (401, "/v1/board/stream", None, {}),
        (403, "/v1/board/worklists", directory, {}),
        (403, "/v1/board/stream", directory, {}),
        (404, "/v1/board/worklists/tomorrow", COORDINATOR, {}),
        (404, "/v1/board/stream", COORDINATOR, {"list": "tomorrow"}),
        (404, f"/v1/board/cases/{OTHER_CASE}", COORDINATOR, {}),
        (404, "/v1/board/cases/x'--", COORDINATOR, {}),
        (422, "/v1/board/worklists", COORDINATOR, {"territory": "71"}),
        (422, "/v1/board/worklists", COORDINATOR, {"territory": "departement:123"}),
        (422, "/v1/board/stream", COORDINATOR, {"territory": "commune:ABC123"}),
        (422, "/v1/board/outline", COORDINATOR, {"territory": "region:0"}),
        (422, "/v1/board/figures", COORDINATOR, {"territory": "country:DE"}),
        (422, "/v1/board/worklists", COORDINATOR, {"actor": "plumber"}),
        (422, "/v1/board/worklists/open", COORDINATOR, {"after": "never a cursor"}),
        (422, "/v1/board/worklists/open", COORDINATOR, {"after": "2026-03-02T09:00:00+00:00~\0"}),
        (422, "/v1/board/worklists/open", COORDINATOR, {"after": "0001-01-01T00:00:00+23:59~x"}),
        (422, "/v1/board/worklists/open", COORDINATOR, {"after": "9999-12-31T23:59:59-23:59~x"}),
    ]:
        answer = await ask(at, path, caller, **parameters)
        assert answer.status_code == status, (path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


async def test_figures_and_the_map_cover_the_territory(at: Served) -> None:
    figures = (await ask(at, "/v1/board/figures", COORDINATOR, territory=f"commune:{MACON}")).json()
    assert figures["cases"] == {"cases": 1, "clarified": 1, "masked": 1, "without_interview": 0}
    points = (await ask(at, "/v1/board/outline", COORDINATOR)).json()["points"]
    assert len(points) > 500
    assert all(3.5 < longitude < 5.6 and 46 < latitude < 47.3 for longitude, latitude in points)


async def test_pages_tell_browsers_to_trust_nobody_else(at: Served) -> None:
    async with httpx.AsyncClient(base_url=at.url) as client:
        page = await client.get("/board", headers=at.headers(COORDINATOR))
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "<script>" not in page.text
        assert " style=" not in page.text
        assert (await client.get("/static/board.js")).headers["content-type"].startswith("text/javascript")
        assert (await client.get("/static/..%2Froutes.py")).status_code == 404
        assert (await client.get("/board")).status_code == 401
        partner = await client.get("/board", headers=at.headers(Caller("x", PARTNER, "partner")))
        assert (partner.status_code, partner.headers["location"]) == (303, "/referrals")
