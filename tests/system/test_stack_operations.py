"""What a person does to a service's database from the console: dead letters and refills, as the service's own role."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest

from relais_chassis import dead_letters, relay
from relais_chassis.dead_letters import NewLetter
from relais_chassis.stored_records import StoredRecord
from relais_cli.stack import schemas
from servers import Servers

RECORD = StoredRecord("relais.cases", 3, 42, 0, b"case/1", b"\xff not readable", (("id", b"case/1/7"),))


class Place:
    """A database of its own with intake's schema, and the console that speaks to it."""

    def __init__(self, superuser: str, name: str) -> None:
        self.dsn = schemas.dsn_for(superuser, schemas.role_of("intake"), name)
        self._env = {**os.environ, "RELAIS_POSTGRES": superuser, "RELAIS_DATABASE": name}

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "relais_cli", *words]
        return subprocess.run(command, env=self._env, capture_output=True, text=True)

    async def connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(self.dsn, server_settings={"search_path": "intake"})


@pytest.fixture
async def place(stack: Servers) -> AsyncIterator[Place]:
    name = f"test_{uuid4().hex[:16]}"
    await schemas.create(stack.postgres, ["intake"], name)
    yield Place(stack.postgres, name)
    admin = await asyncpg.connect(stack.postgres)
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


async def test_a_letter_is_listed_shown_and_replayed(place: Place) -> None:
    conn = await place.connect()
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
    conn = await place.connect()
    await relay.refill(conn, 0)
    before = await conn.fetchval("select epoch from relay_cursor where log = 'log'")
    assert place.run("refill", "intake").returncode == 0
    assert await conn.fetchval("select epoch from relay_cursor where log = 'log'") == before + 1
    await conn.close()


async def test_a_role_cannot_change_the_schema_it_works_in(place: Place) -> None:
    conn = await place.connect()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await conn.execute("create table mine (id int)")
    await conn.close()


async def test_setting_up_again_changes_nothing(place: Place, stack: Servers) -> None:
    conn = await place.connect()
    before = await conn.fetch("select * from migration")
    await schemas.create(stack.postgres, ["intake"], place.dsn.rpartition("/")[2])
    assert await conn.fetch("select * from migration") == before
    await conn.close()


def test_roles_get_passwords_derived_from_the_superusers_where_it_has_one() -> None:
    first = schemas.dsn_for("postgresql://root:s%40cret@db:5432/postgres", "relais_intake", "relais")
    assert first == schemas.dsn_for("postgresql://root:s%40cret@db:5432/postgres", "relais_intake", "relais")
    assert first.startswith("postgresql://relais_intake:")
    assert "cret" not in first
    assert first.endswith("@db:5432/relais")
