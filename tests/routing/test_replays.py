"""Every stored decision is made again from the directory as it stood; what was changed since is found."""

from typing import Any
from uuid import uuid4

import orjson
import pytest

from builders import PARTNER, a_case, a_partner, a_step, an_offer, places, requested
from relais_contracts.actions import By
from relais_contracts.directory import At, OfferWithdrawn, Zone
from relais_routing.directory import LiveIndex
from relais_routing.matching.index import Index
from relais_routing.matching.record import FORMAT
from relais_routing.matching.seal import digest
from relais_routing.replays import Edition, Replayed, Which, count, here, latest, missing, replayed
from relais_territories import FRANCE, France
from relais_territories.zoning import BASSIN, Zoning
from routers import Router


async def a_story(router: Router) -> list[str]:
    """Decisions on a directory that changes between them: proposed, plan B, unmet; the ids in order."""
    cases = [str(uuid4()) for _ in range(4)]
    await router.hears(*a_case(), case=cases[0])
    await router.hears(a_partner(), an_offer(), places(number=2))
    await router.hears(*a_case(steps=(a_step(on_refusal="next"),)), case=cases[1])
    await router.hears(a_partner(partner="b", name="B"), an_offer(offer="b.o", partner="b"), an_offer(name="Autre nom"))
    await router.hears(*a_case(), case=cases[2])
    first = await router.proposed(cases[1])
    by = By(role="partner", org=PARTNER)
    await router.hears(
        requested("decline", handoff=first.handoff, by=by, reason="no-capacity", caused_by="partner"), case=cases[1]
    )
    await router.hears(OfferWithdrawn(offer="b.o"))
    await router.hears(*a_case(), case=cases[3])
    async with router.database.connection() as conn:
        return await latest(conn, 100)


async def replay(router: Router, edition: Edition = here, **which: Any) -> list[Replayed]:
    async with router.database.connection() as conn:
        found = [made async for made in replayed(conn, Which(**which), edition)]
        assert len(found) == await count(conn, Which(**which))
        return found + [made async for made in missing(conn, Which(**which))]


async def tampered(router: Router, command: str, *values: Any) -> list[Replayed]:
    """What is found after somebody had the database in hand: all that is not as it was."""
    async with router.database.connection() as conn:
        assert await conn.execute(command, *values) != "UPDATE 0"
    return [made for made in await replay(router) if made.verdict != "equal"]


async def test_nothing_decided_nothing_made_again(router: Router) -> None:
    assert await replay(router) == []


async def test_decisions_on_a_changing_directory_are_made_again_bit_for_bit(router: Router) -> None:
    ids = await a_story(router)
    made = await replay(router)
    assert len(made) == len(ids) == 5
    assert {each.id for each in made} == set(ids)
    assert {(each.verdict, each.says) for each in made} == {("equal", ())}
    assert len(set(await router.value("select array_agg(directory) from decision"))) > 3


EDITIONS = {
    france.version: france
    for france in (
        FRANCE,
        France(zonings={BASSIN: Zoning({"71270": "71270", "71263": "71270"})}, overlay="first"),
        France(zonings={BASSIN: Zoning({"71270": "71270", "71263": "71263"})}, overlay="second"),
    )
}
"""Louhans is of Mâcon's bassin de vie in the first edition alone; without any, the EPCI stands in."""


async def test_decisions_are_made_again_in_the_territories_of_their_time(router: Router) -> None:
    louhans = Zone(kind=BASSIN, codes=("71263",))
    there = At(commune="71263", latitude=46.63, longitude=5.22)
    await router.hears(a_partner(), an_offer(zone=louhans, at=there, modes=("in-person", "remote")))
    lives = {version: LiveIndex(Index(france)) for version, france in EDITIONS.items()}
    for _ in range(2):  # workers that read another edition decide side by side
        for live in lives.values():
            router.model.live = live
            await router.hears(*a_case(), case=str(uuid4()))
    made = await replay(router, edition=EDITIONS.get)
    assert [each.verdict for each in made] == ["equal"] * 6
    records = [orjson.loads(each) for each in await router.value("select array_agg(record) from decision")]
    found = {each["territories"].rpartition("+")[2] for each in records if each["chosen"]}
    assert found == {"first"}
    others = [each for each in await replay(router) if each.verdict != "equal"]
    assert {each.says for each in others} == {(f"territories {version}",) for version in [*EDITIONS][1:]}
    assert len(others) == 4


async def test_more_decisions_than_are_held_at_a_time(router: Router) -> None:
    await router.hears(a_partner(), an_offer())
    for _ in range(8):
        cases = [router.record(fact, case) for case in (str(uuid4()) for _ in range(30)) for fact in a_case()]
        await router.handler.handle(cases)
        await router.hears(an_offer(name=f"Un autre nom {uuid4()}"))
    made = await replay(router)
    assert (len(made), {each.verdict for each in made}) == (240, {"equal"})


async def test_some_are_picked_by_id_and_by_time(router: Router) -> None:
    ids = await a_story(router)
    assert [each.id for each in await replay(router, ids=ids[:1])] == ids[:1]
    assert await replay(router, ids=["none"]) == []
    moment = await router.value("select at from decision where id = $1", ids[1])
    later, earlier = await replay(router, since=moment), await replay(router, until=moment)
    assert len(later) + len(earlier) == 5
    assert ids[1] in {each.id for each in later}


async def changed(router: Router, id: str, **fields: Any) -> Replayed:
    """A decision whose kept record somebody has changed."""
    async with router.database.connection() as conn:
        kept = orjson.loads(await conn.fetchval("select record from decision where id = $1", id))
        made = orjson.dumps({**kept, **fields}, option=orjson.OPT_SORT_KEYS)
        await conn.execute("update decision set record = $2 where id = $1", id, made)
    (found,) = await replay(router, ids=[id])
    return found


async def made_otherwise(router: Router, id: str, **fields: Any) -> Replayed:
    """A decision that was made with these fields in its record, and sealed so."""
    await changed(router, id, **fields)
    async with router.database.connection() as conn:
        row = await conn.fetchrow("select case_id, version, record from decision where id = $1", id)
        place = f"chain/{row['case_id']}", row["version"]
        event = orjson.loads(await conn.fetchval("select data from log where stream = $1 and version = $2", *place))
        said = orjson.dumps(event | {"record": digest(row["record"])})
        await conn.execute("update log set data = $3 where stream = $1 and version = $2", *place, said)
    (found,) = await replay(router, ids=[id])
    return found


UNSEALED = "the record is not the one that the event in the log seals"


async def test_a_record_that_was_changed_is_found_field_by_field(router: Router) -> None:
    (*_, unmet) = ids = await a_story(router)
    found = await changed(router, ids[0], unmet="no-offer", chosen=None)
    assert found.verdict == "different"
    assert found.says[0] == f'chosen: null stored, "{"greta-71.bureautique"}" made again'
    assert found.says[1] == 'unmet: "no-offer" stored, null made again'
    assert UNSEALED in found.says
    assert [each.id for each in await replay(router) if each.verdict == "different"] == [ids[0]]
    assert unmet


async def test_what_no_rule_looks_at_is_sealed_too(router: Router) -> None:
    ids = await a_story(router)
    assert (await changed(router, ids[0], policy="another")).says == (UNSEALED,)


async def test_a_directory_that_was_changed_afterwards_is_found(router: Router) -> None:
    await a_story(router)
    async with router.database.connection() as conn:
        renamed = "convert_to(replace(convert_from(data, 'UTF8'), 'Autre nom', 'Nom'), 'UTF8')"
        await conn.execute(f"update directory_entry set data = {renamed}")
    different = [each for each in await replay(router) if each.verdict == "different"]
    assert different
    assert all("Autre nom" in line for each in different for line in each.says)


async def test_other_rules_and_other_territories_are_said_apart(router: Router) -> None:
    first, second, third, *_ = await a_story(router)
    others = Replayed(first, "other-rules", (f"format {FORMAT}, rules 0",))
    assert await made_otherwise(router, first, rules="0") == others
    found = await made_otherwise(router, second, territories="2019")
    assert found == Replayed(second, "other-territories", ("territories 2019",))
    assert (await made_otherwise(router, third, format=0)).verdict == "other-rules"


async def test_a_change_does_not_hide_behind_other_rules(router: Router) -> None:
    first, second, *_ = await a_story(router)
    for found in (await changed(router, first, rules="0"), await changed(router, second, territories="2019")):
        assert (found.verdict, found.says) == ("different", (UNSEALED,))


async def test_a_record_put_in_the_place_of_another_is_found(router: Router) -> None:
    first, second, *_ = await a_story(router)
    swap = """
        update decision d set record = other.record, version = null, directory = other.directory
        from decision other where d.id = $1 and other.id = $2
    """
    moved, gone = await tampered(router, swap, first, second)
    case, other = [await router.value("select case_id from decision where id = $1", id) for id in (first, second)]
    says = f"the record is of case {other}, the decision is kept for {case}"
    assert moved == Replayed(first, "different", (says,))
    assert (gone.id, gone.verdict) == (first, "missing")


async def test_a_record_put_in_the_place_of_another_with_its_directory_is_found(router: Router) -> None:
    first, second, *_ = await a_story(router)
    swap = "update decision set record = (select record from decision where id = $2) where id = $1"
    (found,) = await tampered(router, swap, first, second)
    case, other = [await router.value("select case_id from decision where id = $1", id) for id in (first, second)]
    assert found.verdict == "different"
    assert f"the record is of case {other}, the decision is kept for {case}" in found.says
    assert any(line.startswith("the record is of directory ") for line in found.says)
    assert UNSEALED in found.says


async def test_a_decision_that_was_taken_away_is_missed_in_its_time(router: Router) -> None:
    ids = await a_story(router)
    at = await router.value("select at from decision where id = $1", ids[1])
    (gone,) = await tampered(router, "delete from decision where id = $1", ids[1])
    assert (gone.id, gone.verdict) == (ids[1], "missing")
    assert gone.says[0].endswith("in the log seals it, and it is not kept with that event")
    assert [made.id for made in await replay(router, since=at) if made.verdict == "missing"] == [ids[1]]
    assert [made for made in await replay(router, until=at) if made.verdict == "missing"] == []
    assert [made for made in await replay(router, ids=ids) if made.verdict == "missing"] == []


async def test_a_decision_that_names_no_event_is_unsealed_and_the_event_misses_it(router: Router) -> None:
    first, *_ = await a_story(router)
    unsealed, gone = await tampered(router, "update decision set version = null where id = $1", first)
    assert unsealed == Replayed(first, "unsealed")
    assert (gone.id, gone.verdict) == (first, "missing")


async def test_a_decision_of_before_events_sealed_any_is_unsealed_alone(router: Router) -> None:
    first, *_ = await a_story(router)
    forget = """
        update log set data = convert_to((convert_from(data, 'UTF8')::jsonb - 'record')::text, 'UTF8')
        where (stream, version) in (select 'chain/' || case_id, version from decision where id = $1)
    """
    (found,) = await tampered(router, forget, first)
    assert (found.verdict, found.says[0][:25]) == ("different", "the log has no event 2 of")
    (found,) = await tampered(router, "update decision set version = null where id = $1", first)
    assert found == Replayed(first, "unsealed")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("id = 'another'", "the event in the log seals decision "),
        ("step = 'another'", "the event in the log is of step "),
        ("at = at - interval '1 year'", "the event in the log is of 20"),
        ("version = version + 20", "the log has no event 22 of this case that seals a decision"),
        ("version = version - 1", "the log has no event 1 of this case that seals a decision"),
    ],
)
async def test_a_decision_that_was_moved_is_found(router: Router, change: str, says: str) -> None:
    first, *_ = await a_story(router)
    found, *gone = await tampered(router, f"update decision set {change} where id = $1", first)
    assert found.verdict == "different"
    assert any(line.startswith(says) for line in found.says), found.says
    assert {made.verdict for made in gone} <= {"missing"}


async def test_a_record_without_its_draw_or_not_a_record_is_different(router: Router) -> None:
    first, second, *_ = await a_story(router)
    assert (await changed(router, first, day="2020-01-01")).says[0] == "no draw is kept for 2020-01-01"
    async with router.database.connection() as conn:
        await conn.execute("update decision set record = '[]' where id = $1", second)
    (found,) = await replay(router, ids=[second])
    assert found.verdict == "different"
    assert found.says[0].startswith("this is no decision record")


async def test_the_same_fields_written_another_way_are_not_the_same_bytes(router: Router) -> None:
    first, *_ = await a_story(router)
    async with router.database.connection() as conn:
        kept = orjson.loads(await conn.fetchval("select record from decision where id = $1", first))
        await conn.execute(
            "update decision set record = $2 where id = $1", first, orjson.dumps(kept, option=orjson.OPT_INDENT_2)
        )
    (found,) = await replay(router, ids=[first])
    assert found.says == ("the same fields, written another way", UNSEALED)
