"""What notifications can be told from outside, beside what every service can.

Read once at the start from RELAIS_* variables. It never shows a key.
"""

from pathlib import Path

from pydantic import SecretStr

from relais_chassis import settings
from relais_notifications.deliveries.schedule import USUAL
from relais_notifications.deliveries.sealing import Sealing, derived, keys_of
from relais_notifications.deliveries.sender import Sending


class Settings(settings.Settings):
    """Notifications' settings."""

    signing_key: Path | None = None
    """The private key that signs the pages' sessions; none: login links are not accepted."""
    intake_url: str = ""
    """Where the pages send what people do."""
    routing_url: str = ""
    """Where the board asks why a partner was chosen; none: it does not offer to."""
    webhooks_keys: SecretStr = SecretStr("")
    """`<id>:<base64 of 32 bytes>`, the current key first: seals endpoints' secrets. None: one from the signing key."""
    webhooks_allow_private: bool = False
    """Let webhooks go to private addresses and plain http: for tests and demonstrations only."""
    webhooks_timeout: float = 15.0
    """Seconds within which a receiver must have answered."""
    webhooks_scale: float = 1.0
    """Stretches or shortens the schedule of retries: 0.001 makes three days four minutes."""
    webhooks_at_once: int = 500
    """Deliveries one worker has claimed at a time, at most."""
    max_batch: int = 500
    """Records in one transaction, at most."""
    rate: float = 100
    """Requests a second that one organisation may make; ten seconds' worth in one go."""

    @property
    def sealing(self) -> Sealing:
        """What seals endpoints' secrets; raises ValueError where there is no key at all."""
        keys = keys_of(self.webhooks_keys.get_secret_value())
        if not keys and self.signing_key is not None:
            keys = derived(self.signing_key.read_bytes())
        return Sealing(keys)

    @property
    def sending(self) -> Sending:
        """How webhooks are sent."""
        return Sending(
            within=self.webhooks_timeout,
            at_once=self.webhooks_at_once,
            allow_private=self.webhooks_allow_private,
            schedule=USUAL.scaled(self.webhooks_scale),
        )
