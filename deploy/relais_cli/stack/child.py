"""One child process: started with its log in a file, ended for good, and gone when its parent is gone.

Knows nothing of what the child does. The parent's end reaches it by the kernel (`setpriv --pdeathsig`), so that
not even a killed parent leaves anything behind.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PAUSE = 0.02


class NotStarted(RuntimeError):
    """A child ended, or stayed silent, before it was ready; carries the end of its log."""


async def listens(port: int) -> bool:
    """Whether something takes connections at this port of 127.0.0.1."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@dataclass
class Child:
    """A process by name; `start` may be called again after it has ended."""

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    as_user: tuple[int, int] | None = None
    on_parent_death: signal.Signals = signal.SIGKILL
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it from the calling thread; that thread's end is what the child takes for its parent's."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self._privileges(), *self.command],
                env={**os.environ, **self.env},
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _privileges(self) -> list[str]:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            if self.as_user:
                raise NotStarted("setpriv (util-linux) is needed to start PostgreSQL as root")
            return []
        words = [setpriv, "--pdeathsig", self.on_parent_death.name.removeprefix("SIG")]
        if self.as_user:
            user, group = self.as_user
            words += ["--reuid", str(user), "--regid", str(group), "--clear-groups"]
        return [*words, "--"]

    @property
    def pid(self) -> int:
        """Its process id; 0 before the first start."""
        return self.process.pid if self.process else 0

    @property
    def exit_status(self) -> int | None:
        """What it ended with; None while it runs or before it was started."""
        return self.process.poll() if self.process else None

    @property
    def is_alive(self) -> bool:
        """Whether it runs now."""
        return self.process is not None and self.process.poll() is None

    def last_words(self, lines: int = 15) -> str:
        """The end of its log."""
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    async def ready(self, probe: Callable[[], Awaitable[bool]], within: float) -> None:
        """Wait until `probe` says yes; NotStarted when it ends first or the time is over."""
        until = time.monotonic() + within
        while not await probe():
            if not self.is_alive:
                raise NotStarted(f"{self.name} ended with {self.exit_status}; {self.log} says:\n{self.last_words()}")
            if time.monotonic() > until:
                raise NotStarted(
                    f"{self.name} is not ready after {within:.0f} s; {self.log} says:\n{self.last_words()}"
                )
            await asyncio.sleep(PAUSE)

    async def stop(self, how: signal.Signals = signal.SIGTERM, within: float = 20) -> int | None:
        """Ask it to end, insist after `within` seconds, and give its exit status."""
        if self.process is None:
            return None
        if self.is_alive:
            self.process.send_signal(how)
        until = time.monotonic() + within
        while self.is_alive:
            if time.monotonic() > until:
                self._kill_session()
            await asyncio.sleep(PAUSE)
        return self.process.returncode

    async def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        await self.stop(signal.SIGKILL)

    def _kill_session(self) -> None:
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
