"""`relais decisions verify ID`: routing is asked over HTTP for record and draw, and believed in neither."""

import json
import subprocess
from collections.abc import AsyncIterator, Callable

import asyncpg
import orjson
import pytest

from builders import OPERATOR, OTHER_OPERATOR
from matching_builders import DRAW, SECRET
from relais_cli.stack import Stack
from system.place import Place
from system.stored import DECISION, store_decision


class Asked:
    """A routing that holds one decision, its secret out, and whoever asks it."""

    def __init__(self, running: Stack, conn: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.conn = conn
        self._keys, self._url = running.keys, running.url("routing")
        self._console = Place(running.postgres, running.database_name)

    def verify(self, id: str = DECISION, org: str = OPERATOR) -> "subprocess.CompletedProcess[str]":
        """What the console says to an operator."""
        env = {"RELAIS_ROUTING_URL": self._url, "RELAIS_TOKEN": self._keys.token("operator", org)}
        return self._console.run("decisions", "verify", id, "--json", **env)

    def wrong(self) -> tuple[int, list[str]]:
        """The exit status, and the names of the checks that fail."""
        done = self.verify()
        return done.returncode, [check["name"] for check in json.loads(done.stdout)["checks"] if not check["holds"]]


@pytest.fixture
async def asked(a_stack: Callable[..., Stack]) -> AsyncIterator[Asked]:
    async with a_stack(services=["routing"]) as running:
        conn = await asyncpg.connect(running.dsn("routing"), server_settings={"search_path": "routing"})
        await store_decision(conn, revealed=True)
        yield Asked(running, conn)
        await conn.close()


async def test_a_decision_holds_until_routing_tells_another_story(asked: Asked) -> None:
    """Nobody gave the event that was received, so its seal alone stays open."""
    assert asked.wrong() == (0, ["seal"])
    await asked.conn.execute("update draw set committed_at = committed_at + interval '1 hour'")
    assert asked.wrong() == (1, ["time", "seal"])
    await asked.conn.execute("update draw set committed_at = committed_at - interval '1 hour', secret = $1", bytes(32))
    assert asked.wrong() == (1, ["commitment", "order", "seal"])
    record = json.loads(await asked.conn.fetchval("select record from decision"))
    record["candidates"].reverse()
    await asked.conn.execute("update decision set record = $1", orjson.dumps(record))
    await asked.conn.execute("update draw set secret = $1", SECRET)
    assert asked.wrong() == (1, ["order", "chosen", "seal"])
    await asked.conn.execute("delete from draw where day = $1", DRAW.day)
    assert asked.wrong() == (1, ["commitment"])


async def test_what_cannot_be_judged_yet_or_by_this_operator_is_said(asked: Asked) -> None:
    await asked.conn.execute("update draw set revealed = false where day = $1", DRAW.day)
    early = asked.verify()
    assert (early.returncode, json.loads(early.stdout)["holds"]) == (2, True)
    assert "cannot be checked before 2026-03-03T00:00:00+01:00" in early.stderr
    for words in ((DECISION, OTHER_OPERATOR), (DECISION.replace("7", "8"), OPERATOR)):
        done = asked.verify(*words)
        assert (done.returncode, done.stdout) == (2, "")
        assert "routing answered 404" in done.stderr
