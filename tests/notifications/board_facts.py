"""The board's tests say what happened in events; this puts them on the board as the stream would."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from builders import CASE, MONDAY, a_handoff
from relais_chassis.migrations import migrate
from relais_chassis.postgres import Database
from relais_contracts.catalogue import dump
from relais_contracts.envelope import Payload
from relais_contracts.handoffs import HandoffPayload
from relais_contracts.topics import topic_of
from relais_contracts.transitions import AWAITED
from relais_notifications.board import store
from relais_notifications.board.projection import Fact


@dataclass
class History:
    """Numbers events within their streams."""

    last: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def fact(self, payload: Payload, case: str = CASE, at: datetime = MONDAY) -> Fact:
        """One event as the stream hears it."""
        topic = topic_of(payload.TYPE).name
        stream = {"relais.cases": f"case/{case}", "relais.handoffs": f"chain/{case}"}.get(topic, f"partner/{case}")
        self.last[stream] += 1
        return Fact(stream, self.last[stream], at, payload, dump(payload))


@dataclass
class BoardStore:
    """A real board in a real database."""

    database: Database
    history: History = field(default_factory=History)

    async def hear(self, *payloads: Payload, case: str = CASE, at: datetime = MONDAY) -> None:
        """Bring the board up to date with these events, in one batch."""
        await self.keep([self.history.fact(payload, case, at) for payload in payloads])

    async def keep(self, facts: Sequence[Fact]) -> None:
        """The same, for facts made before."""
        async with self.database.transaction() as conn:
            await store.keep(conn, facts)


@asynccontextmanager
async def a_board(postgres: str) -> Any:
    """The notifications schema with an empty board."""
    await migrate(postgres, "notifications", "relais_notifications")
    async with Database(postgres, "notifications") as database:
        yield BoardStore(database)


def moved(model: type[HandoffPayload], state: str, **given: Any) -> Any:
    """An event of the first hand-off that brings it to a state, with whom and what is awaited there."""
    awaited = AWAITED[state]  # type: ignore[index]
    usual = {"state": state, "owner": awaited.owner, "next": awaited.next}
    return a_handoff(model, **{**usual, **({} if awaited.next else {"due": None}), **given})
