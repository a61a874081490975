"""What all doors share: the OpenAPI document, the pages' origin, the cookie, health."""

from typing import Any

import builders as a
from intake.doors import PAGES, Doors, sent
from relais_chassis.access import COOKIE
from relais_contracts.codec import STRUCTURED

ROUTES = {
    ("/v1/events", "post"),
    ("/v1/events", "get"),
    ("/v1/handoffs/{handoff}", "get"),
    ("/v1/handoffs/{handoff}/actions", "post"),
    ("/v1/handoffs/{handoff}/contact", "get"),
    ("/v1/handoffs/{handoff}/texts/{text}", "get"),
    ("/v1/cases/{case}", "get"),
    ("/v1/directory", "post"),
    ("/v1/directory", "get"),
}


async def test_the_document_names_every_route_with_its_roles(door: Doors) -> None:
    document = (await door.http.get("/openapi.json")).json()
    found = {
        (path, method): operation for path, each in document["paths"].items() for method, operation in each.items()
    }
    assert set(found) == ROUTES
    for operation in found.values():
        assert set(operation["x-roles"]) <= {"operator", "partner", "coordinator", "directory", "admin"}
        assert {"401", "403", "422", "503"} <= set(operation["responses"])


async def test_every_reference_of_the_document_leads_somewhere(door: Doors) -> None:
    document = (await door.http.get("/openapi.json")).json()
    schemas = document["components"]["schemas"]

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [found for value in node.values() for found in references(value)]
        return [found for value in node for found in references(value)] if isinstance(node, list) else []

    assert {reference.rpartition("/")[2] for reference in references(document)} <= set(schemas)
    assert {"CaseOpened", "CaseOpenedEvent", "CaseStrategyElaboratedEvent", "Problem"} <= set(schemas)


async def test_a_page_of_ours_may_ask_with_the_sessions_cookie(door: Doors) -> None:
    cookie = {"cookie": f"{COOKIE}={door.token()}", "content-type": STRUCTURED}
    event = str(sent(a.opened())).replace("'", '"').encode()
    ours = await door.http.post("/v1/events", content=event, headers={**cookie, "origin": PAGES})
    assert ours.status_code == 202, ours.text
    assert ours.headers["access-control-allow-origin"] == PAGES
    assert ours.headers["access-control-allow-credentials"] == "true"
    theirs = await door.http.post("/v1/events", content=event, headers={**cookie, "origin": "http://evil.test"})
    assert theirs.status_code == 403
    assert "access-control-allow-origin" not in theirs.headers


async def test_a_browser_is_told_beforehand(door: Doors) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    ours = await door.http.options("/v1/events", headers={**asked, "origin": PAGES})
    assert (ours.status_code, ours.headers["access-control-allow-origin"]) == (200, PAGES)
    theirs = await door.http.options("/v1/events", headers={**asked, "origin": "http://evil.test"})
    assert "access-control-allow-origin" not in theirs.headers


async def test_what_is_not_there_is_a_problem_too(door: Doors) -> None:
    for answer, status in (
        (await door.look("/v1/nowhere"), 404),
        (await door.http.delete("/v1/events"), 405),
        (await door.look("/live"), 200),
        (await door.look("/metrics"), 200),
    ):
        assert answer.status_code == status
        if status >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
