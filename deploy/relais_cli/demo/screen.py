"""What the demo shows: progress while the day goes on, and the figures at its end.

People read a console, programs one JSON line; progress goes to standard error. It counts nothing itself.
"""

import asyncio
import json
from typing import Final, TextIO

import asyncpg
from rich.console import Console
from rich.table import Table

from relais_cli.demo.cast import COORDINATOR
from relais_cli.demo.summary import Summary
from relais_cli.stack import Stack

_NOW: Final = """
select (select count(*) from notifications.board_case) as cases,
       (select count(*) from intake.log) as events,
       (select count(*) from notifications.board_item where kind = 'handoff' and ended is null) as open,
       (select count(*) from notifications.board_item where kind = 'handoff' and ended is not null) as ended,
       (select count(*) from notifications.board_item where kind = 'step' and list = 'unmet') as unmet,
       (select count(*) from notifications.delivery where state = 'pending') as pending
"""
_WORDS: Final = {
    "cases": "people who came",
    "masked": "of them asked for something else than they need",
    "events_accepted": "events accepted at the doors",
    "events_logged": "events in intake's log",
    "events_published": "events on Kafka, each once",
    "handoffs_opened": "hand-offs opened",
    "handoffs_ended": "ended",
    "handoffs_open": "still open",
    "unmet": "needs nobody can meet",
    "webhooks_owed": "webhooks owed",
    "webhooks_delivered": "delivered",
    "webhooks_pending": "pending",
    "webhooks_abandoned": "abandoned",
    "lost": "lost",
    "doubled": "doubled",
    "seconds": "seconds",
}


class Screen:
    """The demo's voice."""

    def __init__(self, out: TextIO) -> None:
        self._console = Console(file=out, highlight=False)
        self._status = self._console.status("starting") if self._console.is_terminal else None
        self._last = ""

    def tell(self, what: str) -> None:
        """Say what is being started."""
        self._show(f"starting {what}")

    def day(self, notifications: str) -> None:
        """The day begins."""
        self._console.print(f"The day begins. Board: {notifications}/board", soft_wrap=True)

    async def progress(self, conn: asyncpg.Connection, expected: int) -> None:
        """Show where the day stands."""
        row = await conn.fetchrow(_NOW)
        self._show(
            f"{row['cases']}/{expected} people · {row['events']} events · hand-offs: {row['open']} open, "
            f"{row['ended']} ended · {row['unmet']} unmet · webhooks waiting: {row['pending']}"
        )

    def give(self, summary: Summary, as_json: bool) -> None:
        """The figures, and whatever does not add up."""
        if self._status:
            self._status.stop()
        if as_json:
            print(json.dumps(summary.figures), flush=True)
        else:
            table = Table(box=None, show_header=False, pad_edge=False)
            table.add_column(justify="right", style="bold")
            for name, words in _WORDS.items():
                table.add_row(str(summary.figures[name]), words)
            table.add_section()
            for words, number in summary.story.items():
                table.add_row(str(number), words, style="dim")
            for owner, number in summary.owners.items():
                table.add_row(str(number), f"open, and the next move is with the {owner}", style="dim")
            Console(highlight=False).print(table)
        for line in summary.wrong:
            self._console.print(f"does not add up: {line}", style="red", soft_wrap=True)
        if not summary.wrong:
            self._console.print("Everything adds up.", style="green")

    async def keep_open(self, stack: Stack) -> None:
        """Leave the board open until Ctrl-C."""
        token = stack.keys.login_token("coordinator", COORDINATOR, ["country:FR"])
        self._console.print(
            f"Look at the board: {stack.url('notifications')}/login?token={token}\nCtrl-C ends it.", soft_wrap=True
        )
        await asyncio.Event().wait()

    def _show(self, text: str) -> None:
        if self._status:
            self._status.start()
            self._status.update(text)
        elif text != self._last and not text[:1].isdigit():
            self._console.print(text, style="dim", soft_wrap=True)
        self._last = text
