"""Who asks: a signed token (JWT, ES256) from the header or from the pages' cookie, checked on the spot.

Stands before every door. It decides nothing about a case, and believes nothing that is not signed."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64decode
from starlette.requests import Request

from relais_chassis import clock
from relais_chassis.keys import AT_LEAST_EVERY, Fetching, Keys
from relais_chassis.problems import Problem

COOKIE = "relais_session"
ALGORITHM = "ES256"
ROLES = ("operator", "partner", "coordinator", "directory", "admin")
LOGIN = "login"
_SAFE = {"GET", "HEAD", "OPTIONS"}
_REMEMBERED = 10_000
_LEEWAY = 5  # seconds that two clocks may differ
_OURS = {"sub", "org", "role", "territories", "aud", "iat", "nbf", "exp"}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as its token says; `claims` holds what else the token says."""

    sub: str
    org: str
    role: str
    territories: tuple[str, ...] = ()
    claims: Mapping[str, Any] = field(default_factory=dict, compare=False)


class Access:
    """Tells who asks; raises the problem that says why that is not known."""

    def __init__(self, jwks: str, *, audience: str = "relais", origins: Collection[str] = ()) -> None:
        self._keys, self._audience = Keys(jwks), audience
        self._origins = frozenset(origin.rstrip("/") for origin in origins)
        self._known: OrderedDict[str, tuple[Caller, float]] = OrderedDict()

    def caller(self, request: Request) -> Caller:
        """Who asks, by `Authorization: Bearer` or by the cookie; raises Problem 401 or 503."""
        caller = self.read(self._token(request))
        if caller.claims.get("use") == LOGIN:
            raise _unknown("a login link's token is no bearer token")
        return caller

    def require(self, *roles: str) -> Callable[[Request], Awaitable[Caller]]:
        """A FastAPI dependency: who asks, if it has one of these roles; raises Problem 403."""

        async def asking(request: Request) -> Caller:
            return only(self.caller(request), *roles)

        return asking

    def login(self, token: str) -> Caller:
        """Who a login link was made for; `claims["jti"]` names the link, which its page accepts once."""
        caller = self.read(token)
        if caller.claims.get("use") != LOGIN or not caller.claims.get("jti"):
            raise _unknown("this is no login link")
        return caller

    def read(self, token: str) -> Caller:
        """What a token says, if its signature, audience and time are right; raises Problem 401 or 503."""
        now = clock.now().timestamp()
        known = self._known.get(token)
        if known is None or known[1] <= now:
            caller, expires = self._verify(token)
            known = self._known[token] = caller, min(expires, now + AT_LEAST_EVERY)  # its key may be withdrawn
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return known[0]

    def is_own_page(self, request: Request) -> bool:
        """Whether a browser says that one of our own pages asks; scripts of other pages cannot make it say so."""
        if request.headers.get("sec-fetch-site") == "same-origin":
            return True  # whatever a proxy makes of the host's name
        origin = request.headers.get("origin", "")
        return origin in self._origins or (bool(origin) and urlsplit(origin).netloc == request.headers.get("host"))

    def _token(self, request: Request) -> str:
        header = request.headers.get("authorization", "")
        kind, _, token = header.partition(" ")
        if header:
            if kind.lower() != "bearer" or not token.strip():
                raise _unknown("the Authorization header is expected to be: Bearer <token>")
            return token.strip()
        cookie = request.cookies.get(COOKIE)
        if cookie is None:
            raise _unknown("a token is expected in the Authorization header", error=None)
        if request.method not in _SAFE and not self.is_own_page(request):
            raise Problem(403, "foreign-origin", "the session's cookie is taken from our own pages only")
        return cookie

    def _verify(self, token: str) -> tuple[Caller, float]:
        try:
            key = self._keys.get(_key_id(token))
            if key is None:
                raise _unknown("the token is signed by a key that is not known here")
            claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
            _check(claims, self._audience)
        except Fetching:
            raise Problem(503, "keys-loading", "keys are being fetched", headers={"Retry-After": "1"}) from None
        except (JoseError, ValueError, TypeError, KeyError) as failure:
            raise _unknown(_WHY.get(type(failure).__name__, "the token is not valid")) from None
        return _caller(claims), float(claims["exp"]) + _LEEWAY


def only(caller: Caller, *roles: str) -> Caller:
    """The caller, if it has one of these roles; raises Problem 403."""
    if caller.role not in roles:
        detail = f"this is for {', '.join(roles)}, not for {caller.role}"
        raise Problem(403, "wrong-role", detail, expected=list(roles))
    return caller


def issue(key: ECKey, caller: Caller, lifetime: timedelta, *, audience: str = "relais", **claims: Any) -> str:
    """A token that says who the caller is for that long; `claims` are added (`use="login"`, `jti=…` for a link)."""
    now = int(clock.now().timestamp())
    said = {"sub": caller.sub, "org": caller.org, "role": caller.role, "territories": list(caller.territories)}
    when = {"aud": audience, "iat": now, "exp": now + int(lifetime.total_seconds())}
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, said | dict(caller.claims) | claims | when, key)


_WHY = {
    "ExpiredTokenError": "the token has expired",
    "BadSignatureError": "the token's signature is wrong",
    "UnsupportedAlgorithmError": f"the token is expected to be signed by {ALGORITHM}",
    "InvalidClaimError": "the token is made for another audience or a later time",
    "MissingClaimError": "the token lacks a claim: sub, org, role, aud and exp are expected",
}


def _unknown(detail: str, error: str | None = "invalid_token") -> Problem:
    challenge = f'Bearer error="{error}"' if error else "Bearer"
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": challenge})


def _key_id(token: str) -> str:
    header = orjson.loads(urlsafe_b64decode(token.partition(".")[0].encode()))
    return str(header["kid"])


def _check(claims: dict[str, Any], audience: str) -> None:
    registry = jwt.JWTClaimsRegistry(
        now=int(clock.now().timestamp()),
        leeway=_LEEWAY,
        aud={"essential": True, "value": audience},
        role={"essential": True, "values": list(ROLES)},
        sub={"essential": True},
        org={"essential": True},
        exp={"essential": True},
    )
    registry.validate(claims)


def _caller(claims: dict[str, Any]) -> Caller:
    return Caller(
        sub=str(claims["sub"]),
        org=str(claims["org"]),
        role=str(claims["role"]),
        territories=tuple(str(each) for each in claims.get("territories") or ()),
        claims={name: value for name, value in claims.items() if name not in _OURS},
    )
