"""A real PostgreSQL on this machine, from a wheel: its binaries only, on a port of its own, data where it is told.

For laptops, tests and demos: it trusts whoever reaches its loopback port. Never a production database.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import asyncpg

from relais_cli.stack import account, ports
from relais_cli.stack.child import Child, NotStarted

SETTINGS = {
    "shared_buffers": "128MB",
    "max_connections": "300",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_min_messages": "warning",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
}
# A database that may be lost with the machine: for tests, whose data nobody reads again.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class Database:
    """One PostgreSQL server; `start` makes its data folder when there is none."""

    def __init__(self, folder: Path, log: Path, *, durable: bool = True, port: int | None = None) -> None:
        self.folder = account.data_folder(folder)
        self.port = ports.free_port(port)
        self.ports = (self.port,)
        self.durable = durable
        self._user = account.account()
        self._bin = account.binaries()
        settings = {**SETTINGS, **({} if durable else NOT_DURABLE)}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        serve = [str(self._bin / "postgres"), "-D", str(self.folder), "-h", "127.0.0.1", "-p", str(self.port), *words]
        self.child = Child("postgres", serve, log, cwd=Path("/"), as_user=self._user, on_parent_death=signal.SIGINT)

    @property
    def dsn(self) -> str:
        """The superuser's address."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    async def start(self) -> None:
        """Start it and wait until it answers."""
        if not (self.folder / "PG_VERSION").exists():
            await asyncio.to_thread(self._create)
        self.child.start()
        await self.child.ready(self._answers, within=60)

    async def stop(self) -> None:
        """End it; connections are closed, what was committed is kept."""
        await self.child.stop(signal.SIGINT, within=30)

    def forget(self) -> None:
        """Delete its data."""
        shutil.rmtree(self.folder, ignore_errors=True)

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.dsn, timeout=5)
        except (TimeoutError, OSError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True

    def _create(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._user:
            os.chown(self.folder, *self._user)
        words = ["-U", "postgres", "-A", "trust", "--no-sync", "--locale=C.UTF-8", "--encoding=UTF8"]
        made = subprocess.run(
            [str(self._bin / "initdb"), "-D", str(self.folder), *words],
            user=self._user[0] if self._user else None,
            group=self._user[1] if self._user else None,
            extra_groups=[] if self._user else None,
            cwd="/",
            env={**os.environ, "HOME": tempfile.gettempdir()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if made.returncode:
            raise NotStarted(f"initdb failed:\n{made.stdout}")
