"""Runs a command in the foreground until it is done or told to stop: every ending goes through its clean-up.

Ctrl-C, SIGTERM and a closed terminal cancel the work once, so that each `async with` leaves in order.
"""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(work: Coroutine[Any, Any, int]) -> int:
    """Run `work` and give its exit status, or 128 + the number of the signal that ended it."""
    return asyncio.run(_until_signalled(work))


async def _until_signalled(work: Coroutine[Any, Any, int]) -> int:
    task = asyncio.ensure_future(work)
    received: list[signal.Signals] = []

    def stop(which: signal.Signals) -> None:
        if not received:
            task.cancel()
        received.append(which)

    loop = asyncio.get_running_loop()
    for each in ENDINGS:
        loop.add_signal_handler(each, stop, each)
    try:
        return await task
    except asyncio.CancelledError:
        if not received:
            raise
        return 128 + received[0]
    finally:
        for each in ENDINGS:
            loop.remove_signal_handler(each)
