"""`relais up` and `relais down`: the stack of this checkout, in the foreground or detached.

`RELAIS_KAFKA` and `RELAIS_POSTGRES` (a superuser's DSN) take the place of the embedded servers.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time

from relais_cli import places, running
from relais_cli.output import JsonFlag, Stopped, give, tell
from relais_cli.stack import SERVICES, NotStarted, Stack, foreground

STARTS_WITHIN = 300
STOPS_WITHIN = 90


def up(*, detach: bool = False, keep_data: bool = False, bare: bool = False, as_json: JsonFlag = False) -> int:
    """Start broker, database and services, and watch over them until Ctrl-C or `down`.

    Parameters
    ----------
    detach
        Come back when all is ready and leave it running.
    keep_data
        Go on with the data of the last time, and keep them at the end; else both are thrown away.
    bare
        Broker, database, topics and schemas only: for services started by hand.
    """
    if detach:
        return _detach(keep_data, bare, as_json)
    if running.take_lock() is None:
        raise Stopped("it is up already; see ./relais up --detach, or stop it with: ./relais down", 1)
    return foreground.run(_up(keep_data, bare, as_json))


async def _up(keep_data: bool, bare: bool, as_json: bool) -> int:
    stack = Stack(
        places.FOLDER,
        kafka=os.environ.get("RELAIS_KAFKA"),
        postgres=os.environ.get("RELAIS_POSTGRES"),
        workers=dict.fromkeys(SERVICES, 0) if bare else None,
        keep_data=keep_data,
        tell=tell,
    )
    running.RUN_FILE.unlink(missing_ok=True)
    try:
        async with stack:
            described = stack.described()
            described["pids"] = {"relais": os.getpid(), **described["pids"]}
            running.write(described)
            give(described, as_json)
            sys.stdout.flush()
            await asyncio.Event().wait()
    except NotStarted as failure:
        raise Stopped(str(failure)) from None
    finally:
        running.RUN_FILE.unlink(missing_ok=True)
        tell("stopped")
    return 0


def _detach(keep_data: bool, bare: bool, as_json: bool) -> int:
    if running.is_up():
        give(running.described(), as_json)
        return 0
    running.RUN_FILE.unlink(missing_ok=True)
    log = places.FOLDER / "logs" / "up.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    words = [
        sys.executable,
        "-m",
        "relais_cli",
        "up",
        *(["--keep-data"] if keep_data else []),
        *(["--bare"] if bare else []),
    ]
    with log.open("wb") as out:
        child = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True, cwd="/"
        )
    until = time.monotonic() + STARTS_WITHIN
    while not running.RUN_FILE.exists():
        if child.poll() is not None:
            raise Stopped(f"it did not start:\n{log.read_text(errors='replace')}")
        if time.monotonic() > until:
            child.send_signal(signal.SIGTERM)
            raise Stopped(f"it did not start within {STARTS_WITHIN} s; see {log}")
        time.sleep(0.05)
    give(running.described(), as_json)
    return 0


def down() -> int:
    """Stop what `up` started and wait until nothing of it is left."""
    if not running.is_up():
        tell("nothing is up")
        return 0
    until = time.monotonic() + STOPS_WITHIN
    os.kill(running.described()["pids"]["relais"], signal.SIGTERM)
    while running.is_up():
        if time.monotonic() > until:
            raise Stopped(f"it still runs after {STOPS_WITHIN} s; see {places.FOLDER / 'logs'}")
        time.sleep(0.05)
    return 0
