"""`/live` says that the process is up, `/ready` which check is not right, `/metrics` what Prometheus reads."""

import httpx
from starlette.applications import Starlette

from relais_chassis.health import Health


async def answers(health: Health, path: str) -> httpx.Response:
    app = Starlette(routes=health.routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return await client.get(path)


async def right() -> None:
    return None


async def behind() -> str:
    return "12 records behind"


async def broken() -> str | None:
    raise ConnectionError("cannot connect to postgresql://relais:geheim@db/relais")


async def test_a_process_without_worries_is_ready() -> None:
    health = Health()
    health.add("database", right)
    assert (await answers(health, "/live")).json() == {"status": "live"}
    assert (await answers(health, "/ready")).json() == {"status": "ready", "checks": ["database"]}


async def test_ready_says_which_check_is_not_right_and_shows_no_password() -> None:
    health = Health()
    health.add("database", broken)
    health.add("reader", behind)
    health.add("relay", right)
    response = await answers(health, "/ready")
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    found = response.json()
    assert found["checks"]["reader"] == "12 records behind"
    assert found["checks"]["database"].startswith("ConnectionError")
    assert "relay" not in found["checks"]
    assert "geheim" not in response.text
    assert (await answers(health, "/live")).status_code == 200


async def test_metrics_are_prometheus_text() -> None:
    response = await answers(Health(), "/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    assert "# TYPE relais_answers_total counter" in response.text
