"""Endpoints and deliveries through their owners' door; somebody else's are never found."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from aiohttp import web
from standardwebhooks.webhooks import Webhook

from builders import CASE, OPERATOR, OTHER_PARTNER, PARTNER, a_handoff
from notifications.doors import Doors
from notifications.receiver import a_receiver
from relais_contracts.handoffs import HandoffAccepted, HandoffProposed

HOOK = "https://partner.example/hook"


async def made(client: httpx.AsyncClient, url: str = HOOK, **given: Any) -> dict[str, Any]:
    answer = await client.post("/v1/endpoints", json={"url": url, **given})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_an_endpoint_is_made_and_its_secret_shown_once(doors: Doors) -> None:
    async with doors.of("partner", PARTNER) as partner:
        endpoint = await made(partner, types=[HandoffProposed.TYPE, HandoffProposed.TYPE], description="SI du GRETA")
        assert endpoint["secret"].startswith("whsec_")
        assert (endpoint["state"], endpoint["types"]) == ("enabled", [HandoffProposed.TYPE])
        again = (await partner.get(f"/v1/endpoints/{endpoint['id']}")).json()
        assert again == {name: value for name, value in endpoint.items() if name != "secret"}
        assert (await partner.get("/v1/endpoints")).json() == [again]


async def test_no_secret_is_kept_in_the_clear(doors: Doors) -> None:
    async with doors.of("partner", PARTNER) as partner:
        secret = (await made(partner))["secret"]
    [row] = await doors.world.rows("select e.*, e.secret as sealed from endpoint e")
    raw = Webhook(secret)._whsecret
    assert raw not in row["sealed"]
    assert secret not in repr(dict(row))


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"url": "ftp://partner.example/"}, "/url"),
        ({"url": "https://user:pass@partner.example/"}, "/url"),
        ({"types": ["org.relais.case.opened.v1"]}, "/types/0"),
        ({"types": [HandoffProposed.TYPE, "nonsense"]}, "/types/1"),
        ({"max_in_flight": 0}, "/max_in_flight"),
        ({"max_in_flight": 100}, "/max_in_flight"),
        ({"description": "a" * 201}, "/description"),
        ({"description": "a\x00b"}, "/description"),
        ({"url": "https://partner.example/\x00"}, "/url"),
        ({"secret": "whsec_mine"}, "/secret"),
        ({"url": 7}, "/url"),
    ],
)
async def test_what_is_not_as_expected_is_named(doors: Doors, given: dict[str, Any], pointer: str) -> None:
    async with doors.of("partner", PARTNER) as partner:
        answer = await partner.post("/v1/endpoints", json={"url": HOOK, **given})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_an_organisation_has_at_most_ten(doors: Doors) -> None:
    async with doors.of("partner", PARTNER) as partner:
        for _ in range(10):
            endpoint = await made(partner)
        refused = await partner.post("/v1/endpoints", json={"url": HOOK})
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:relais:problem:too-many")
        await partner.delete(f"/v1/endpoints/{endpoint['id']}")
        await made(partner)


@pytest.mark.parametrize("role", ["coordinator", "admin", "directory"])
async def test_other_roles_have_no_webhooks(doors: Doors, role: str) -> None:
    async with doors.of(role, PARTNER) as client:
        for answer in (
            await client.get("/v1/endpoints"),
            await client.post("/v1/endpoints", json={"url": HOOK}),
            await client.get("/v1/deliveries"),
            await client.get(f"/v1/deliveries/{uuid4()}"),
        ):
            assert (answer.status_code, answer.json()["type"]) == (403, "urn:relais:problem:wrong-role")


async def test_somebody_else_s_endpoints_and_deliveries_are_not_found(doors: Doors) -> None:
    async with doors.of("partner", PARTNER) as partner:
        endpoint = await made(partner)
        await doors.world.hear(a_handoff())
        [delivery] = (await partner.get("/v1/deliveries")).json()["deliveries"]
    strangers = [("partner", OTHER_PARTNER), ("operator", PARTNER), ("operator", OPERATOR)]
    for role, org in strangers:
        async with doors.of(role, org) as stranger:
            here, there = f"/v1/endpoints/{endpoint['id']}", f"/v1/deliveries/{delivery['id']}"
            for answer in (
                await stranger.get(here),
                await stranger.delete(here),
                await stranger.post(f"{here}/rotate"),
                await stranger.post(f"{here}/test"),
                await stranger.post(f"{here}/enable"),
                await stranger.post(f"{here}/disable"),
                await stranger.post(f"{here}/replay", json={"since": "2020-01-01T00:00:00Z"}),
                await stranger.get(there),
                await stranger.post(f"{there}/replay"),
            ):
                assert answer.status_code == 404, answer.request.url
            assert (await stranger.get("/v1/endpoints")).json() == []
            assert (await stranger.get("/v1/deliveries")).json()["deliveries"] == []
            mine = {"endpoint": endpoint["id"]}
            assert (await stranger.get("/v1/deliveries", params=mine)).json()["deliveries"] == []
    async with doors.of("partner", PARTNER) as partner:
        assert (await partner.get(here)).json()["state"] == "enabled"


async def test_a_test_event_goes_the_way_of_all_others(doors: Doors) -> None:
    async with a_receiver() as system, doors.of("partner", PARTNER) as partner:
        endpoint = await made(partner, system.url)
        answer = await partner.post(f"/v1/endpoints/{endpoint['id']}/test")
        assert answer.status_code == 202
        async with doors.world.sender():
            await doors.world.settled()
        [received] = system.received
        event = Webhook(endpoint["secret"]).verify(received.body, received.headers)
        assert event["type"] == "org.relais.webhook.test.v1"
        assert received.id == answer.json()["delivery"]
        told = (await partner.get(f"/v1/deliveries/{received.id}")).json()
        assert (told["state"], told["last_status"], told["event"]) == ("delivered", 204, event)
        assert (await partner.get("/v1/feed")).json()["events"] == []


async def test_a_rotated_secret_signs_beside_the_old_one(doors: Doors) -> None:
    async with a_receiver() as system, doors.of("partner", PARTNER) as partner:
        endpoint = await made(partner, system.url)
        rotated = (await partner.post(f"/v1/endpoints/{endpoint['id']}/rotate")).json()
        assert rotated["secret"] != endpoint["secret"]
        shown = (await partner.get(f"/v1/endpoints/{endpoint['id']}")).json()
        assert shown["old_secret_until"] == rotated["old_secret_until"]
        await partner.post(f"/v1/endpoints/{endpoint['id']}/test")
        async with doors.world.sender():
            await doors.world.settled()
    for secret in (endpoint["secret"], rotated["secret"]):
        Webhook(secret).verify(system.received[0].body, system.received[0].headers)


async def test_what_a_disabled_endpoint_missed_can_be_replayed(doors: Doors) -> None:
    async with a_receiver() as system, doors.of("partner", PARTNER) as partner:
        endpoint = await made(partner, system.url)
        here = f"/v1/endpoints/{endpoint['id']}"
        await doors.world.hear(a_handoff(), a_handoff(HandoffAccepted))
        assert (await partner.post(f"{here}/disable")).json()["state"] == "disabled"
        told = (await partner.get("/v1/deliveries", params={"state": "abandoned"})).json()["deliveries"]
        assert [each["reason"] for each in told] == ["the endpoint is disabled"] * 2
        refused = await partner.post(f"/v1/deliveries/{told[0]['id']}/replay")
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:relais:problem:not-enabled")
        assert (await partner.post(f"{here}/test")).status_code == 409
        since = {"since": "2020-01-01T00:00:00Z"}
        assert (await partner.post(f"{here}/replay", json=since)).status_code == 409
        assert (await partner.post(f"{here}/enable")).json()["state"] == "enabled"
        assert (await partner.post(f"{here}/replay", json=since)).json()["replayed"] == 2
        async with doors.world.sender():
            await doors.world.settled()
    assert [received.id for received in system.received] == [each["id"] for each in reversed(told)]


async def test_one_delivery_is_replayed_under_its_own_id(doors: Doors) -> None:
    async with a_receiver() as system, doors.of("partner", PARTNER) as partner:
        await made(partner, system.url)
        await doors.world.hear(a_handoff())
        async with doors.world.sender() as sender:
            await doors.world.settled()
            [told] = (await partner.get("/v1/deliveries")).json()["deliveries"]
            again = await partner.post(f"/v1/deliveries/{told['id']}/replay")
            assert (again.status_code, again.json()["state"]) == (202, "pending")
            sender.wake()
            await doors.world.settled()
        full = (await partner.get(f"/v1/deliveries/{told['id']}")).json()
    assert [received.id for received in system.received] == [told["id"]] * 2
    assert [attempt["status"] for attempt in full["attempts_made"]] == [204, 204]


async def test_replaying_what_waits_changes_nothing(doors: Doors) -> None:
    async with doors.of("partner", PARTNER) as partner:
        await made(partner)
        await doors.world.hear(a_handoff())
        [told] = (await partner.get("/v1/deliveries")).json()["deliveries"]
        again = await partner.post(f"/v1/deliveries/{told['id']}/replay")
        assert (again.status_code, again.json()) == (202, told)
    assert (await doors.world.rows("select owed from lane"))[0][0] == 1


async def test_the_log_is_filtered_and_paged(doors: Doors) -> None:
    async with doors.of("partner", PARTNER) as partner:
        one, two = await made(partner), await made(partner)
        other = str(uuid4())
        for case in (CASE, other):
            await doors.world.hear(a_handoff(case=case), a_handoff(HandoffAccepted, case=case), case=case)

        async def log(**given: Any) -> list[dict[str, Any]]:
            return list((await partner.get("/v1/deliveries", params=given)).json()["deliveries"])

        assert len(await log()) == 8
        assert {each["endpoint"] for each in await log(endpoint=one["id"])} == {one["id"]}
        assert len(await log(endpoint=two["id"], case=CASE, type=HandoffAccepted.TYPE)) == 1
        assert await log(state="delivered") == []
        seen, after = [], None
        while True:
            given = {"limit": 3, **({"after": after} if after else {})}
            page = (await partner.get("/v1/deliveries", params=given)).json()
            seen += [each["id"] for each in page["deliveries"]]
            if (after := page["next"]) is None:
                break
        assert len(seen) == len(set(seen)) == 8
        assert (await partner.get("/v1/deliveries", params={"after": "é"})).status_code == 422


async def test_a_deleted_endpoint_is_gone_and_its_log_stays(doors: Doors) -> None:
    async with doors.of("partner", PARTNER) as partner:
        endpoint = await made(partner)
        await doors.world.hear(a_handoff())
        assert (await partner.delete(f"/v1/endpoints/{endpoint['id']}")).status_code == 204
        assert (await partner.get("/v1/endpoints")).json() == []
        assert (await partner.get(f"/v1/endpoints/{endpoint['id']}")).status_code == 404
        [told] = (await partner.get("/v1/deliveries")).json()["deliveries"]
        assert (told["state"], told["reason"]) == ("abandoned", "the endpoint is deleted")
    assert (await doors.world.rows("select secret from endpoint"))[0][0] == b""


async def test_how_an_endpoint_does_is_told(doors: Doors) -> None:
    async with a_receiver(lambda received: web.Response(status=500)) as system, doors.of("partner", PARTNER) as partner:
        endpoint = await made(partner, system.url)
        await doors.world.hear(a_handoff())
        async with doors.world.sender():
            await doors.world.until("select count(*) >= 3 from delivery_attempt")
        told = (await partner.get(f"/v1/endpoints/{endpoint['id']}")).json()
        assert told["failures"] >= 3
        assert (told["pending"], told["last_error"], told["last_success"]) == (1, "HTTP 500", None)
        assert told["failing_since"] <= told["last_failure"]
        [log] = (await partner.get("/v1/deliveries")).json()["deliveries"]
        assert log["next_attempt"]


async def test_every_route_is_documented_and_asks_for_a_token(doors: Doors) -> None:
    async with doors.client() as nobody:
        document = (await nobody.get("/openapi.json")).json()
        for path, methods in document["paths"].items():
            for method in methods:
                answer = await nobody.request(method, path.replace("{id}", str(uuid4())).replace("{name}", "overdue"))
                assert answer.status_code in (401, 422), (method, path, answer.status_code)
                assert answer.headers["content-type"] == "application/problem+json"
    assert {"/v1/feed", "/v1/endpoints", "/v1/deliveries/{id}/replay", "/v1/board/worklists"} <= set(document["paths"])
