"""What stands in the directory, whose it is and what it belongs to: a table beside the log.

Kept by the model in each batch's transaction. It answers `GET /v1/directory` and finds a partner's closures; the
entries themselves stay in the log.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from relais_chassis.commands import Recorded
from relais_chassis.postgres import Connection
from relais_contracts.directory import ClosureDeclared, DirectoryPayload, OfferDeclared, PartnerDeclared, PlacesDeclared
from relais_intake.directory.entry import GONE

_SAVE: Final = """
insert into directory_entry (stream, version, org, about)
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[])
on conflict (stream) do update set version = excluded.version, org = excluded.org, about = excluded.about
"""
_DROP: Final = "delete from directory_entry where stream = any($1::text[])"
_CLOSURES: Final = """
select stream, about from directory_entry where about = any($1::text[]) and stream like 'closure/%'
"""
_THERE: Final = "select stream from directory_entry where stream = any($1::text[])"
_EVENT: Final = """
select l.stream, l.version, l.type, l.subject, l.time, l.data
from directory_entry e join log l on l.stream = e.stream and l.version = e.version
"""
_DECLARED_BY: Final = f"{_EVENT} where e.org = $1 and e.stream > $2 order by e.stream limit $3"
_OF_PARTNER: Final = f"""{_EVENT}
where (e.about = 'partner/' || $1
       or e.about in (select stream from directory_entry
                      where about = 'partner/' || $1 and stream like 'offer/%'))
  and e.stream > $2
order by e.stream limit $3
"""


async def save(conn: Connection, said: Iterable[Recorded]) -> None:
    """Keep a batch's last word on each entry; what was withdrawn stands no more."""
    last = {event.stream: event for event in said}
    standing: list[tuple[str, int, str | None, str]] = []
    gone: list[str] = []
    for stream, event in last.items():
        payload = event.payload
        if isinstance(payload, GONE):
            gone.append(stream)
        elif isinstance(payload, DirectoryPayload):
            standing.append((stream, event.version, payload.declared_by, about(payload)))
    if standing:
        await conn.execute(_SAVE, *(list(column) for column in zip(*standing, strict=True)))
    if gone:
        await conn.execute(_DROP, gone)


def about(payload: DirectoryPayload) -> str:
    """What an entry belongs to: places to their offer, everything else to its partner."""
    match payload:
        case PlacesDeclared():
            return f"offer/{payload.offer}"
        case PartnerDeclared() | OfferDeclared() | ClosureDeclared():
            return f"partner/{payload.partner}"
        case _:
            raise ValueError(f"this does not stand in the directory: {type(payload).__name__}")


async def closures(conn: Connection, partners: Sequence[str]) -> list[tuple[str, str]]:
    """The closures that stand, as (stream, partner)."""
    rows = await conn.fetch(_CLOSURES, [f"partner/{partner}" for partner in partners])
    return [(stream, belongs.removeprefix("partner/")) for stream, belongs in rows]


async def organisations(conn: Connection, ids: Iterable[str]) -> frozenset[str]:
    """Those of the organisations that stand in the directory, partners and operators alike."""
    rows = await conn.fetch(_THERE, [f"partner/{id}" for id in ids])
    return frozenset([stream.removeprefix("partner/") for (stream,) in rows])


async def declared_by(conn: Connection, org: str, after: str, limit: int) -> Sequence[Any]:
    """Rows of the log: the entries that an organisation declared, in order of stream."""
    return list(await conn.fetch(_DECLARED_BY, org, after, limit))


async def of_partner(conn: Connection, partner: str, after: str, limit: int) -> Sequence[Any]:
    """The same of what belongs to a partner, whoever declared it."""
    return list(await conn.fetch(_OF_PARTNER, partner, after, limit))
