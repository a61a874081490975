"""What intake can be told from outside, beside what every service can.

Read once at the start from RELAIS_* variables. It never shows a key.
"""

from pydantic import SecretStr

from relais_chassis import settings


class Settings(settings.Settings):
    """Intake's settings."""

    contact_keys: SecretStr
    """`<id>:<base64 of 32 bytes>`, the current key first, older ones after commas until everything is sealed anew."""
    pages_origin: str = ""
    """Origins of the pages whose scripts may call this door with the session's cookie, separated by commas."""

    rate: float = 2_000
    """Messages a second that one organisation may send; ten seconds' worth in one go."""

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The pages' origins, one by one."""
        return tuple(filter(None, (each.strip().rstrip("/") for each in self.pages_origin.split(","))))
