"""The day's draw: its secret is committed before the day, used on the day, revealed afterwards.

A small decider on `draw/<day>` streams, the table of secrets, and the sweep that keeps both in time. A secret leaves
the table only when its day is over.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from relais_chassis import clock
from relais_chassis.commands import Command, Recorded
from relais_chassis.postgres import Connection
from relais_contracts.envelope import Payload
from relais_contracts.handoffs import Commitment, DrawCommitted, DrawRevealed
from relais_routing.chain.calendar import PARIS, midnight
from relais_routing.matching.draw import Draw
from relais_routing.matching.verify import Published

# What may be asked


@dataclass(frozen=True, slots=True)
class CommitDraw:
    """Bind a day to a secret."""

    draw: Draw


@dataclass(frozen=True, slots=True)
class RevealDraw:
    """Give a day's secret out, its day being over."""

    draw: Draw


# What is known, what follows, what may happen next


class DrawState(NamedTuple):
    """Whether a day's secret is bound, and out."""

    committed: bool = False
    revealed: bool = False


def evolve(state: DrawState, event: Payload) -> DrawState:
    """What is known after an event."""
    match event:
        case DrawCommitted():
            return state._replace(committed=True)
        case DrawRevealed():
            return state._replace(revealed=True)
        case _:
            return state


def decide(state: DrawState, command: CommitDraw | RevealDraw, today: date) -> list[Payload]:
    """A day is bound once, and given out once, after it is over."""
    draw = command.draw
    commitment = Commitment(day=draw.day.isoformat(), hash=draw.commitment)
    match command:
        case CommitDraw() if not state.committed:
            return [DrawCommitted(commitment=commitment)]
        case RevealDraw() if state.committed and not state.revealed and draw.day < today:
            return [DrawRevealed(commitment=commitment, secret=draw.secret.hex())]
        case _:
            return []


# The table and the sweep

_ALL: Final = "select day, secret from draw"
_SAVE: Final = """
insert into draw (day, secret, committed_at) select * from unnest($1::date[], $2::bytea[], $3::timestamptz[])
"""
_REVEALED: Final = "update draw set revealed = true where day = any($1::date[])"
_KEPT: Final = "select day, secret, committed_at from draw"
_OVER: Final = "select day, secret from draw where day < $1 and not revealed order by day limit $2"
_DAYS: Final = "select day from draw where day = any($1::date[])"
_ONE: Final = "select secret, revealed, committed_at from draw where day = $1"


class Draws:
    """The draws of all days, in memory."""

    def __init__(self) -> None:
        self.known: dict[date, Draw] = {}

    async def refresh(self, conn: Connection, day: date) -> None:
        """Make sure that a day's draw is here; a day that nobody has committed is not drawn on."""
        if day not in self.known:
            self.known = {each: Draw(each, secret) for each, secret in await conn.fetch(_ALL)}


async def save(conn: Connection, decided: Iterable[tuple[object, Sequence[Recorded]]]) -> None:
    """Keep the secrets just committed, and when; note those just revealed; given bodies and what followed."""
    done = [(body, events[0].time) for body, events in decided if events and isinstance(body, CommitDraw | RevealDraw)]
    bound = [(body.draw.day, body.draw.secret, at) for body, at in done if isinstance(body, CommitDraw)]
    if bound:
        await conn.execute(_SAVE, *(list(column) for column in zip(*bound, strict=True)))
    if len(bound) < len(done):
        await conn.execute(_REVEALED, [body.draw.day for body, _ in done if isinstance(body, RevealDraw)])


async def find(conn: Connection, now: datetime, limit: int) -> list[Command]:
    """The sweep: today and tomorrow are bound, days that are over are given out."""
    today = now.astimezone(PARIS).date()
    days = [today, today + timedelta(days=1)]
    bound = {day for (day,) in await conn.fetch(_DAYS, days)}
    at = clock.now()
    commands = [
        Command(f"draw/{day}", CommitDraw(Draw(day, secrets.token_bytes(32))), None, at)
        for day in days
        if day not in bound
    ]
    for day, secret in await conn.fetch(_OVER, today, limit):
        commands.append(Command(f"draw/{day}", RevealDraw(Draw(day, secret)), None, at))
    return commands


async def all_of(conn: Connection) -> list[Published]:
    """Every day's draw with its secret: for making decisions again where they were made, never to be shown."""
    return [Published(day, Draw(day, secret).commitment, at, secret) for day, secret, at in await conn.fetch(_KEPT)]


async def published(conn: Connection, day: date) -> dict[str, str | bool | None] | None:
    """What anybody may know of a day's draw, its secret once the day is over; none where it was not committed."""
    row = await conn.fetchrow(_ONE, day)
    if row is None:
        return None
    secret, committed_at = row["secret"], row["committed_at"]
    return {
        "day": day.isoformat(),
        "hash": Draw(day, secret).commitment,
        "committed_at": committed_at and committed_at.isoformat(),
        "revealed": row["revealed"],
        "revealed_from": midnight(day + timedelta(days=1)).isoformat(),
        "secret": secret.hex() if row["revealed"] else None,
    }
