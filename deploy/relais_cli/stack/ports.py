"""Free ports that stay ours: two stacks that start at the same moment never take the same one.

A port is held by a lock on a file of its name until the process ends; it lies below the range the kernel
gives to outgoing connections, so that nothing slips in between the choice and the server's own bind.
"""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

FIRST, LAST = 20_000, 32_000

_held: dict[int, int] = {}


def _lock_file(port: int) -> Path:
    folder = Path(tempfile.gettempdir()) / f"relais-ports-{os.geteuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / str(port)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def hold(port: int) -> bool:
    """Take this very port if nobody else has it."""
    held = os.open(_lock_file(port), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        return False
    if not _is_free(port):
        os.close(held)
        return False
    _held[port] = held
    return True


def free_port(preferred: int | None = None) -> int:
    """A port of 127.0.0.1 that is free now and ours until `release` or the end of this process."""
    candidates = random.sample(range(FIRST, LAST), 200)
    for port in [preferred, *candidates] if preferred else candidates:
        if hold(port):
            return port
    raise RuntimeError(f"no free port between {FIRST} and {LAST} on 127.0.0.1")


def release(*ports: int) -> None:
    """Give ports back that `free_port` gave."""
    for port in ports:
        if (held := _held.pop(port, None)) is not None:
            os.close(held)
