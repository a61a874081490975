"""What a sender claims: of no owner more than its share, and ahead of time only where answers come quickly."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from builders import PARTNER, a_handoff
from notifications.world import World
from relais_notifications.deliveries.decider import Attempted, Delivered
from relais_notifications.deliveries.queue import AHEAD, QUICK, Claimed, claim
from relais_notifications.deliveries.recording import Tried, record
from relais_notifications.deliveries.sender import Sending

HERE = "http://127.0.0.1:9/"
SHARE = Sending().share


async def claimed(world: World, limit: int = 500, share: int = SHARE, lease: float = 60) -> list[Claimed]:
    """What one look at the queue takes."""
    now = datetime.now(UTC)
    async with world.database.transaction() as conn:
        return await claim(conn, now, now + timedelta(seconds=lease), uuid4(), limit, share)


async def answered(world: World, claims: list[Claimed], *milliseconds: int) -> None:
    """They are delivered, and took that long."""
    attempted = Attempted(datetime.now(UTC), 0.5, 204)
    tried = [Tried(each, attempted, took, Delivered()) for each, took in zip(claims, milliseconds, strict=True)]
    async with world.database.transaction() as conn:
        await record(conn, tried)


async def owed(world: World, cases: int, **who: Any) -> None:
    """So many cases have news for somebody."""
    for case in [str(uuid4()) for _ in range(cases)]:
        await world.hear(a_handoff(case=case, **who), case=case)


async def test_an_owner_of_many_slow_endpoints_leaves_the_claims_of_others_alone(world: World) -> None:
    slow = [(await world.endpoint("operator", "slow", HERE, max_in_flight=32))[0] for _ in range(10)]
    good, _ = await world.endpoint("operator", "good", HERE, max_in_flight=32)
    await owed(world, 40, operator="slow")
    first = Counter(each.endpoint for each in await claimed(world))
    assert first.total() == SHARE < Sending().at_once / 4
    assert {first[endpoint] for endpoint in slow} <= {SHARE // 10, SHARE // 10 + 1}
    assert await claimed(world) == []
    await owed(world, 30, operator="good")
    assert Counter(each.endpoint for each in await claimed(world)) == {good: 30}


async def test_a_share_is_given_to_the_endpoints_that_have_room(world: World) -> None:
    busy, _ = await world.endpoint("operator", "large", HERE, max_in_flight=4)
    await owed(world, 20, operator="large")
    assert len(await claimed(world)) == 4
    free, _ = await world.endpoint("operator", "large", HERE, max_in_flight=32)
    await owed(world, 20, operator="large")
    assert Counter(each.endpoint for each in await claimed(world, share=12)) == {free: 8}
    assert await claimed(world, share=12) == []
    assert Counter(each.endpoint for each in await claimed(world)) == {free: 12}
    assert busy != free


async def test_the_same_name_in_another_role_is_another_owner(world: World) -> None:
    await world.endpoint("operator", PARTNER, HERE)
    await world.endpoint("partner", PARTNER, HERE)
    await owed(world, 10, operator=PARTNER)
    assert len(await claimed(world, share=5)) == 10


async def test_a_claim_that_ran_out_counts_no_more(world: World) -> None:
    await world.endpoint("partner", PARTNER, HERE)
    await owed(world, 10)
    assert len(await claimed(world, share=3, lease=-1)) == 3
    assert len(await claimed(world, share=3)) == 3


@pytest.mark.parametrize(("took", "factor"), [((1, QUICK), AHEAD), ((1, QUICK + 1), 1)])
async def test_only_what_answers_quickly_is_claimed_ahead(world: World, took: tuple[int, int], factor: int) -> None:
    endpoint, _ = await world.endpoint("partner", PARTNER, HERE, max_in_flight=2)
    await owed(world, 20)
    first = await claimed(world)
    assert len(first) == 2  # nobody knows yet how quick it is
    await answered(world, first, *took)
    assert Counter(each.endpoint for each in await claimed(world)) == {endpoint: 2 * factor}


async def test_an_endpoint_that_grows_slow_is_no_longer_claimed_ahead(world: World) -> None:
    await world.endpoint("partner", PARTNER, HERE, max_in_flight=1)
    await owed(world, 20)
    await answered(world, await claimed(world), 5)
    ahead = await claimed(world)
    assert len(ahead) == AHEAD
    await answered(world, ahead, *[4500] * AHEAD)
    assert len(await claimed(world)) == 1
