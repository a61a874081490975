"""The tables `contact` and `note`: written and read in the transaction of the statement that brings or asks for them.

Everything in them is sealed. It decides nothing: who may read is decided before it is called.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from relais_chassis.postgres import Connection, Database
from relais_contracts.cases import Contact
from relais_intake.contacts.sealing import Seal, Sealed

_KEEP: Final = """
insert into contact ("case", key_id, sealed, updated)
select * from unnest($1::text[], $2::text[], $3::bytea[], $4::timestamptz[])
on conflict ("case") do update
set key_id = excluded.key_id, sealed = excluded.sealed, updated = excluded.updated
"""
_KEEP_NOTE: Final = """
insert into note (id, "case", handoff, role, org, key_id, sealed, written)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing
"""
_READ: Final = """select "case", key_id, sealed from contact where "case" = any($1::text[])"""
_OLD: Final = {
    "contact": """select "case", key_id, sealed from contact where key_id <> $1 limit $2 for update skip locked""",
    "note": "select id, key_id, sealed from note where key_id <> $1 limit $2 for update skip locked",
}
_RESEAL: Final = {
    "contact": """update contact set key_id = $2, sealed = $3 where "case" = $1""",
    "note": "update note set key_id = $2, sealed = $3 where id = $1",
}


async def keep(conn: Connection, seal: Seal, contacts: Mapping[str, Contact], now: datetime) -> None:
    """Keep the contacts of cases; the newest counts."""
    sealed = {
        case: seal.seal(case, contact.model_dump_json(exclude_none=True).encode()) for case, contact in contacts.items()
    }
    columns = [each.key_id for each in sealed.values()], [each.sealed for each in sealed.values()]
    await conn.execute(_KEEP, list(sealed), *columns, [now] * len(sealed))


async def erase(conn: Connection, cases: Iterable[str]) -> None:
    """Delete what is kept of these persons."""
    gone = list(cases)
    await conn.execute("""delete from contact where "case" = any($1::text[])""", gone)
    await conn.execute("""delete from note where "case" = any($1::text[])""", gone)


async def of_cases(conn: Connection, cases: Iterable[str]) -> dict[str, Sealed]:
    """The sealed contacts of cases, as far as there are any."""
    return {case: Sealed(key, sealed) for case, key, sealed in await conn.fetch(_READ, list(cases))}


def opened(seal: Seal, case: str, kept: Sealed) -> Contact:
    """The contact in clear."""
    return Contact.model_validate_json(seal.open(case, kept))


async def keep_note(
    conn: Connection, seal: Seal, id: str, case: str, handoff: str, by: tuple[str, str], text: str, now: datetime
) -> None:
    """Keep a note of somebody (role, org) on a hand-off."""
    kept = seal.seal(id, text.encode())
    await conn.execute(_KEEP_NOTE, id, case, handoff, *by, kept.key_id, kept.sealed, now)


async def reseal(database: Database, seal: Seal, at_once: int = 200) -> int:
    """Seal again, with the current key, whatever an older one sealed; how many rows that were."""
    done = 0
    for table, old in _OLD.items():
        while True:
            async with database.transaction() as conn:
                rows = await conn.fetch(old, seal.current, at_once)
                for owner, key_id, sealed in rows:
                    fresh = seal.seal(owner, seal.open(owner, Sealed(key_id, sealed)))
                    await conn.execute(_RESEAL[table], owner, fresh.key_id, fresh.sealed)
            done += len(rows)
            if not rows:
                break
    return done
