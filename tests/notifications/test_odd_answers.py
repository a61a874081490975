"""Answers that make no sense, and attempts that go wrong on our side: they fail alone, and the sender goes on."""

from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from builders import OPERATOR, PARTNER, a_handoff
from notifications.receiver import a_receiver
from notifications.world import World
from relais_notifications.deliveries.post import PATIENCE, retry_after

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BEYOND_ANY_CALENDAR = [
    "Sun, 06 Nov 99999999999 08:49:37 GMT",
    "Mon, 99999999999999 Nov 2026 01:01:01 +0000",
    "Sun, 06 Nov 2026 99999999999999999999:49:37 GMT",
    "Sun, 06 Nov 2026 08:49:37 +999999999999999",
    "9" * 20,
    "9" * 5000,
]


@pytest.mark.parametrize("text", [*BEYOND_ANY_CALENDAR, "", "soon", "-5", "١٢", "Sun, 06 Nov 2026 08:49:37 -0000"])
def test_a_retry_after_without_sense_asks_for_nothing(text: str) -> None:
    assert retry_after(text, MONDAY) is None


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("0", timedelta(0)),
        (" 00000000000120 ", timedelta(seconds=120)),
        ("Mon, 02 Mar 2026 10:00:00 +0100", timedelta(0)),
        ("Mon, 02 Mar 2026 09:02:00 GMT", timedelta(minutes=2)),
        ("Sun, 01 Mar 2026 09:00:00 GMT", timedelta(0)),
        ("1 Jan 0001 00:00:00 +2359", timedelta(0)),
        ("999999999", PATIENCE),
        ("Sun, 06 Nov 9999 23:59:59 -2359", PATIENCE),
    ],
)
def test_a_retry_after_is_heard_in_seconds_or_as_a_date_within_bounds(text: str, wait: timedelta) -> None:
    assert retry_after(text, MONDAY) == wait


@pytest.mark.parametrize("text", BEYOND_ANY_CALENDAR)
async def test_a_nonsensical_retry_after_stops_nobody(world: World, text: str) -> None:
    def answer(received: object) -> web.Response:
        return web.Response(status=503 if len(odd.received) == 1 else 204, headers={"retry-after": text})

    async with a_receiver(answer) as odd, a_receiver() as good:
        await world.endpoint("partner", PARTNER, odd.url)
        await world.endpoint("operator", OPERATOR, good.url)
        await world.hear(a_handoff())
        async with world.sender():
            await world.settled()
    assert (len(odd.received), len(good.received)) == (2, 1)
    statuses = await world.rows("select status, count(*) from delivery_attempt group by status")
    assert dict(statuses) == {503: 1, 204: 2}
    assert await world.states() == {"delivered": 2}


async def test_an_attempt_that_goes_wrong_on_our_side_is_recorded_and_stops_nobody(world: World) -> None:
    async with a_receiver() as broken, a_receiver() as good:
        endpoint, _ = await world.endpoint("partner", PARTNER, broken.url)
        await world.endpoint("operator", OPERATOR, good.url)
        await world.rows("update endpoint set secret = '' where id = $1", endpoint)
        await world.hear(a_handoff())
        async with world.sender():
            await world.until("select attempts >= 2 from delivery where endpoint = $1", endpoint)
            await world.until("select state = 'delivered' from delivery where endpoint <> $1", endpoint)
    assert (len(broken.received), len(good.received)) == (0, 1)
    [error] = await world.rows("select distinct error from delivery_attempt where error is not null")
    assert error["error"] == "an error of the sender: IndexError"
