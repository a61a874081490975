"""Every stored decision is made again from the directory as it stood; what was changed since is found."""

from typing import Any
from uuid import uuid4

import orjson

from builders import PARTNER, a_case, a_partner, a_step, an_offer, places, requested
from relais_contracts.actions import By
from relais_contracts.directory import OfferWithdrawn
from relais_routing.replays import Replayed, Which, count, latest, replayed
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


async def replay(router: Router, **which: Any) -> list[Replayed]:
    async with router.database.connection() as conn:
        found = [made async for made in replayed(conn, Which(**which))]
        assert len(found) == await count(conn, Which(**which))
    return found


async def test_nothing_decided_nothing_made_again(router: Router) -> None:
    assert await replay(router) == []


async def test_decisions_on_a_changing_directory_are_made_again_bit_for_bit(router: Router) -> None:
    ids = await a_story(router)
    made = await replay(router)
    assert len(made) == len(ids) == 5
    assert {each.id for each in made} == set(ids)
    assert {(each.verdict, each.says) for each in made} == {("equal", ())}
    assert len(set(await router.value("select array_agg(directory) from decision"))) > 3


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
    assert await changed(router, first, rules="0") == Replayed(first, "other-rules", ("format 2, rules 0",))
    found = await changed(router, second, territories="2019")
    assert found == Replayed(second, "other-territories", ("territories 2019",))
    assert (await changed(router, third, format=0)).verdict == "other-rules"


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
