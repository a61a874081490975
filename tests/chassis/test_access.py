"""Who asks is believed only when a known key has signed it, for this audience, for now, at the right door."""

import asyncio
import base64
import json
import stat
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from starlette.requests import Request

from relais_chassis import clock, keys
from relais_chassis.access import COOKIE, Access, Caller, issue
from relais_chassis.keys import new_keypair, read_private_key, write_keys
from relais_chassis.problems import Problem

ANNA = Caller("anna", "cep-sud", "operator", ("departement:71",))
HOUR = timedelta(hours=1)


@pytest.fixture
def key() -> ECKey:
    return new_keypair()


@pytest.fixture
def door(key: ECKey, tmp_path: Path) -> Access:
    write_keys(key, tmp_path / "signing.json", tmp_path / "jwks.json")
    return Access(str(tmp_path / "jwks.json"), origins=["https://pages.example"])


def asking(token: str | None = None, *, cookie: str | None = None, method: str = "GET", **headers: str) -> Request:
    sent = {"host": "intake.example", **headers}
    if token is not None:
        sent["authorization"] = f"Bearer {token}"
    if cookie is not None:
        sent["cookie"] = f"other=1; {COOKIE}={cookie}"
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()]
    return Request({"type": "http", "method": method, "path": "/", "headers": raw, "query_string": b""})


def refused(door: Access, request: Request) -> Problem:
    with pytest.raises(Problem) as problem:
        door.caller(request)
    return problem.value


def test_a_signed_token_tells_who_asks(door: Access, key: ECKey) -> None:
    assert door.caller(asking(issue(key, ANNA, HOUR))) == ANNA


def test_what_else_a_token_says_is_kept(door: Access, key: ECKey) -> None:
    caller = door.caller(asking(issue(key, ANNA, HOUR, handoff="h-1")))
    assert caller == ANNA
    assert caller.claims["handoff"] == "h-1"


def test_no_token_is_401_and_says_what_is_expected(door: Access) -> None:
    problem = refused(door, asking())
    assert problem.status_code == 401
    assert problem.headers is not None
    assert problem.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("lifetime", [timedelta(seconds=-10), timedelta(days=-1)])
def test_an_expired_token_is_401(door: Access, key: ECKey, lifetime: timedelta) -> None:
    problem = refused(door, asking(issue(key, ANNA, lifetime)))
    assert (problem.status_code, problem.detail) == (401, "the token has expired")


def test_a_token_expires_even_when_it_has_been_seen(door: Access, key: ECKey, monkeypatch: pytest.MonkeyPatch) -> None:
    token = issue(key, ANNA, HOUR)
    door.caller(asking(token))
    later = clock.now() + 2 * HOUR
    monkeypatch.setattr(clock, "now", lambda: later)
    assert refused(door, asking(token)).status_code == 401


def test_a_token_for_somebody_else_is_401(door: Access, key: ECKey) -> None:
    assert refused(door, asking(issue(key, ANNA, HOUR, audience="another"))).status_code == 401


def test_a_forged_token_is_401(door: Access, key: ECKey) -> None:
    head, _, signature = issue(key, ANNA, HOUR).split(".")
    _, admin, _ = issue(key, Caller("anna", "cep-sud", "admin"), HOUR).split(".")
    assert refused(door, asking(f"{head}.{admin}.{signature}")).detail == "the token's signature is wrong"


def test_a_token_of_a_key_with_the_same_id_is_401(door: Access, key: ECKey) -> None:
    other = ECKey.generate_key("P-256", {"kid": str(key.kid), "alg": "ES256", "use": "sig"})
    assert refused(door, asking(issue(other, ANNA, HOUR))).status_code == 401


def test_a_token_of_an_unknown_key_is_401(door: Access) -> None:
    assert refused(door, asking(issue(new_keypair(), ANNA, HOUR))).status_code == 401


def test_alg_none_is_401(door: Access, key: ECKey) -> None:
    _, claims, _ = issue(key, ANNA, HOUR).split(".")
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": key.kid}).encode()).rstrip(b"=").decode()
    for token in (f"{head}.{claims}.", f"{head}.{claims}"):
        assert refused(door, asking(token)).status_code == 401


def test_a_public_key_used_as_a_secret_is_401(door: Access, key: ECKey) -> None:
    secret = OctKey.import_key(json.dumps(key.as_dict(private=False)).encode())
    claims = {"sub": "a", "org": "b", "role": "admin", "aud": "relais", "exp": 2_000_000_000}
    token = jwt.encode({"alg": "HS256", "kid": key.kid}, claims, secret)
    assert refused(door, asking(token)).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é", "..", "eyJhbGciOiJFUzI1NiJ9.e30.x", "null.null.null"])
def test_rubbish_is_401(door: Access, token: str) -> None:
    assert refused(door, asking(authorization=f"Bearer {token}")).status_code == 401


@pytest.mark.parametrize("missing", ["sub", "org", "role", "exp", "aud"])
def test_a_token_that_lacks_a_claim_is_401(door: Access, key: ECKey, missing: str) -> None:
    claims = {"sub": "a", "org": "b", "role": "admin", "aud": "relais", "exp": 4_000_000_000}
    del claims[missing]
    assert refused(door, asking(jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key))).status_code == 401


def test_an_invented_role_is_401(door: Access, key: ECKey) -> None:
    assert refused(door, asking(issue(key, Caller("a", "b", "root"), HOUR))).status_code == 401


def test_another_scheme_is_401(door: Access) -> None:
    assert refused(door, asking(authorization="Basic YTpi")).status_code == 401


def test_a_login_token_opens_the_login_page_only(door: Access, key: ECKey) -> None:
    token = issue(key, ANNA, HOUR, use="login", jti="l-1")
    assert refused(door, asking(token)).status_code == 401
    assert refused(door, asking(cookie=token)).status_code == 401
    assert door.login(token).claims["jti"] == "l-1"
    with pytest.raises(Problem):
        door.login(issue(key, ANNA, HOUR))
    with pytest.raises(Problem):
        door.login(issue(key, ANNA, HOUR, use="login"))


def test_the_cookie_is_taken_for_reading(door: Access, key: ECKey) -> None:
    assert door.caller(asking(cookie=issue(key, ANNA, HOUR))) == ANNA


@pytest.mark.parametrize("origin", ["https://pages.example", "https://intake.example"])
def test_the_cookie_is_taken_for_writing_from_our_pages(door: Access, key: ECKey, origin: str) -> None:
    assert door.caller(asking(cookie=issue(key, ANNA, HOUR), method="POST", origin=origin)) == ANNA


def test_a_browser_that_says_same_origin_is_believed_behind_any_proxy(door: Access, key: ECKey) -> None:
    proxied = {"origin": "https://relais.example", "sec_fetch_site": "same-origin"}
    assert door.caller(asking(cookie=issue(key, ANNA, HOUR), method="POST", **proxied)) == ANNA


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "https://pages.example.evil", None])
def test_the_cookie_is_not_taken_for_writing_from_elsewhere(door: Access, key: ECKey, origin: str | None) -> None:
    headers = {} if origin is None else {"origin": origin}
    problem = refused(door, asking(cookie=issue(key, ANNA, HOUR), method="POST", **headers))
    assert problem.status_code == 403


async def test_another_role_is_403_and_told_which(door: Access, key: ECKey) -> None:
    token = issue(key, ANNA, HOUR)
    assert await door.require("operator", "admin")(asking(token)) == ANNA
    with pytest.raises(Problem) as problem:
        await door.require("partner")(asking(token))
    assert (problem.value.status_code, problem.value.help["expected"]) == (403, ["partner"])


def test_keys_are_for_their_owners_eyes(key: ECKey, tmp_path: Path) -> None:
    write_keys(key, tmp_path / "signing.json", tmp_path / "jwks.json")
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert '"d"' not in (tmp_path / "jwks.json").read_text()
    assert read_private_key(tmp_path / "signing.json").as_dict(private=True) == key.as_dict(private=True)


def test_a_new_key_in_the_file_is_found(door: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "AT_MOST_EVERY", -1.0)
    new = new_keypair()
    assert refused(door, asking(issue(new, ANNA, HOUR))).status_code == 401
    write_keys(new, tmp_path / "signing.json", tmp_path / "jwks.json")
    assert door.caller(asking(issue(new, ANNA, HOUR))) == ANNA


def test_a_key_taken_out_of_the_file_is_soon_no_longer_believed(
    door: Access, key: ECKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issue(key, ANNA, HOUR)
    door.caller(asking(token))
    write_keys(new_keypair(), tmp_path / "signing.json", tmp_path / "jwks.json")
    later = clock.now() + timedelta(seconds=keys.AT_LEAST_EVERY + 1)
    monkeypatch.setattr(clock, "now", lambda: later)
    monkeypatch.setattr(keys, "AT_LEAST_EVERY", -1.0)
    assert refused(door, asking(token)).status_code == 401


def test_unknown_keys_do_not_make_it_look_all_the_time(door: Access, key: ECKey, tmp_path: Path) -> None:
    door.caller(asking(issue(key, ANNA, HOUR)))
    new = new_keypair()
    write_keys(new, tmp_path / "signing.json", tmp_path / "jwks.json")
    assert refused(door, asking(issue(new, ANNA, HOUR))).status_code == 401, "it has looked a moment ago"


@pytest.fixture
def address(key: ECKey) -> Iterator[tuple[str, list[Any]]]:
    served: list[Any] = [key]
    asked = []

    class Served(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"keys": [each.as_dict(private=False) for each in served]}).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Served)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/jwks.json", served
    server.shutdown()
    server.server_close()


async def test_keys_come_from_an_address_too(
    address: tuple[str, list[Any]], key: ECKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "AT_MOST_EVERY", -1.0)
    url, served = address
    door = Access(url)
    assert await _once_fetched(door, issue(key, ANNA, HOUR)) == ANNA
    served[:] = [new_keypair()]
    assert await _once_fetched(door, issue(served[0], ANNA, HOUR)) == ANNA


async def _once_fetched(door: Access, token: str) -> Caller:
    while True:
        try:
            return door.caller(asking(token))
        except Problem as problem:
            if problem.status_code != 503:  # while keys are being fetched nobody is told that the token is bad
                raise
            await asyncio.sleep(0.01)
