"""Keeps the board's rows: one batch of facts in, a handful of statements out, inside the caller's transaction.

Called once a batch by the service's stream, before the marks move. It decides nothing about what a fact means.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, Final

from relais_chassis.commands import FromLog
from relais_chassis.model import Decided
from relais_chassis.postgres import Connection
from relais_contracts import directory
from relais_contracts.handoffs import HandoffPayload, HandoffProposed
from relais_notifications.board import holding, offers
from relais_notifications.board.places import place
from relais_notifications.board.projection import Board, Fact, item_ids
from relais_notifications.board.rows import Case, Item
from relais_notifications.heard import Heard

_CASE_FIELDS: Final = tuple(field.name for field in fields(Case))
_ITEM_FIELDS: Final = tuple(field.name for field in fields(Item))

_READ_CASES: Final = f"SELECT {', '.join(_CASE_FIELDS)} FROM board_case WHERE id = ANY($1) ORDER BY id FOR UPDATE"
_READ_ITEMS: Final = f"SELECT {', '.join(_ITEM_FIELDS)} FROM board_item WHERE id = ANY($1) ORDER BY id FOR UPDATE"

_CASE_COLUMNS: Final = {
    **dict.fromkeys(_CASE_FIELDS, "text"),
    "interviews": "integer",
    "masked": "boolean",
    "opened": "timestamptz",
    "closed": "timestamptz",
    "departement": "text",
    "territories": "text",
}
_ITEM_COLUMNS: Final = {
    **dict.fromkeys(_ITEM_FIELDS, "text"),
    "attempt": "integer",
    "due": "timestamptz",
    "sort": "timestamptz",
    "opened": "timestamptz",
    "changed": "timestamptz",
    "ended": "timestamptz",
    "answered": "timestamptz",
    "escalated": "boolean",
    "in_time": "boolean",
    "list": "text",
    "departement": "text",
    "territories": "text",
}
_CAST: Final = {
    "territories": "string_to_array(territories, ' ')",
    "appointment": "appointment::json",
    "request": "request::json",
}


def _upsert(table: str, columns: dict[str, str]) -> str:
    names = ", ".join(columns)
    values = ", ".join(_CAST.get(name, name) for name in columns)
    arrays = ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(columns.values(), 1))
    sets = ", ".join(f"{name} = excluded.{name}" for name in columns if name != "id")
    return (
        f"INSERT INTO {table} ({names}) SELECT {values} FROM unnest({arrays}) AS given({names}) "
        f"ON CONFLICT (id) DO UPDATE SET {sets}"
    )


_WRITE_CASES: Final = _upsert("board_case", _CASE_COLUMNS)
_WRITE_ITEMS: Final = _upsert("board_item", _ITEM_COLUMNS)

_WRITE_TIMELINE: Final = """
INSERT INTO timeline (case_id, log, sequence, time, type, handoff, data)
SELECT case_id, log, sequence, time, type, handoff, data::json
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::text[])
    AS given(case_id, log, sequence, time, type, handoff, data)
ON CONFLICT DO NOTHING
"""
_TRANSFER: Final = """
WITH moved AS (
    UPDATE board_item SET operator = given.operator
    FROM unnest($1::text[], $2::text[]) AS given(case_id, operator), board_item AS before
    WHERE board_item.case_id = given.case_id AND before.id = board_item.id AND before.operator <> given.operator
    RETURNING board_item.id, before.operator AS left_operator
)
INSERT INTO board_change (kind, id, left_operator) SELECT 'item', id, left_operator FROM moved
"""
_WRITE_CHANGES: Final = "INSERT INTO board_change (kind, id) SELECT * FROM unnest($1::text[], $2::text[])"

_WRITE_ORGANISATIONS: Final = """
INSERT INTO organisation (id, name, commune, withdrawn)
SELECT id, name, commune, false FROM unnest($1::text[], $2::text[], $3::text[]) AS given(id, name, commune) ORDER BY id
ON CONFLICT (id) DO UPDATE SET name = excluded.name, commune = excluded.commune, withdrawn = false
"""
_WITHDRAW_ORGANISATIONS: Final = "UPDATE organisation SET withdrawn = true WHERE id = ANY($1)"
_WRITE_OFFERS: Final = """
INSERT INTO board_offer (id, partner, name)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS given(id, partner, name) ORDER BY id
ON CONFLICT (id) DO UPDATE SET partner = excluded.partner, name = excluded.name
"""


async def project(conn: Connection, decided: Sequence[Decided[Any]]) -> None:
    """Bring the board up to date with a batch of events heard, in their order."""
    await keep(conn, [fact for each in decided if (fact := _fact(each)) is not None])


def _fact(decided: Decided[Any]) -> Fact | None:
    command, origin, heard = decided.command, decided.command.origin, decided.command.body
    if not isinstance(origin, FromLog) or not isinstance(heard, Heard):
        return None
    return Fact(origin.stream, origin.sequence, heard.event.time or command.time, heard.payload, heard.event.data)


async def keep(conn: Connection, facts: Sequence[Fact]) -> None:
    """Bring the board up to date with a batch of facts, in the order given."""
    board = await _read(conn, facts)
    for fact in facts:
        board.apply(fact)
    await _write_cases(conn, board)
    await _write_items(conn, board)
    await _write_timeline(conn, board.timeline)
    await _write_directory(conn, board)
    await offers.keep(conn, [fact.payload for fact in facts])
    proposed = [(fact.time, fact.payload) for fact in facts if isinstance(fact.payload, HandoffProposed)]
    await holding.take(conn, proposed)


async def _read(conn: Connection, facts: Sequence[Fact]) -> Board:
    case_ids = sorted({fact.case_id for fact in facts if fact.stream.startswith(("case/", "chain/"))})
    ids = sorted({id for fact in facts for id in item_ids(fact)})
    board = Board()
    if case_ids:
        board.cases = {row["id"]: Case(**dict(row)) for row in await conn.fetch(_READ_CASES, case_ids)}
    if ids:
        board.items = {row["id"]: Item(**dict(row)) for row in await conn.fetch(_READ_ITEMS, ids)}
    return board


def _columns(rows: Sequence[Case] | Sequence[Item], names: Iterable[str]) -> list[list[Any]]:
    derived = {
        "departement": lambda row: place(row.commune).departement,
        "territories": lambda row: " ".join(place(row.commune).territories),
    }
    return [[derived[name](row) if name in derived else getattr(row, name) for row in rows] for name in names]


async def _write_cases(conn: Connection, board: Board) -> None:
    rows = [board.cases[id] for id in sorted(board.touched_cases) if id in board.cases]
    if rows:
        await conn.execute(_WRITE_CASES, *_columns(rows, _CASE_COLUMNS))
        await conn.execute(_WRITE_CHANGES, ["case"] * len(rows), [row.id for row in rows])


async def _write_items(conn: Connection, board: Board) -> None:
    rows = [board.items[id] for id in sorted(board.touched_items)]
    if rows:
        await conn.execute(_WRITE_ITEMS, *_columns(rows, _ITEM_COLUMNS))
        await conn.execute(_WRITE_CHANGES, ["item"] * len(rows), [row.id for row in rows])
    if board.transferred:
        await conn.execute(_TRANSFER, list(board.transferred), list(board.transferred.values()))


async def _write_timeline(conn: Connection, facts: Sequence[Fact]) -> None:
    if not facts:
        return
    lines = [
        (
            fact.case_id,
            fact.stream.partition("/")[0],
            fact.sequence,
            fact.time,
            fact.payload.TYPE,
            fact.payload.handoff if isinstance(fact.payload, HandoffPayload) else None,
            fact.data.decode(),
        )
        for fact in facts
    ]
    await conn.execute(_WRITE_TIMELINE, *map(list, zip(*lines, strict=True)))


async def _write_directory(conn: Connection, board: Board) -> None:
    declared = [told for told in board.organisations.values() if isinstance(told, directory.PartnerDeclared)]
    withdrawn = [id for id, told in board.organisations.items() if told is None]
    declared_offers = list(board.offers.values())
    if declared:
        columns = [[told.partner for told in declared], [t.name for t in declared], [t.commune for t in declared]]
        await conn.execute(_WRITE_ORGANISATIONS, *columns)
    if withdrawn:
        await conn.execute(_WITHDRAW_ORGANISATIONS, withdrawn)
    if declared_offers:
        columns = [[getattr(told, name) for told in declared_offers] for name in ("offer", "partner", "name")]
        await conn.execute(_WRITE_OFFERS, *columns)
