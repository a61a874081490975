"""What a counsellor is told before the road map is built: who exists, how far, how to ask, and who is set aside."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter

from builders import NEED, TRAINING, a_partner, an_offer, places
from matching_builders import at
from relais_chassis.limits import Rate
from relais_contracts.directory import Mobilisation, Zone
from relais_routing.door import Door
from relais_routing.duplicates import Duplicates
from relais_routing.options import Options
from routers import Router
from routing.doors import Ask, asked

WISH = {"actor": "training-body", "need": NEED}
WANTED: dict[str, Any] = {
    "commune": "71270",
    "mobility": {"means": ["car"], "reach_minutes": 30},
    "wishes": [WISH],
}
FRANCE = Zone(kind="country", codes=("FR",))
LOUHANS, CHALON, LONS = "71263", "71076", "39300"
TEXT = {"accept": "text/plain"}


@pytest.fixture
async def ask(router: Router, tmp_path: Path) -> AsyncIterator[Ask]:
    """Clients of the app by role and organisation."""

    def options(door: Door) -> APIRouter:
        return Options(router.database, router.model, door).router()

    def duplicates(door: Door) -> APIRouter:
        return Duplicates(router.database, router.model, door).router()

    async with asked(tmp_path, options, duplicates, rate=Rate(0.001, 100)) as ask:
        yield ask


async def offered(router: Router, *communes: str, **given: Any) -> None:
    """One offer in each commune, for everybody in France."""
    for code in communes:
        await router.hears(
            a_partner(partner=f"p{code}", name=f"P{code}"),
            an_offer(**{"partner": f"p{code}", "offer": f"p{code}.x", "at": at(code), "zone": FRANCE, **given}),
        )


async def wishes(client: httpx.AsyncClient, **change: Any) -> list[dict[str, Any]]:
    answer = await client.post("/v1/options", json=WANTED | change)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["wishes"]
    return found


async def test_what_exists_is_shown_without_a_case_and_without_the_secret(router: Router, ask: Ask) -> None:
    await router.hears(a_partner(), an_offer())
    (found,) = await wishes(ask("operator"))
    assert [each["offer"] for each in found["candidates"]] == ["greta-71.bureautique"]
    assert {"commitment", "request", "day"}.isdisjoint(found)
    (elsewhere,) = await wishes(ask("coordinator"), commune="59350")
    assert (elsewhere["candidates"], elsewhere["unmet"]) == ([], "no-offer")
    assert elsewhere["aside_counts"] == {"out-of-territory": 1}


async def test_several_needs_are_answered_in_their_order(router: Router, ask: Ask) -> None:
    await router.hears(a_partner(), an_offer())
    found = await wishes(ask("operator"), wishes=[{**WISH, "need": TRAINING}, WISH])
    assert [(each["need"], len(each["candidates"])) for each in found] == [(TRAINING, 0), (NEED, 1)]


async def test_equals_come_in_random_order(router: Router, ask: Ask) -> None:
    names = [f"gr{number}" for number in range(6)]
    for name in names:
        await router.hears(a_partner(partner=name), an_offer(partner=name, offer=f"{name}.x", name=f"Offre {name}"))
    (*orders,) = [
        tuple(each["offer"] for each in found["candidates"])
        for found in await wishes(ask("operator"), wishes=[WISH] * 12)
    ]
    assert len(set(orders)) > 1
    assert {tuple(sorted(order)) for order in orders} == {tuple(f"{name}.x" for name in names)}


async def test_how_many_a_longer_way_would_reach_is_counted(router: Router, ask: Ask) -> None:
    """From Louhans by car: Lons 26.1 km x 1.3 at 70 km/h + 12 = 42 or at 55 + 3 = 40; Chalon 32.9 km: 49; Mâcon 65."""
    await offered(router, LONS, CHALON, "71270")
    (found,) = await wishes(ask("operator"), commune=LOUHANS)
    assert (found["candidates"], found["unmet"], found["aside_counts"]) == ([], "out-of-reach", {"too-far": 3})
    assert found["within"] == {"15": 0, "30": 0, "45": 1, "60": 2, "90": 3}
    (further,) = await wishes(ask("operator"), commune=LOUHANS, mobility={"means": ["car"], "reach_minutes": 50})
    assert further["within"] == {"15": 0, "30": 0, "45": 1, "50": 2, "60": 2, "90": 3}
    assert len(further["candidates"]) == 2


async def test_what_another_rule_sets_aside_is_not_counted_as_too_far(router: Router, ask: Ask) -> None:
    await offered(router, LONS)
    await offered(router, CHALON, audiences=("jeunes",))
    await router.hears(places(offer=f"p{LONS}.x", state="full", number=0))
    (found,) = await wishes(ask("operator"), commune=LOUHANS)
    assert found["within"]["90"] == 0
    assert sum(found["aside_counts"].values()) == 2


async def test_each_offer_says_how_fresh_it_is_and_how_one_asks_for_it(router: Router, ask: Ask) -> None:
    how = Mobilisation(by=("professionnels",), ways=("telephoner",), link="https://example.org/x")
    fresh = {"updated": date(2026, 2, 3), "quality": 0.5, "assumed": ("audiences",), "source": "dora"}
    await router.hears(a_partner(), an_offer(**fresh, mobilisation=how))
    (found,) = await wishes(ask("operator"))
    (shown,) = found["candidates"]
    assert (shown["updated"], shown["quality"], shown["assumed"], shown["source"]) == (
        "2026-02-03", 0.5, ["audiences"], "dora",
    )  # fmt: skip
    assert shown["mobilisation"] == {
        "by": ["professionnels"], "ways": ["telephoner"], "link": "https://example.org/x",
    }  # fmt: skip
    assert shown["alike"] == []


async def listed_twice(router: Router) -> None:
    for source in ("dora", "soliguide"):
        partner = f"{source}--p"
        await router.hears(
            a_partner(partner=partner, name="GRETA 71"),
            an_offer(partner=partner, offer=f"{source}--x", name="Bureautique"),
        )


async def test_a_likely_duplicate_is_shown_once_and_said(router: Router, ask: Ask) -> None:
    await listed_twice(router)
    (found,) = await wishes(ask("operator"))
    (shown,) = found["candidates"]
    (other,) = {"dora--x", "soliguide--x"} - {shown["offer"]}
    assert shown["alike"][0]["offer"] == other
    assert "same-name" in shown["alike"][0]["why"]
    assert found["aside_counts"] == {"duplicate": 1}
    text = await ask("operator").post("/v1/options", json=WANTED, headers=TEXT)
    assert "Semble être listée deux fois" in text.text


async def test_a_counsellor_reads_it_in_short_sentences(router: Router, ask: Ask) -> None:
    await offered(router, LONS, CHALON)
    await offered(router, "59350", modes=("remote",), at=None, mobilisation=Mobilisation(ways=("telephoner",)))
    await router.hears(an_offer(zone=Zone(kind="commune", codes=("59350",)), partner="p39300", offer="p39300.y"))
    answer = await ask("operator").post("/v1/options", json=WANTED | {"commune": LOUHANS}, headers=TEXT)
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["vary"] == "Accept"
    lines = answer.text.splitlines()
    assert lines[0].endswith("(organisme de formation), pour une personne qui habite Louhans-Châteaurenaud.")
    assert lines[1] == "Rien à moins de 30 minutes, une à moins de 45, une à distance."
    assert "à distance. Pour la demander : téléphoner. Fiche" in lines[2]
    assert lines[-1] == "Écartées : 2 sont trop loin ; 1 ne couvre pas sa commune."
    far = WANTED | {"commune": "29232"}
    assert "Des offres existent" not in (await ask("operator").post("/v1/options", json=far, headers=TEXT)).text


async def test_what_is_not_named_is_counted(router: Router, ask: Ask) -> None:
    for number in range(60):
        await router.hears(a_partner(partner=f"n{number}"), an_offer(partner=f"n{number}", offer=f"n{number}.x"))
    text = (await ask("operator").post("/v1/options", json=WANTED, headers=TEXT)).text
    assert text.splitlines()[1] == "60 à moins de 30 minutes."
    assert text.count("– «") == 5
    assert "Et 55 autres." in text


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"wishes": []}, "/wishes"),
        ({"wishes": [WISH] * 21}, "/wishes"),
        ({"wishes": [WISH, {**WISH, "need": "nothing"}]}, "/wishes/1/need"),
        ({"wishes": [{**WISH, "options": []}]}, "/wishes/0/options"),
        ({"commune": "Mâcon"}, "/commune"),
        ({"mobility": {"means": [], "reach_minutes": 10}}, "/mobility/means"),
        ({"surprise": 1}, "/surprise"),
    ],
)
async def test_a_question_that_is_not_understood_says_where(ask: Ask, change: Any, pointer: str) -> None:
    answer = await ask("operator").post("/v1/options", json=WANTED | change)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_each_wish_counts_against_the_rate(ask: Ask) -> None:
    many = WANTED | {"wishes": [WISH] * 20}
    codes = [(await ask("operator").post("/v1/options", json=many)).status_code for _ in range(6)]
    assert codes == [200] * 5 + [429]


async def test_partners_and_strangers_may_not_ask(ask: Ask) -> None:
    for role in ("partner", "directory"):
        assert (await ask(role).post("/v1/options", json=WANTED)).status_code == 403
    assert (await ask().post("/v1/options", json=WANTED)).status_code == 401


async def test_clusters_are_shown_with_sources_and_reason_and_never_merged(router: Router, ask: Ask) -> None:
    await listed_twice(router)
    answer = (await ask("directory").get("/v1/directory/duplicates")).json()
    (cluster,) = answer["clusters"]
    assert [(each["offer"], each["source"]) for each in cluster["members"]] == [
        ("dora--x", "dora"), ("soliguide--x", "soliguide"),
    ]  # fmt: skip
    assert "même nom de service" in cluster["links"][0]["text"]
    assert len(router.model.live.index) == 2
    assert (answer["total"], "next" in answer) == (1, False)
    after = (await ask("admin").get("/v1/directory/duplicates", params={"after": cluster["cluster"]})).json()
    assert after["clusters"] == []


@pytest.mark.parametrize(
    ("role", "territory", "status", "seen"),
    [
        ("coordinator", "departement:71", 200, 1),
        ("coordinator", "departement:59", 200, 0),
        ("operator", "departement:71", 403, 0),
        ("partner", "departement:71", 403, 0),
    ],
)
async def test_clusters_are_for_those_who_can_put_them_right(
    router: Router, ask: Ask, role: str, territory: str, status: int, seen: int
) -> None:
    await listed_twice(router)
    answer = await ask(role, "somebody", territory).get("/v1/directory/duplicates")
    assert answer.status_code == status
    assert answer.json().get("total", 0) == seen


async def test_the_door_describes_itself(ask: Ask) -> None:
    document = (await ask().get("/openapi.json")).json()
    assert set(document["paths"]) == {"/v1/options", "/v1/directory/duplicates"}
    post = document["paths"]["/v1/options"]["post"]
    body = post["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["commune", "mobility", "wishes"]
    assert body["properties"]["wishes"]["items"]["properties"]["actor"]["enum"]
    assert "$ref" not in str(body)
    assert set(post["responses"]["200"]["content"]) == {"application/json", "text/plain"}
