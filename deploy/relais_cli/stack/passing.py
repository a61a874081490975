"""A stack that one command starts for itself: in a folder, a database and topics of its own, gone when it is done.

The demo, its pictures and the faults run on it. It never touches the stack that `up` runs.
"""

import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from relais_cli.output import Stopped
from relais_cli.stack import NotStarted, Stack


@asynccontextmanager
async def passing(
    name: str, *, policy: str | None = None, notifications: Mapping[str, str] | None = None, **options: Any
) -> AsyncIterator[Stack]:
    """A running stack; `policy` is routing's policy file, `notifications` that service's settings, the rest `Stack`'s.

    RELAIS_KAFKA and RELAIS_POSTGRES (a superuser's DSN) put one's own servers in the place of the embedded ones.
    Raises Stopped where something does not start.
    """
    with tempfile.TemporaryDirectory(prefix=f"relais-{name}-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        folder.chmod(0o711)
        service_env = {"notifications": dict(notifications or {})}
        if policy is not None:
            file = folder / "policy.toml"
            file.write_text(policy)
            service_env["routing"] = {"RELAIS_POLICY": str(file)}
        stack = Stack(
            folder,
            kafka=os.environ.get("RELAIS_KAFKA"),
            postgres=os.environ.get("RELAIS_POSTGRES"),
            database=f"relais_{name}_{os.getpid()}",
            prefix=f"{name}-{os.getpid()}." if "RELAIS_KAFKA" in os.environ else "",
            service_env=service_env,
            **options,
        )
        try:
            async with stack:
                yield stack
        except NotStarted as failure:
            raise Stopped(str(failure)) from None
