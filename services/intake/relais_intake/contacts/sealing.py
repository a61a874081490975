"""Sealing what is kept of a person with AES-256-GCM; the key's id stands beside each sealed row so that keys can turn.

Stands between the store and the tables `contact` and `note`. It never writes a key or a clear text anywhere.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE: Final = 12
"""Bytes; random for every sealing, as NIST SP 800-38D allows for far more rows than a country has cases."""


@dataclass(frozen=True, slots=True, repr=False)
class Sealed:
    """A sealed text and the id of the key that opens it."""

    key_id: str
    sealed: bytes


class Seal:
    """The keys in use, the current one first."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise ValueError("at least one key is needed: RELAIS_CONTACT_KEYS=<id>:<base64 of 32 bytes>")
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self.current, first = next(iter(keys.items()))
        self._naming = hashlib.sha256(b"relais text reference" + first).digest()

    @classmethod
    def of_setting(cls, text: str) -> "Seal":
        """The keys of a setting: `<id>:<base64 of 32 bytes>`, the current one first, others after commas."""
        keys: dict[str, bytes] = {}
        for part in filter(None, map(str.strip, text.split(","))):
            name, _, encoded = part.partition(":")
            try:
                key = base64.b64decode(encoded, validate=True)
            except binascii.Error:
                key = b""
            if not name or len(key) != 32:
                raise ValueError("each contact key is <id>:<base64 of 32 bytes>")
            keys[name] = key
        return cls(keys)

    def seal(self, owner: str, clear: bytes) -> Sealed:
        """Seal a text so that it opens for this owner (a case, a note) only."""
        nonce = os.urandom(NONCE)
        return Sealed(self.current, nonce + self._ciphers[self.current].encrypt(nonce, clear, owner.encode()))

    def open(self, owner: str, kept: Sealed) -> bytes:
        """The clear text; KeyError where its key is gone, InvalidTag where it was tampered with or moved."""
        nonce, body = kept.sealed[:NONCE], kept.sealed[NONCE:]
        return self._ciphers[kept.key_id].decrypt(nonce, body, owner.encode())

    def reference(self, handoff: str, org: str, text: str) -> str:
        """The reference of a note: the same text by the same hand has the same one, and nobody else can compute it."""
        said = "\n".join((handoff, org, text)).encode()
        return hmac.new(self._naming, said, hashlib.sha256).hexdigest()[:40]
