"""The stack that `up` runs in this checkout, as the other commands see it: its lock and its `run.json`.

Starts and stops nothing.
"""

import fcntl
import json
import os
from pathlib import Path
from typing import Any

from relais_cli import places
from relais_cli.output import Stopped

RUN_FILE = places.FOLDER / "run.json"
LOCK = places.FOLDER / "lock"


def take_lock() -> int | None:
    """The lock of this checkout's stack, held until the process ends; None when another holds it."""
    places.FOLDER.mkdir(exist_ok=True)
    lock = os.open(LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def is_up() -> bool:
    """Whether a stack of this checkout runs or is starting."""
    lock = take_lock()
    if lock is None:
        return True
    os.close(lock)
    return False


def described() -> dict[str, Any]:
    """`run.json` of the running stack; Stopped when there is none."""
    if not RUN_FILE.exists() or not is_up():
        raise Stopped("nothing is up here; start it with: ./relais up --detach")
    found: dict[str, Any] = json.loads(RUN_FILE.read_text())
    return found


def write(described: dict[str, Any]) -> None:
    """Write `run.json` whole; it holds addresses, so its owner alone may read it."""
    new = Path(f"{RUN_FILE}.new")
    new.touch(mode=0o600)
    new.write_text(json.dumps(described, indent=2))
    new.replace(RUN_FILE)
