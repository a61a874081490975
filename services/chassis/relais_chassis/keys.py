"""The public keys that tokens are checked with, from a JWKS file or address, and the making of keys.

Stands under `access.py`. An unknown key makes it look again, at most every few seconds; no caller waits for that."""

import json
import threading
import time
from pathlib import Path

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from relais_chassis import clock

log = structlog.get_logger(__name__)

AT_MOST_EVERY = 3.0  # seconds between two looks that unknown keys cause
AT_LEAST_EVERY = 300.0  # seconds after which keys taken out of the set stop being believed


class Fetching(Exception):
    """The keys are being fetched from their address: ask again in a second."""


class Keys:
    """The keys of one JWKS, by their id."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._is_url = where.startswith(("http://", "https://"))
        self._keys: dict[str, ECKey] = {}
        self._looked = float("-inf")
        self._fetch: threading.Thread | None = None

    def get(self, kid: str) -> ECKey | None:
        """The key of that id, or None; raises Fetching while the address is being asked."""
        since = time.monotonic() - self._looked
        if since > AT_LEAST_EVERY or (kid not in self._keys and since > AT_MOST_EVERY):
            self._look()
        if kid not in self._keys and self._fetch and self._fetch.is_alive():
            raise Fetching
        return self._keys.get(kid)

    def _look(self) -> None:
        self._looked = time.monotonic()
        if not self._is_url:
            self._load()
        elif not (self._fetch and self._fetch.is_alive()):
            self._fetch = threading.Thread(target=self._load, name="jwks", daemon=True)
            self._fetch.start()

    def _load(self) -> None:
        try:
            found = json.loads(self._read())
            keys = [ECKey.import_key(each) for each in found["keys"] if each.get("kty") == "EC"]
            self._keys = {key.kid: key for key in keys if key.kid}
        except (OSError, httpx.HTTPError, ValueError, KeyError, JoseError) as failure:
            log.error("keys could not be read", where=self._where, exc_info=failure)

    def _read(self) -> str | bytes:
        if not self._is_url:
            return Path(self._where).read_bytes()
        return httpx.get(self._where, timeout=5.0, follow_redirects=False).raise_for_status().content


def new_keypair() -> ECKey:
    """A fresh ES256 key with an id."""
    return ECKey.generate_key("P-256", {"kid": clock.new_id().hex, "use": "sig", "alg": "ES256"}, private=True)


def write_keys(key: ECKey, private: Path, jwks: Path) -> None:
    """Write the private key and, beside it, the JWKS with the public one; readable by their owner only."""
    _write(private, json.dumps(key.as_dict(private=True)))
    _write(jwks, json.dumps(KeySet([key]).as_dict(private=False)))


def read_private_key(path: Path) -> ECKey:
    """The private key that `write_keys` wrote."""
    return ECKey.import_key(json.loads(path.read_bytes()))


def _write(path: Path, text: str) -> None:
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600, exist_ok=False)
    new.write_text(text)
    new.replace(path)
