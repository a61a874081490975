"""The secrets of one machine: the key that signs tokens, its public JWKS, and the key that encrypts contacts.

Made once in the stack's folder, readable by its owner only, and kept when the data go: a token stays valid.
"""

import base64
import json
import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey


class Keys:
    """The key files of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.signing = folder / "signing-key.json"
        self.jwks = folder / "jwks.json"
        self.contacts = folder / "contacts-key"

    def make(self) -> None:
        """Make what is missing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.signing.exists():
            key = ECKey.generate_key("P-256", {"kid": secrets.token_hex(8), "alg": "ES256", "use": "sig"})
            _write(self.signing, json.dumps(key.as_dict(private=True)))
        public = ECKey.import_key(json.loads(self.signing.read_text())).as_dict(private=False)
        _write(self.jwks, json.dumps({"keys": [public]}))
        if not self.contacts.exists():
            _write(self.contacts, base64.b64encode(secrets.token_bytes(32)).decode())

    def settings(self, service: str) -> dict[str, str]:
        """The settings that tell a service of them; each gets only what it needs."""
        own = {
            "intake": {"RELAIS_CONTACT_KEYS": f"local:{self.contacts.read_text().strip()}"},
            "notifications": {"RELAIS_SIGNING_KEY": str(self.signing)},
        }
        return {"RELAIS_JWKS": str(self.jwks), **own.get(service, {})}

    def token(
        self,
        role: str,
        organisation: str,
        territories: Sequence[str] = (),
        lifetime: timedelta = timedelta(days=1),
        **claims: Any,
    ) -> str:
        """A token that every service started with these keys believes."""
        self.make()
        key = ECKey.import_key(json.loads(self.signing.read_text()))
        now = datetime.now(UTC)
        who = {"sub": f"{organisation}/{role}", "org": organisation, "role": role, "territories": list(territories)}
        when = {"iat": int(now.timestamp()), "exp": int((now + lifetime).timestamp()), "jti": secrets.token_hex(8)}
        header = {"alg": "ES256", "kid": key.kid}
        return jwt.encode(header, {**who, **when, "iss": "relais-local", "aud": "relais", **claims}, key)


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and for the owner's eyes only."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.touch(mode=0o600)
    new.write_text(text)
    new.replace(path)
