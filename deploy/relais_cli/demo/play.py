"""The course of the day: the directory comes in, people are counselled, partners answer, and the end is awaited.

Starts the actors and waits for a quiet moment; the figures come from `summary`.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

import aiohttp
import asyncpg
from aiohttp import web

from relais_cli.demo import directory
from relais_cli.demo.cast import DIRECTORY, PARTNERS, TERRITORIES
from relais_cli.demo.doors import Doors
from relais_cli.demo.operators import Operator
from relais_cli.demo.partners import Partners
from relais_cli.demo.people import Person, people
from relais_cli.demo.screen import Screen
from relais_cli.demo.summary import Summary, summarise
from relais_cli.stack import Stack

DOWN_FOR: Final = 12.0
"""Seconds after the first person came for which some partners' webhooks are out of order."""
BETWEEN_PEOPLE: Final = 0.15
LONGEST: Final = 75.0
"""Seconds from the first person until the day ends, whatever is still open."""
_MOVING: Final = """
select (select count(*) from notifications.delivery where state = 'pending')
     + (select count(*) from notifications.board_item where kind = 'handoff' and ended is null
        and state in ('proposed', 'accepted', 'scheduled', 'no-show', 'cancellation-requested'))
     + (select count(*) from notifications.board_item where kind = 'step' and list = 'person-to-choose')
"""
_LEFT: Final = """
with said as (select stream, max(version) as version from intake.log group by stream),
     decided as (select stream, max(version) as version from routing.log group by stream)
select (select count(*) from said left join routing.mark m using (stream) where m.sequence is distinct from version)
     + (select count(*) from decided left join notifications.mark m using (stream)
        where m.sequence is distinct from version)
     + (select count(*) from said left join notifications.mark m using (stream)
        where stream not like 'actions/%' and m.sequence is distinct from version)
"""


async def a_day(stack: Stack, cases: int, day_seconds: float, screen: Screen) -> Summary:
    """Play it and give the figures."""
    started = time.monotonic()
    urls = {service: stack.url(service) for service in stack.services}

    def token(role: str, organisation: str) -> str:
        return stack.keys.token(role, organisation)

    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        doors = Doors(session, urls, token)
        partners = Partners(doors, lambda: time.monotonic() < opened + DOWN_FOR, day_seconds)
        opened = time.monotonic()
        screen.day(urls["notifications"])
        async with _served(partners.application()) as base:
            await _bring_in(doors, partners, base)
            opened = time.monotonic()
            await _live(stack, doors, partners, people(cases, datetime.now(UTC)), screen)
            await _settle(stack)
            seconds = time.monotonic() - started
            return await summarise(stack.superuser, stack.kafka, stack.prefix, doors, partners, seconds)


async def _bring_in(doors: Doors, partners: Partners, base: str) -> None:
    statuses = await doors.declare(DIRECTORY, directory.lines(datetime.now(UTC)))
    if set(statuses) != {202}:
        raise RuntimeError(f"the demo's directory was not taken: {statuses}")
    await partners.subscribe(base)


async def _live(stack: Stack, doors: Doors, partners: Partners, everybody: list[Person], screen: Screen) -> None:
    """Everybody comes, one after the other; the actors answer until it is quiet or the day is over."""
    operators = {territory.operator: Operator(territory.operator, doors) for territory in TERRITORIES}
    followers: list[Coroutine[Any, Any, None]] = [operator.follow() for operator in operators.values()]
    followers += [partners.follow_feed(partner) for partner in PARTNERS.values() if partner.behaviour == "page"]
    async with asyncio.TaskGroup() as group:
        following = [group.create_task(follower) for follower in followers]
        coming = group.create_task(_come(operators, everybody))
        watching = group.create_task(_watch(stack, screen, len(everybody)))
        await coming
        await _quiet(stack, time.monotonic() + LONGEST - len(everybody) * BETWEEN_PEOPLE)
        for task in (*following, watching):
            task.cancel()
    await partners.rest()


async def _come(operators: dict[str, Operator], everybody: list[Person]) -> None:
    async with asyncio.TaskGroup() as group:
        for person in everybody:
            group.create_task(operators[person.territory.operator].counsel(person))
            await asyncio.sleep(BETWEEN_PEOPLE)


async def _quiet(stack: Stack, until: float) -> None:
    """Wait until nothing moves any more: no webhook pending, nobody expected to answer."""
    conn = await asyncpg.connect(stack.superuser)
    try:
        while time.monotonic() < until:
            await asyncio.sleep(1)
            if await conn.fetchval(_MOVING) == 0:
                return
    finally:
        await conn.close()


async def _settle(stack: Stack) -> None:
    """Wait until every service has taken what the others logged: the figures are of one moment."""
    conn = await asyncpg.connect(stack.superuser)
    try:
        async with asyncio.timeout(30):
            while True:
                if not await conn.fetchval(_LEFT):
                    return
                await asyncio.sleep(0.2)
    finally:
        await conn.close()


async def _watch(stack: Stack, screen: Screen, expected: int) -> None:
    conn = await asyncpg.connect(stack.superuser)
    try:
        while True:
            await screen.progress(conn, expected)
            await asyncio.sleep(0.5)
    finally:
        await conn.close()


@asynccontextmanager
async def _served(app: web.Application) -> AsyncIterator[str]:
    """The partners' web server on a free port; its address."""
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()
