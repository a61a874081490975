"""The storm: operators send, partners answer, webhooks arrive, and meanwhile services are killed.

Everybody tries again with the same message until answered, as a real system would. What came of it is `audit`'s
business.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

import aiohttp
from aiohttp import web

from relais_cli.demo import directory
from relais_cli.demo.cast import DIRECTORY, PARTNERS
from relais_cli.demo.people import Person, people
from relais_cli.faults import audit
from relais_cli.stack import Stack
from relais_contracts.catalogue import dump
from relais_contracts.codec import BATCH, batch_to_json
from relais_contracts.envelope import CloudEvent

NOTIFICATIONS: Final = {"RELAIS_WEBHOOKS_ALLOW_PRIVATE": "true", "RELAIS_WEBHOOKS_SCALE": "0.02"}
TOGETHER: Final = 100
"""Events a request."""
LONGEST: Final = 240.0
"""Seconds until a message that finds no answer is a fault of its own."""
BETWEEN_KILLS: Final = (0.4, 1.6)
_PASSING: Final = (aiohttp.ClientError, TimeoutError, ConnectionError)


class Storm:
    """The actors, and what they were told."""

    def __init__(self, stack: Stack, session: aiohttp.ClientSession) -> None:
        self._stack, self._session = stack, session
        self._tokens: dict[tuple[str, str], str] = {}
        self.received: dict[str, str] = {}
        self.accepted: set[tuple[str, str]] = set()
        self.repeated = 0

    async def call(self, method: str, service: str, path: str, who: tuple[str, str], **content: Any) -> tuple[int, Any]:
        """Ask until answered; 429 and 503 are no answer."""
        token = self._tokens.setdefault(who, self._stack.keys.token(*who))
        headers = {"Authorization": f"Bearer {token}", **content.pop("headers", {})}
        until = time.monotonic() + LONGEST
        while time.monotonic() < until:
            try:
                url = self._stack.url(service) + path
                async with self._session.request(method, url, headers=headers, **content) as answer:
                    if answer.status not in (429, 500, 503):
                        return answer.status, await answer.json(content_type=None)
            except _PASSING:
                self.repeated += 1
            await asyncio.sleep(0.2)
        raise TimeoutError(f"{method} {path} found no answer in {LONGEST} s")

    async def send(self, operator: str, events: list[CloudEvent]) -> None:
        """A batch of an operator's events; every line must be a yes."""
        content = {"data": batch_to_json(events), "headers": {"Content-Type": BATCH}}
        _, lines = await self.call("POST", "intake", "/v1/events", ("operator", operator), **content)
        for line in lines:
            if line["status"] not in (200, 202):
                raise RuntimeError(f"an event was not taken: {line}")
            self.accepted.add((operator, line["id"]))

    async def answer(self, partner: str) -> None:
        """Accept whatever the feed brings, until cancelled."""
        who, cursor = ("partner", partner), ""
        while True:
            path = "/v1/feed?wait=1" + (f"&after={cursor}" if cursor else "")
            _, page = await self.call("GET", "notifications", path, who)
            for event in page["events"]:
                if event["type"] == "org.relais.handoff.proposed.v1":
                    await self._accept(who, event)
            cursor = page["cursor"]

    async def _accept(self, who: tuple[str, str], event: dict[str, Any]) -> None:
        path = f"/v1/handoffs/{event['data']['handoff']}/actions"
        body = {"id": event["id"], "action": "accept"}
        status, answer = await self.call("POST", "intake", path, who, json=body)
        if status not in (200, 202):
            raise RuntimeError(f"an acceptance was not taken: {status} {answer}")

    async def hook(self, request: web.Request) -> web.Response:
        """A partner's webhook: remembers which event each webhook-id brought."""
        event = await request.json()
        self.received[request.headers["webhook-id"]] = event["id"]
        return web.Response(status=204)


async def ride_out(stack: Stack, cases: int, kills: int, seed: int) -> audit.Result:
    """Send so many cases through while services are killed; then wait until all is quiet, and audit."""
    started = time.monotonic()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:
        storm = Storm(stack, session)
        runner = web.AppRunner(_hooks(storm))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            await _prepare(storm, runner.addresses[0][1])
            everybody = people(cases, datetime.now(UTC))
            counts = await _play(stack, storm, everybody, kills, Random(seed))
            await audit.quiet(stack, LONGEST)
        finally:
            await runner.cleanup()
        result = await audit.audit(stack, cases, len(storm.accepted), storm.received)
    result.figures |= {f"{name} killed": number for name, number in sorted(counts.items())}
    result.figures |= {"requests repeated": storm.repeated, "seconds": round(time.monotonic() - started, 1)}
    return result


async def _play(stack: Stack, storm: Storm, everybody: list[Person], kills: int, chance: Random) -> dict[str, int]:
    async with asyncio.TaskGroup() as group:
        answering = [group.create_task(storm.answer(partner)) for partner in PARTNERS]
        sending = group.create_task(_send_all(storm, everybody))
        killing = group.create_task(_kill(stack, kills, chance))
        await sending
        counts = await killing
        await audit.quiet(stack, LONGEST)
        for task in answering:
            task.cancel()
    return counts


async def _kill(stack: Stack, kills: int, chance: Random) -> dict[str, int]:
    """Kill one service after the other, all of them about equally often; the supervisor brings each back."""
    counts = dict.fromkeys(stack.services, 0)
    for number in range(kills):
        await asyncio.sleep(chance.uniform(*BETWEEN_KILLS))
        if number % len(stack.services) == 0:
            order = chance.sample(stack.services, len(stack.services))
        service = order[number % len(stack.services)]
        worker = stack.worker(service)
        if worker.child.is_alive:
            await worker.kill()
            counts[service] += 1
    return counts


async def _prepare(storm: Storm, port: int) -> None:
    body = b"\n".join(directory.lines(datetime.now(UTC), counted=False))
    content = {"data": body, "headers": {"Content-Type": "application/x-ndjson"}}
    stack_url, who = "/v1/directory", ("directory", DIRECTORY)
    await _declared(lambda: storm.call("POST", "intake", stack_url, who, **content))
    for partner in list(PARTNERS)[:4]:
        endpoint = {"url": f"http://127.0.0.1:{port}/{partner}", "description": "faults"}
        await storm.call("POST", "notifications", "/v1/endpoints", ("partner", partner), json=endpoint)


async def _declared(send: Callable[[], Awaitable[tuple[int, Any]]]) -> None:
    """The answer is NDJSON, which this client does not read: asking for 207 is enough here, `audit` counts the rest."""
    try:
        await send()
    except ValueError:
        return


async def _send_all(storm: Storm, everybody: list[Person]) -> None:
    """Every person's events in their order; people of one operator side by side in batches."""
    numbered = [
        (person, [_event(person, number, payload) for number, payload in enumerate(person.events)])
        for person in everybody
    ]
    by_operator: dict[str, list[list[CloudEvent]]] = {}
    for person, events in numbered:
        by_operator.setdefault(person.territory.operator, []).append(events)
    async with asyncio.TaskGroup() as group:
        for operator, stories in by_operator.items():
            for start in range(0, len(stories), TOGETHER):
                group.create_task(_send_stories(storm, operator, stories[start : start + TOGETHER]))


async def _send_stories(storm: Storm, operator: str, stories: list[list[CloudEvent]]) -> None:
    for stage in zip(*stories, strict=True):
        await storm.send(operator, list(stage))
        await asyncio.sleep(0.5)


def _event(person: Person, number: int, payload: Any) -> CloudEvent:
    operator = person.territory.operator
    return CloudEvent(
        id=f"{person.case}-{number}", source=f"/{operator}", type=payload.TYPE, subject=person.case, data=dump(payload)
    )


def _hooks(storm: Storm) -> web.Application:
    app = web.Application()
    app.router.add_post("/{partner}", storm.hook)
    return app
