"""Seals anew, beside everything else, what older keys sealed: keys turn without a stop.

A part of intake's process that works through the rows once and then waits to be stopped. It changes no content.
"""

import asyncio

import structlog

from relais_chassis.postgres import Database, waited_out
from relais_intake.contacts.sealing import Seal
from relais_intake.contacts.store import reseal

log = structlog.get_logger(__name__)


class Resealing:
    """One pass over the sealed rows."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database, self._seal = database, seal
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Leave the rest to the next start."""
        self._stopping.set()

    async def run(self) -> None:
        """Seal anew, then wait."""
        work = asyncio.create_task(waited_out(lambda: reseal(self._database, self._seal), "reseal"))
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait([work, stopping], return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            work.cancel()
            return
        if done := work.result():
            log.info("sealed anew", rows=done, key=self._seal.current)
        await stopping
