"""`relais decisions`: a stored choice is made again, and a tampered one is found, by whoever asks."""

import json
from pathlib import Path
from typing import Any

import orjson

from builders import CASE, MACON, MONDAY, OPERATOR
from matching_builders import DRAW, SECRET, offer, partner, request
from relais_routing import directory
from relais_routing.matching.match import match
from relais_routing.matching.record import record
from system.place import Place

ENTRIES = [event for name in ("a", "b", "c") for event in (partner(name), offer(name))]


async def decided(place: Place) -> dict[str, Any]:
    """A decision as routing stores it, on a directory that has moved on since."""
    conn = await place.connect("routing")
    await directory.store(conn, [(f"entry/{number}", event, MONDAY) for number, event in enumerate(ENTRIES)])
    index = await directory.index_at(conn, len(ENTRIES))
    made = record(match(index, request(), DRAW))
    await directory.store(conn, [("entry/0", partner("a", name="Autre nom"), MONDAY)])
    await conn.execute("insert into draw (day, secret) values ($1, $2)", DRAW.day, SECRET)
    await conn.execute("insert into known_case values ($1, $2, $3, '{}')", CASE, OPERATOR, MACON)
    await conn.execute("insert into decision values ('d1', $1, 'digital', $2, $3)", CASE, MONDAY, orjson.dumps(made))
    await conn.close()
    return made


async def test_a_stored_decision_is_made_again(place: Place) -> None:
    await decided(place)
    done = place.run("decisions", "replay", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"equal": 1, "different": []})


async def test_a_tampered_decision_is_named(place: Place) -> None:
    made = await decided(place)
    made["candidates"].reverse()
    conn = await place.connect("routing")
    await conn.execute("update decision set record = $1", orjson.dumps(made))
    await conn.close()
    done = place.run("decisions", "replay", "d1", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (1, {"equal": 0, "different": ["d1"]})
    assert "not in the order of the draw" in done.stderr


async def test_anybody_can_verify_a_draw_with_the_record_and_the_secret(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "decision.json"
    file.write_text(json.dumps(await decided(place)))
    assert place.run("decisions", "verify", str(file), "--secret", SECRET.hex()).returncode == 0
    assert place.run("decisions", "verify", str(file), "--secret", bytes(32).hex()).returncode == 1
    assert place.run("decisions", "verify", str(file), "--secret", "no hex").returncode == 2
    assert place.run("decisions", "replay", "no-such-one").returncode == 2
