"""The tables that routing's events fill, and who may look into them.

Written by `Model.close` in the transaction that moves the marks; read with the caller's rights in the query itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from relais_chassis.access import Caller
from relais_chassis.postgres import Connection
from relais_intake.handoffs.rows import Rows

_HANDOFFS: Final = """
insert into handoff (id, "case", step, attempt, partner, offer, actor, need, commune, territories, decision, parent,
                     state, owner, next, due, sequence, said, request, appointment)
select id, "case", step, attempt, partner, offer, actor, need, commune, string_to_array(territories, ' '), decision,
       parent, state, owner, next, due, sequence, said, request, appointment
from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
            $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::timestamptz[],
            $17::bigint[], $18::jsonb[], $19::jsonb[], $20::jsonb[])
     as new(id, "case", step, attempt, partner, offer, actor, need, commune, territories, decision, parent,
            state, owner, next, due, sequence, said, request, appointment)
on conflict (id) do update
set state = excluded.state, owner = excluded.owner, next = excluded.next, due = excluded.due,
    sequence = excluded.sequence, said = coalesce(excluded.said, handoff.said),
    request = coalesce(excluded.request, handoff.request),
    appointment = coalesce(excluded.appointment, handoff.appointment)
"""
_PARENTS: Final = """
insert into chain_step ("case", step, parent, state, owner, sequence)
select "case", step, parent, 'running', 'nobody', 0 from unnest($1::text[], $2::text[], $3::text[])
     as new("case", step, parent)
on conflict ("case", step) do update set parent = excluded.parent
"""
_STEPS: Final = """
insert into chain_step ("case", step, state, why, owner, next, due, sequence)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
                     $8::bigint[])
on conflict ("case", step) do update
set state = excluded.state, why = excluded.why, owner = excluded.owner, next = excluded.next, due = excluded.due,
    sequence = excluded.sequence
"""
_ESCALATED: Final = """
update chain_step s set owner = new.owner, next = new.next, due = new.due, sequence = new.sequence
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[])
     as new("case", step, owner, next, due, sequence)
where s."case" = new."case" and s.step = new.step and s.sequence < new.sequence
"""
_ANSWERED: Final = """
delete from pending_action p using unnest($1::text[], $2::bigint[]) as answered("case", version)
where p."case" = answered."case" and p.version <= answered.version
"""
_CONSEQUENCES: Final = """
insert into consequence (cause, event, type, handoff, step, state, time)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
on conflict do nothing
"""
_MAY_SEE: Final = """
select h.*, c.operator, $2 <> 'partner' or h.partner = $3 as is_own
from handoff h left join held_case c on c."case" = h."case" left join handoff parent on parent.id = h.parent
where h.id = $1
  and case $2 when 'partner' then $3 in (h.partner, parent.partner)
              when 'operator' then c.operator = $3
              when 'coordinator' then h.territories && $4::text[]
              else false end
"""
_UNDECIDED: Final = """
select h.id, h."case", h.state, h.due, h.said::text as said, p.request
from handoff h left join pending_action p on p."case" = h."case" and p.handoff = h.id
where h.id = any($1::text[]) order by h.id, p.version
"""
_PENDING: Final = """
insert into pending_action ("case", version, handoff, request)
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[])
"""
_OF_ERASED_CASES: Final = """
select h.id from handoff h join held_case c on c."case" = h."case" where h.id = any($1::text[]) and c.erased
"""


@dataclass(frozen=True, slots=True)
class Undecided:
    """A hand-off as routing last told it, and what was asked of it since, in order."""

    id: str
    case: str
    state: str
    due: datetime | None
    said: str | None
    requests: tuple[bytes, ...]


async def save(conn: Connection, told: Rows) -> None:
    """Write what a batch of routing's events means."""
    if told.handoffs:
        rows = [(*row, *told.said[id]) for id, row in told.handoffs.items()]
        await conn.execute(_HANDOFFS, *_columns(rows))
    if told.parents:
        await conn.execute(_PARENTS, *_columns([(*place, parent) for place, parent in told.parents.items()]))
    if told.steps:
        await conn.execute(_STEPS, *_columns(told.steps.values()))
    if told.escalated:
        await conn.execute(_ESCALATED, *_columns(told.escalated.values()))
    if told.answered:
        await conn.execute(_ANSWERED, *_columns(told.answered.items()))
    if told.consequences:
        await conn.execute(_CONSEQUENCES, *_columns(told.consequences))


def _columns(rows: Iterable[Sequence[object]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


async def save_pending(conn: Connection, asked: Sequence[tuple[str, int, str, bytes]]) -> None:
    """Remember actions (case, version, hand-off, request) until routing answers."""
    if asked:
        await conn.execute(_PENDING, *_columns(asked))


async def visible(conn: Connection, caller: Caller, handoff: str) -> Any | None:
    """The hand-off as this caller may see it; None where it is not its own, or not known.

    A partner sees what it handed on, too: `is_own` says whether it may do more than look.
    """
    return await conn.fetchrow(_MAY_SEE, handoff, caller.role, caller.org, list(caller.territories))


async def is_known(conn: Connection, handoff: str) -> bool:
    """Whether routing has told of it at all."""
    return await conn.fetchval("select true from handoff where id = $1", handoff) is not None


async def is_put_aside(conn: Connection, handoff: str) -> bool:
    """Whether routing has told of it in news that could not be applied yet."""
    query = "select exists (select from parked where position(convert_to($1, 'UTF8') in value) > 0)"
    return bool(await conn.fetchval(query, handoff))


async def undecided(conn: Connection, ids: Iterable[str]) -> list[Undecided]:
    """Hand-offs with what was asked and not answered; one statement, so that both are of one moment."""
    found: dict[str, Undecided] = {}
    for id, case, state, due, said, request in await conn.fetch(_UNDECIDED, list(ids)):
        before = found[id].requests if id in found else ()
        requests = before if request is None else (*before, request)
        found[id] = Undecided(id, case, state, due, said, requests)
    return list(found.values())


async def of_erased_cases(conn: Connection, ids: Iterable[str]) -> frozenset[str]:
    """Those of the hand-offs whose person's data were erased."""
    return frozenset([id for (id,) in await conn.fetch(_OF_ERASED_CASES, list(ids))])


async def of_cases(conn: Connection, cases: Iterable[str]) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """The hand-offs and the steps that routing has told of, by case."""
    wanted = list(cases)
    found: dict[str, tuple[set[str], set[str]]] = {case: (set(), set()) for case in wanted}
    for case, id in await conn.fetch("""select "case", id from handoff where "case" = any($1::text[])""", wanted):
        found[case][0].add(id)
    for case, step in await conn.fetch(
        """select "case", step from chain_step where "case" = any($1::text[])""", wanted
    ):
        found[case][1].add(step)
    return {case: (frozenset(handoffs), frozenset(steps)) for case, (handoffs, steps) in found.items()}
