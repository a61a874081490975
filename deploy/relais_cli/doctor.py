"""`relais doctor`: looks at this machine and says what is missing and what to do about it.

Changes nothing; it starts a broker and a database in a temporary folder to see that they start.
"""

import asyncio
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

from relais_cli import browser, places, running
from relais_cli.output import JsonFlag, give_table
from relais_cli.stack import NotStarted, foreground, ports

GIGABYTE = 1_000_000_000


class Finding(NamedTuple):
    """What was looked at, whether it is well, what was seen, and what to do where it is not."""

    what: str
    well: bool
    seen: str
    advice: str = ""

    def row(self) -> tuple[str, str, str, str]:
        """A line of the answer."""
        return self.what, "ok" if self.well else "not well", self.seen, "" if self.well else self.advice


def doctor(*, as_json: JsonFlag = False) -> int:
    """Say what this machine lacks, and what to do about it; exit 1 when something is not well."""
    return foreground.run(_doctor(as_json))


async def _doctor(as_json: bool) -> int:
    findings = [python(), disk(), tools(), loopback(), chromium()]
    findings += [each async for each in (running_stack() if running.is_up() else servers())]
    rows = [
        (each.what, "ok" if each.well else "NOT WELL", each.seen, "" if each.well else each.advice) for each in findings
    ]
    give_table(["what", "state", "seen", "to do"], rows, as_json)
    return 0 if all(each.well for each in findings) else 1


def python() -> Finding:
    """The interpreter of the tools."""
    return Finding("python", sys.version_info >= (3, 11), sys.version.split()[0], "install Python 3.11 or newer")


def disk() -> Finding:
    """Room for the tools and the data."""
    free = shutil.disk_usage(places.CHECKOUT).free / GIGABYTE
    return Finding("disk", free > 3, f"{free:.0f} GB free", "free 3 GB where the checkout lies")


def tools() -> Finding:
    """What the stack asks of the system."""
    missing = [name for name in ("setpriv", "flock", "git") if not shutil.which(name)]
    return Finding("system tools", not missing, ", ".join(missing) or "all there", "apt-get install util-linux git")


def loopback() -> Finding:
    """A port to listen on, and a name for this machine."""
    try:
        port = ports.free_port()
    except RuntimeError as failure:
        return Finding("ports", False, str(failure), "stop what fills the loopback ports")
    ports.release(port)
    try:
        socket.getaddrinfo("localhost", port)
    except OSError as failure:
        return Finding("ports", False, f"localhost: {failure}", "add '127.0.0.1 localhost' to /etc/hosts")
    return Finding("ports", True, f"127.0.0.1:{port} is free")


def chromium() -> Finding:
    """The browser for the tests of pages."""
    path = browser.chromium()
    return Finding("chromium", path is not None, path or "none", browser.ADVICE)


async def running_stack() -> AsyncIterator[Finding]:
    """The services of the stack that is up here."""
    import httpx

    described = running.described()
    async with httpx.AsyncClient(timeout=5) as client:
        for service in ("intake", "routing", "notifications"):
            if described[service] is None:
                continue
            try:
                answer = await client.get(f"{described[service]}/ready")
                yield Finding(
                    service, answer.status_code == 200, answer.text[:200], f"see {described['logs']}/{service}.log"
                )
            except httpx.HTTPError as failure:
                yield Finding(service, False, repr(failure), f"see {described['logs']}/{service}.log")


async def servers() -> AsyncIterator[Finding]:
    """The broker and the database: one's own where named, else the embedded ones, started for a moment."""
    from relais_cli.stack.broker import Broker
    from relais_cli.stack.database import Database

    folder = Path(tempfile.mkdtemp(prefix="relais-doctor-"))
    folder.chmod(0o711)
    named = {"broker": os.environ.get("RELAIS_KAFKA"), "database": os.environ.get("RELAIS_POSTGRES")}
    try:
        for what, server in (
            ("broker", Broker(folder / "kafka", folder / "kafka.log")),
            ("database", Database(folder / "postgres", folder / "postgres.log")),
        ):
            if address := named[what]:
                yield await _own(what, address)
                continue
            try:
                await server.start()
                yield Finding(what, True, "starts")
            except (NotStarted, OSError) as failure:
                yield Finding(what, False, str(failure), "the lines seen say why")
            finally:
                await server.stop()
                server.forget()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _own(what: str, address: str) -> Finding:
    """Whether one's own server can be reached at all; its address may hold a password and is not shown."""
    from urllib.parse import urlsplit

    parts = urlsplit(address if "://" in address else f"//{address.split(',')[0]}")
    try:
        _, writer = await asyncio.open_connection(parts.hostname, parts.port or 5432)
    except OSError as failure:
        return Finding(
            what, False, f"{parts.hostname}: {failure}", f"see RELAIS_{'KAFKA' if what == 'broker' else 'POSTGRES'}"
        )
    writer.close()
    return Finding(what, True, f"{parts.hostname}:{parts.port} takes connections")
