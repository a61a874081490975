"""Standard Webhooks signatures: what a receiver checks to know that a message is ours, fresh and whole.

The sender asks for headers, endpoints for new secrets. It keeps no secret and reads no clock.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Final

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
"""Standard Webhooks asks for 24 to 64."""


def written(secret: bytes) -> str:
    """A secret as its owner is shown it, once: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secret).decode()


def signed(secrets: Sequence[bytes], message: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a message; signed by every secret that is still good, the newest first."""
    timestamp = str(int(at.timestamp()))
    content = f"{message}.{timestamp}.".encode() + body
    return {
        "webhook-id": message,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{_signature(secret, content)}" for secret in secrets),
    }


def _signature(secret: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode()
