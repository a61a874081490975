"""The secrets of one machine: the key that signs tokens, its public JWKS, and the key that encrypts contacts.

Made once in the stack's folder, readable by its owner only, and kept when the data go: a token stays valid.
"""

import base64
import secrets
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from relais_chassis.access import LOGIN, Caller, issue
from relais_chassis.keys import new_keypair, read_private_key, write_keys


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
        if not (self.signing.exists() and self.jwks.exists()):
            write_keys(new_keypair(), self.signing, self.jwks)
        if not self.contacts.exists():
            self.contacts.touch(mode=0o600)
            self.contacts.write_text(base64.b64encode(secrets.token_bytes(32)).decode())

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
        caller = Caller(f"{organisation}/{role}", organisation, role, tuple(territories))
        return issue(read_private_key(self.signing), caller, lifetime, **claims)

    def login_token(
        self,
        role: str,
        organisation: str,
        territories: Sequence[str] = (),
        lifetime: timedelta = timedelta(hours=1),
    ) -> str:
        """The token of a login link, which the pages take once."""
        return self.token(role, organisation, territories, lifetime, use=LOGIN, jti=secrets.token_hex(16))
