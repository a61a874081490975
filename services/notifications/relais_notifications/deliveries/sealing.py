"""Secrets of endpoints at rest: sealed with a key from the settings, opened only to sign.

The key's id is kept with each secret, so that keys can change. It writes no secret to a log and gives none away.
"""

import base64
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE: Final = 12


class Sealing:
    """Seals with the first of its keys, opens with any of them."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys or any(len(key) not in (16, 24, 32) for key in keys.values()):
            raise ValueError("RELAIS_WEBHOOK_KEYS: expected id:key,… with keys of 16, 24 or 32 bytes in base64")
        self._keys = {kid: AESGCM(key) for kid, key in keys.items()}
        self._first = next(iter(keys))
        self._opened = lru_cache(maxsize=4096)(self._open)

    def __repr__(self) -> str:
        return f"Sealing({', '.join(self._keys)})"

    def seal(self, secret: bytes, endpoint: UUID) -> bytes:
        """The secret as it is stored, bound to its endpoint."""
        kid, nonce = self._first.encode(), os.urandom(_NONCE)
        return bytes([len(kid)]) + kid + nonce + self._keys[self._first].encrypt(nonce, secret, endpoint.bytes)

    def open(self, sealed: bytes, endpoint: UUID) -> bytes:
        """The secret; KeyError where its key is no longer known, InvalidTag where it was tampered with."""
        return self._opened(sealed, endpoint)

    def _open(self, sealed: bytes, endpoint: UUID) -> bytes:
        length = sealed[0]
        kid, rest = sealed[1 : 1 + length].decode(), sealed[1 + length :]
        return self._keys[kid].decrypt(rest[:_NONCE], rest[_NONCE:], endpoint.bytes)


def keys_of(text: str) -> dict[str, bytes]:
    """Keys written as `id:base64,id:base64`, the one in use first."""
    pairs = (part.strip().partition(":") for part in text.split(",") if part.strip())
    return {kid: base64.b64decode(key) for kid, _, key in pairs}


def derived(material: bytes) -> dict[str, bytes]:
    """A key derived from another secret of this service, where none was given."""
    return {"derived": HKDF(SHA256(), 32, salt=None, info=b"relais webhook secrets").derive(material)}
