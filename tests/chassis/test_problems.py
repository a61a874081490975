"""Every error of every kind is a problem document, with what helps and without what is nobody's business."""

from collections.abc import AsyncIterator
from typing import Any, Literal

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, Field
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relais_chassis.decider import Refused
from relais_chassis.gather import Unavailable
from relais_chassis.problems import Problem, install


class Step(BaseModel):
    actor: Literal["training-body", "funding-body"]
    minutes: int = Field(ge=1)


class Road(BaseModel):
    steps: list[Step]


async def raw(request: Request) -> Response:
    Road.model_validate_json(await request.body())
    return Response()


async def ask(request: Request) -> Response:
    raise {
        "refused": Refused("out-of-order", "the demand comes first", expected="demand-clarified"),
        "problem": Problem(403, "wrong-role", "not for you", allowed=["partner"]),
        "teapot": HTTPException(418),
        "outage": Unavailable("the database is away"),
        "refused-connection": ConnectionRefusedError(111, "nobody listens"),
        "shutdown": asyncpg.AdminShutdownError("terminating connection"),
        "closed": asyncpg.InterfaceError("connection is closed"),
        "no-table": asyncpg.UndefinedTableError("no such table"),
        "fault": RuntimeError("secret of Jean Dupont"),
    }[request.path_params["kind"]]


def starlette() -> Starlette:
    return Starlette(routes=[Route("/raw", raw, methods=["POST"]), Route("/ask/{kind}", ask)])


def fastapi() -> FastAPI:
    app = FastAPI()

    @app.post("/typed")
    async def typed(road: Road, times: int) -> int:
        return times

    app.router.routes.extend(starlette().routes)
    return app


@pytest.fixture(params=[starlette, fastapi], ids=["starlette", "fastapi"])
async def client(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    app = request.param()
    install(app)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def document(response: httpx.Response) -> Any:
    assert response.headers["content-type"] == "application/problem+json"
    found = response.json()
    assert found["status"] == response.status_code
    assert found["type"].startswith("urn:relais:problem:")
    assert found["title"]
    return found


async def test_a_refusal_keeps_its_status_reason_and_help(client: httpx.AsyncClient) -> None:
    found = document(await client.get("/ask/refused"))
    assert found["status"] == 409
    assert found["type"] == "urn:relais:problem:out-of-order"
    assert found["detail"] == "the demand comes first"
    assert found["expected"] == "demand-clarified"


async def test_a_problem_raised_is_the_problem_answered(client: httpx.AsyncClient) -> None:
    found = document(await client.get("/ask/problem"))
    assert (found["status"], found["type"], found["allowed"]) == (403, "urn:relais:problem:wrong-role", ["partner"])


async def test_an_outage_says_when_to_try_again(client: httpx.AsyncClient) -> None:
    response = await client.get("/ask/outage")
    assert document(response)["status"] == 503
    assert int(response.headers["retry-after"]) > 0


async def test_what_does_not_exist_is_404_and_what_cannot_be_done_is_405(client: httpx.AsyncClient) -> None:
    assert document(await client.get("/nowhere"))["status"] == 404
    response = await client.delete("/raw")
    assert document(response)["status"] == 405
    assert response.headers["allow"] == "POST"


async def test_any_other_http_error_is_a_problem_too(client: httpx.AsyncClient) -> None:
    assert document(await client.get("/ask/teapot"))["status"] == 418


async def test_a_fault_has_an_incident_number_and_shows_nothing_else(client: httpx.AsyncClient) -> None:
    response = await client.get("/ask/fault")
    assert document(response)["status"] == 500
    assert document(response)["incident"]
    assert "Dupont" not in response.text
    assert "RuntimeError" not in response.text


async def test_what_is_invalid_is_told_by_pointer_without_repeating_it(client: httpx.AsyncClient) -> None:
    body = '{"steps": [{"actor": "Jean Dupont", "minutes": 5}, {"actor": "funding-body", "minutes": 0}, {}]}'
    response = await client.post("/raw", content=body)
    found = document(response)
    assert response.status_code == 422
    assert {each["pointer"]: each["expected"] for each in found["errors"]} == {
        "/steps/0/actor": "one of 'training-body' or 'funding-body'",
        "/steps/1/minutes": "greater than or equal to 1",
        "/steps/2/actor": "this field is required",
        "/steps/2/minutes": "this field is required",
    }
    assert "Dupont" not in response.text


async def test_what_is_no_json_is_said_so(client: httpx.AsyncClient) -> None:
    found = document(await client.post("/raw", content="{"))
    assert found["status"] == 422
    assert found["errors"] == [{"pointer": "", "expected": "JSON"}]


async def test_a_typed_body_and_its_query_are_told_the_same_way() -> None:
    app = fastapi()
    install(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        found = document(await client.post("/typed?times=often", json={"steps": [{"actor": "x", "minutes": 1}]}))
    assert {(each.get("in", "body"), each["pointer"]) for each in found["errors"]} == {
        ("query", "/times"),
        ("body", "/steps/0/actor"),
    }


@pytest.mark.parametrize("kind", ["refused-connection", "shutdown", "closed"])
async def test_a_database_that_is_away_is_no_fault(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.get(f"/ask/{kind}")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:relais:problem:unavailable")
    assert answer.headers["retry-after"] == "2"


async def test_a_database_that_is_wrong_is_one(client: httpx.AsyncClient) -> None:
    answer = await client.get("/ask/no-table")
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:relais:problem:fault")
