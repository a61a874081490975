"""What routing can be told from outside, beside what every service can.

Read once at the start from RELAIS_* variables. It decides nothing.
"""

from pathlib import Path
from typing import Literal

from relais_chassis import settings
from relais_routing.chain.policy import Policy


class Settings(settings.Settings):
    """Routing's settings."""

    policy: Path | None = None
    """A policy file; none: the one that comes with Relais."""
    reader: Literal["faust", "plain"] = "faust"
    """What carries the stream: both run the same handler."""
    pages_origin: str = ""
    """Origins of the pages whose scripts may ask here with the session's cookie, separated by commas."""
    max_batch: int = 500
    """Records in one transaction, at most."""

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The pages' origins, one by one."""
        return tuple(filter(None, (each.strip().rstrip("/") for each in self.pages_origin.split(","))))

    def read_policy(self) -> Policy:
        """The policy; raises ValueError where it lacks something."""
        return Policy.read(self.policy)
