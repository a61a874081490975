"""Judges a batch exactly as it would be decided and stored, and stores nothing: what `dry_run` asks for.

The same locks, reads and decisions as `transact`, rolled back at the end.
"""

from collections.abc import Sequence
from typing import Any

from relais_chassis.batch import Batch
from relais_chassis.commands import Answer, Command
from relais_chassis.postgres import Database
from relais_chassis.transact import Transactor


class _RolledBack(Exception):
    """Ends the transaction without a trace."""


async def judge(transactor: Transactor[Any], commands: Sequence[Command]) -> list[Answer]:
    """What `transact` would answer now."""
    answers: list[Answer] = []
    database: Database = transactor.database
    try:
        async with database.transaction() as conn:
            answers = await Batch(transactor.log, transactor.model, commands, 0).run(conn)
            raise _RolledBack
    except _RolledBack:
        return answers
