"""What a person does to a service's database from the console: dead letters and refills, as the service's own role."""

import json
from datetime import UTC, datetime

import asyncpg
import pytest

from relais_chassis import dead_letters, relay
from relais_chassis.dead_letters import NewLetter
from relais_chassis.stored_records import StoredRecord
from relais_cli.stack import schemas
from servers import Servers
from system.place import Place

RECORD = StoredRecord("relais.cases", 3, 42, 0, b"case/1", b"\xff not readable", (("id", b"case/1/7"),))


async def test_a_letter_is_listed_shown_and_replayed(place: Place) -> None:
    conn = await place.connect("intake")
    await dead_letters.keep(conn, [NewLetter(RECORD, "no such stage", datetime.now(UTC), "case/1", 7)])
    [letter] = json.loads(place.run("dlq", "list", "intake", "--json").stdout)
    assert (letter["reason"], letter["stream"], letter["sequence"]) == ("no such stage", "case/1", 7)

    shown = json.loads(place.run("dlq", "show", "intake", str(letter["id"]), "--json").stdout)
    assert shown["headers"] == {"id": "case/1/7"}
    assert shown["value"].startswith("base64:")

    assert place.run("dlq", "replay", "intake", str(letter["id"])).returncode == 0
    assert (await dead_letters.show(conn, letter["id"])).state == "again"
    await conn.close()


async def test_a_letter_that_is_not_there_is_a_failure_with_a_word(place: Place) -> None:
    done = place.run("dlq", "replay", "intake", "99")
    assert done.returncode == 1
    assert "no letter 99" in done.stderr


async def test_a_refill_sends_the_relay_back(place: Place) -> None:
    conn = await place.connect("intake")
    await relay.refill(conn, 0)
    before = await conn.fetchval("select epoch from relay_cursor where log = 'log'")
    assert place.run("refill", "intake").returncode == 0
    assert await conn.fetchval("select epoch from relay_cursor where log = 'log'") == before + 1
    await conn.close()


async def test_a_role_cannot_change_the_schema_it_works_in(place: Place) -> None:
    conn = await place.connect("intake")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await conn.execute("create table mine (id int)")
    await conn.close()


async def test_setting_up_again_changes_nothing(place: Place, stack: Servers) -> None:
    conn = await place.connect("intake")
    before = await conn.fetch("select * from migration")
    await schemas.create(stack.postgres, ["intake"], place.database)
    assert await conn.fetch("select * from migration") == before
    await conn.close()


def test_roles_get_passwords_derived_from_the_superusers_where_it_has_one() -> None:
    first = schemas.dsn_for("postgresql://root:s%40cret@db:5432/postgres", "relais_intake", "relais")
    assert first == schemas.dsn_for("postgresql://root:s%40cret@db:5432/postgres", "relais_intake", "relais")
    assert first.startswith("postgresql://relais_intake:")
    assert "cret" not in first
    assert first.endswith("@db:5432/relais")
