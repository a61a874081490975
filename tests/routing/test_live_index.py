"""The index in memory follows the directory in the database, and lets others have their turn meanwhile."""

import asyncio

from builders import MONDAY
from matching_builders import offer, partner
from relais_contracts.directory import PlacesDeclared
from relais_contracts.envelope import Payload
from relais_routing.directory import PORTION, LiveIndex, index_at, store
from relais_routing.matching.index import Index
from routers import Router

Entry = tuple[str, Payload]


async def stored(router: Router, *payloads: Payload) -> int:
    async with router.database.transaction() as conn:
        return await store(conn, [(f"entry/{number}/{id(each)}", each, MONDAY) for number, each in enumerate(payloads)])


def offers(count: int) -> list[Payload]:
    return [each for n in range(count) for each in (partner(f"n{n:04}"), offer(f"n{n:04}"))]


async def test_it_follows_in_portions_and_others_meet_it_in_between(router: Router) -> None:
    live = LiveIndex()
    first = await stored(router, partner("a"), offer("a"))
    async with router.database.connection() as conn:
        await live.refresh(conn)
        assert (live.index.version, len(live.index)) == (first, 1)
        last = await stored(router, *offers(2 * PORTION))
        refreshing, met = asyncio.ensure_future(live.refresh(conn)), set[int]()
        while not refreshing.done():
            met.add(live.index.version)
            await asyncio.sleep(0)
        await refreshing
    assert (live.index.version, len(live.index)) == (last, 2 * PORTION + 1)
    assert len(met) > 3
    async with router.database.connection() as conn:
        for version in sorted(met)[:3]:
            assert len(await index_at(conn, version)) == 1 + (version - first) // 2


async def test_whoever_comes_while_it_is_read_for_the_first_time_waits(router: Router) -> None:
    await stored(router, *offers(PORTION))
    live = LiveIndex()

    async def look() -> int:
        async with router.database.connection() as conn:
            await live.refresh(conn)
        return len(live.index)

    assert list(await asyncio.gather(look(), look(), look())) == [PORTION] * 3


def test_a_change_without_effect_touches_nobody() -> None:
    index = Index()
    index.apply(offers(3), 1)
    places = PlacesDeclared(offer="unknown", state="open", at=MONDAY)
    assert index.apply([places, partner("n0001"), partner("nobody")], 2) == []
