"""Keeps open boards up to date: polls the changes once a process and hands each view what concerns it.

Stands between the changes and the event streams of the API. A board that cannot keep up is let go; its browser comes
back by itself with its position. It changes nothing.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from relais_chassis.postgres import Database, waited_out
from relais_notifications.board import changes
from relais_notifications.board.changes import Change
from relais_notifications.board.failing import counts
from relais_notifications.board.positions import Position
from relais_notifications.board.present import Message, message, present
from relais_notifications.board.views import View

log = structlog.get_logger(__name__)

WAITING_MOST: Final = 200
"""Messages that may wait for a slow browser."""
RECOUNT_SECONDS: Final = 1.0
"""A view's counts are taken again at most this often while things change …"""
AT_ONCE: Final = 25
"""Views counted between two polls, so that many views never hold the news up."""
STALE_SECONDS: Final = 3.0
"""When too much changes to be told one by one, boards are asked to read again at most this often."""
IDLE_RECOUNT_SECONDS: Final = 30.0
"""… and this often when nothing does: items become overdue by themselves."""
KEEP: Final = timedelta(minutes=15)


@dataclass(eq=False, slots=True)
class Open:
    """One open board: what it may see, and what waits to be sent to it. None ends it."""

    view: View
    waiting: asyncio.Queue[Message | None] = field(default_factory=lambda: asyncio.Queue(WAITING_MOST))
    seen: Position | None = None
    """Where it stood when it opened; None until it is shown something."""
    early: list[tuple[list[Change], Position]] = field(default_factory=list)
    """What happened until then: perhaps it is shown already."""

    def send(self, told: Message | None) -> None:
        """Hand a message over; a board that lets too many wait is closed, and resumes from its position."""
        if self.waiting.full():
            while not self.waiting.empty():
                self.waiting.get_nowait()
            told = None
        self.waiting.put_nowait(told)

    def shown(self, here: Position) -> None:
        """Note what it was shown first; of what was heard meanwhile it is told what that did not show."""
        self.seen, early, self.early = here, self.early, []
        for concerning, at in early:
            self.hear(concerning, at)

    def hear(self, concerning: list[Change], here: Position, told: Message | None = None) -> None:
        """Send changes that it has not seen; `told` is the message that tells them all."""
        if self.seen is None:
            self.early.append((concerning, here))
            return
        seen = self.seen
        fresh = [change for change in concerning if not seen.has_seen(change.txid)]
        if fresh:
            whole = told is not None and len(fresh) == len(concerning)
            self.send(told if whole else changes_message(self.view, fresh, here))


@dataclass(slots=True)
class Counted:
    """The last counts of a view, when they were taken, and whether something changed since."""

    at: float
    numbers: dict[str, int]
    dirty: bool = False


class Live:
    """The open boards of this process."""

    def __init__(self, database: Database, now: Callable[[], datetime], *, every: float = 0.3) -> None:
        self._database, self._now, self._every = database, now, every
        self._boards: defaultdict[View, set[Open]] = defaultdict(set)
        self._counted: dict[View, Counted] = {}
        self._position: Position | None = None
        self._flooded = False
        self._stale_at = 0.0
        self._reading = asyncio.Lock()
        self._awake = asyncio.Event()
        self._stopping = asyncio.Event()

    # Boards come and go

    async def enter(self, view: View) -> Open:
        """Register a board; what changes from now on waits for it."""
        board = Open(view)
        self._boards[view].add(board)
        try:
            await self._follow_from_now()
        except BaseException:  # the browser may leave meanwhile: nobody else would forget its board
            self.leave(board)
            raise
        self._awake.set()
        if self._stopping.is_set():
            board.send(None)
        return board

    async def _follow_from_now(self) -> None:
        if self._position is None:
            async with self._reading:
                if self._position is None:
                    async with changes.snapshot(self._database) as (_, here):
                        self._position = here

    def leave(self, board: Open) -> None:
        """Forget a board that was closed."""
        self._boards[board.view].discard(board)
        if not self._boards[board.view]:
            del self._boards[board.view]
            self._counted.pop(board.view, None)

    def count_of(self, view: View, numbers: dict[str, int]) -> None:
        """Note the counts that a board was just given, so that only others are sent."""
        self._counted[view] = Counted(asyncio.get_running_loop().time(), numbers)

    @property
    def number(self) -> int:
        """How many boards are open."""
        return sum(map(len, self._boards.values()))

    # The loop

    async def run(self) -> None:
        """Poll while boards are open; forget old changes all the same. Ends after `stop`."""
        loop = asyncio.get_running_loop()
        forget_at = loop.time()
        while not self._stopping.is_set():
            if loop.time() >= forget_at:
                await waited_out(lambda: changes.forget(self._database, self._now() - KEEP), "forget changes")
                forget_at = loop.time() + 60
            if self._boards:
                await waited_out(self._poll, "poll the board")
                await waited_out(self._recount, "count the worklists")
            else:
                self._position = None
            await self._sleep(self._every if self._boards else 60)
        for board in self._everybody():
            board.send(None)

    def stop(self) -> None:
        """End the loop and every open board."""
        self._stopping.set()
        self._awake.set()

    async def _sleep(self, seconds: float) -> None:
        if self._stopping.is_set():
            return
        if not self._boards:
            self._awake.clear()
        try:
            await asyncio.wait_for(self._stopping.wait() if self._boards else self._awake.wait(), seconds)
        except TimeoutError:
            return

    def _everybody(self) -> Iterable[Open]:
        return [board for boards in self._boards.values() for board in boards]

    async def _poll(self) -> None:
        async with self._reading:
            if self._position is None:
                return
            found = await changes.since(self._database, self._position)
            if found is None:
                self._let_everybody_come_back()
                return
            self._position = found.position
        if found.changes is None:
            self._flooded = True
        for view, boards in list(self._boards.items()):
            self._tell(view, boards, found.changes or [], found.position)
        self._tell_to_read_again()

    def _tell_to_read_again(self) -> None:
        time = asyncio.get_running_loop().time()
        if not self._flooded or time - self._stale_at < STALE_SECONDS:
            return
        self._flooded, self._stale_at = False, time
        for board in self._everybody():
            board.send(message("stale", {}))

    def _let_everybody_come_back(self) -> None:
        self._position = None
        for board in self._everybody():
            board.send(None)

    def _tell(self, view: View, boards: set[Open], found: list[Change], here: Position) -> None:
        concerning = [change for change in found if concerns(view, change)]
        if not concerning:
            return
        if view in self._counted:
            self._counted[view].dirty = True
        everything = changes_message(view, concerning, here)
        for board in boards:
            board.hear(concerning, here, everything)

    async def _recount(self) -> None:
        time = asyncio.get_running_loop().time()
        due = [
            (counted.at, view)
            for view, counted in self._counted.items()
            if time - counted.at >= (RECOUNT_SECONDS if counted.dirty else IDLE_RECOUNT_SECONDS)
        ]
        for _, view in sorted(due, key=lambda each: each[0])[:AT_ONCE]:
            async with self._database.connection() as conn:
                numbers = await counts(conn, view, self._now())
            counted = self._counted.get(view)
            if counted is not None and numbers != counted.numbers:
                for board in self._boards[view]:
                    board.send(message("counts", {"counts": numbers}))
            if view in self._boards:
                self.count_of(view, numbers)


def concerns(view: View, change: Change) -> bool:
    """Whether a board of this view must hear of a change: it sees the row, or has just lost sight of it."""
    return view.sees(change.row) or (change.left is not None and view.sees({**change.row, "operator": change.left}))


def changes_message(view: View, concerning: Iterable[Change], here: Position) -> Message:
    """What a board of this view is told: items as they are now, items gone from its sight, cases that moved."""
    items: dict[str, Any] = {}
    gone: list[str] = []
    cases: set[str] = set()
    for change in concerning:
        if change.kind == "case":
            cases.add(change.id)
        elif view.sees(change.row):
            items[change.id] = present(change.row, view.role)
            cases.add(change.row["case"])
        else:
            gone.append(change.id)
    return message("changes", {"items": list(items.values()), "gone": gone, "cases": sorted(cases)}, here.text)
