"""Limits hold for every request: size while it streams, depth before it is parsed, rate per caller."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from relais_chassis.limits import BodyLimit, Rate, check_depth
from relais_chassis.problems import Problem, install


async def length(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=[Route("/", length, methods=["POST"])])
    app.add_middleware(BodyLimit, limit=1000)
    install(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    for start in range(0, size, 100):
        yield b"x" * min(100, size - start)


async def test_a_body_within_the_limit_passes(client: httpx.AsyncClient) -> None:
    assert (await client.post("/", content=b"x" * 1000)).text == "1000"
    assert (await client.post("/", content=in_pieces(1000))).text == "1000"


async def test_a_body_announced_too_large_is_413(client: httpx.AsyncClient) -> None:
    response = await client.post("/", content=b"x" * 1001)
    assert response.status_code == 413
    assert response.json()["limit"] == 1000


async def test_a_body_that_streams_in_too_large_is_413(client: httpx.AsyncClient) -> None:
    response = await client.post("/", content=in_pieces(1001))
    assert "content-length" not in response.request.headers
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_body_nested_too_deep_is_422_before_anybody_parses_it(client: httpx.AsyncClient) -> None:
    assert (await client.post("/", content=b"[" * 32 + b"]" * 32)).status_code == 200
    response = await client.post("/", content=b"[" * 33 + b"]" * 33)
    assert response.status_code == 422
    assert response.json()["type"] == "urn:relais:problem:too-deep"


def depth(value: object) -> int:
    match value:
        case dict():
            return 1 + max((depth(each) for each in value.values()), default=0)
        case list():
            return 1 + max((depth(each) for each in value), default=0)
        case _:
            return 0


JSON = st.recursive(
    st.text() | st.sampled_from(['"[[[', "\\", '\\"{', "]}"]) | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.just('{"['), inner, max_size=4),
    max_leaves=40,
)


@given(JSON, st.integers(0, 6), st.booleans())
def test_depth_is_what_a_parser_would_find(value: object, deepest: int, ascii: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii).encode("utf-8", "surrogatepass")
    if depth(value) > deepest:
        with pytest.raises(Problem):
            check_depth(body, deepest)
    else:
        check_depth(body, deepest)


def test_brackets_in_strings_do_not_count_and_broken_strings_do_no_harm() -> None:
    check_depth(b'"' + b"[" * 100 + b'"')
    check_depth(b'["\\"' + b"[" * 100 + b'"]')
    with pytest.raises(Problem):
        check_depth(b"[" * 40)
    with pytest.raises(Problem):
        check_depth(b'"\\\\"' + b"[" * 40)
    check_depth(b'"\\\\\\"' + b"[" * 40 + b'"')
    check_depth(b'"' + b"[" * 1_000_000)
    check_depth(b"]" * 40 + b"[" * 40)


def test_a_caller_that_asks_too_fast_is_told_when_to_come_back() -> None:
    now = [0.0]
    rate = Rate(2, burst=4, seconds=lambda: now[0])
    for _ in range(4):
        rate.take("ag")
    with pytest.raises(Problem) as refused:
        rate.take("ag")
    assert refused.value.status_code == 429
    assert refused.value.headers is not None
    assert refused.value.headers["Retry-After"] == "1"
    rate.take("other")
    now[0] += 0.5
    rate.take("ag")
    with pytest.raises(Problem):
        rate.take("ag")
    now[0] += 60
    for _ in range(4):
        rate.take("ag")
    with pytest.raises(Problem):
        rate.take("ag")


def test_the_longest_unheard_callers_are_forgotten() -> None:
    rate = Rate(1, burst=1, remembered=2, seconds=lambda: 0.0)
    for caller in ("a", "b", "c"):
        rate.take(caller)
    rate.take("a")
    with pytest.raises(Problem):
        rate.take("c")
