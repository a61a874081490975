"""Somebody at the doors of the running whole: operators, partners and coordinators with tokens of their own.

Every test makes a `Scene`: organisations, a need and a commune that no other test meets. It looks in through the
doors; `rows` looks behind them.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, get_args
from uuid import uuid4

import asyncpg
import httpx

import builders as a
from relais_chassis import clock
from relais_cli.stack import Stack
from relais_contracts.cases import CasePayload, OfferOption, Step
from relais_contracts.catalogue import dump
from relais_contracts.codec import BATCH, STRUCTURED
from relais_contracts.directory import At, DirectoryPayload, Zone
from relais_contracts.vocabularies import Need
from relais_intake.directory.adapters.lines import line_of
from relais_territories import FRANCE

NDJSON: Final = "application/x-ndjson"
LONGEST: Final = 40.0
"""Seconds after which what was awaited will not come any more, on a machine however slow."""
DIRECTORY: Final = "directory-of-tests"
PLACES: Final[Iterator[tuple[str, Need]]] = itertools.product(("71270", "71263", "71076", "71153"), get_args(Need))
"""Communes of Saône-et-Loire, each with every need: nobody looks for the same at the same place twice."""


@dataclass
class World:
    """The whole, asked over HTTP and looked at in the database."""

    stack: Stack
    http: httpx.AsyncClient
    database: "asyncpg.Connection[asyncpg.Record]"

    def who(self, role: str, org: str, territories: tuple[str, ...] = (), **claims: Any) -> dict[str, str]:
        """The header of somebody."""
        lifetime = claims.pop("lifetime", timedelta(hours=1))
        return {"authorization": f"Bearer {self.stack.keys.token(role, org, territories, lifetime, **claims)}"}

    async def ask(
        self, service: str, method: str, path: str, who: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """A request, sent again as long as the answer asks for patience."""
        headers = {**(who or {}), **more.pop("headers", {})}
        async with asyncio.timeout(LONGEST):
            while True:
                answer = await self.http.request(method, self.stack.url(service) + path, headers=headers, **more)
                if answer.status_code not in (429, 503):
                    return answer
                await asyncio.sleep(float(answer.headers["retry-after"]))

    async def post(
        self, event: Any, who: dict[str, str], kind: str = STRUCTURED, path: str = "/v1/events"
    ) -> httpx.Response:
        """Something to intake's doors: bytes as they are, else as JSON."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        return await self.ask("intake", "POST", path, who, content=body, headers={"content-type": kind})

    async def batch(self, events: list[Any], who: dict[str, str]) -> list[dict[str, Any]]:
        """A batch; one result a line."""
        answer = await self.post(events, who, BATCH)
        assert answer.status_code == 207, answer.text
        results: list[dict[str, Any]] = answer.json()
        return results

    async def declare(self, *entries: DirectoryPayload) -> None:
        """Entries of the directory, all of them taken."""
        body = b"\n".join(line_of(entry, DIRECTORY) for entry in entries)
        answer = await self.post(body, self.who("directory", DIRECTORY), NDJSON, "/v1/directory")
        assert all(json.loads(line)["status"] < 300 for line in answer.text.splitlines()), answer.text

    async def rows(self, query: str, *values: Any) -> list[Any]:
        """What a table of any service holds."""
        return list(await self.database.fetch(query, *values))

    async def until(self, happened: Callable[[], Any], what: str) -> Any:
        """Ask again until the answer is a yes, and give it."""
        try:
            async with asyncio.timeout(LONGEST):
                while not (found := await happened()):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"did not come within {LONGEST} s: {what}") from None
        return found


@asynccontextmanager
async def world(stack: Stack) -> AsyncIterator[World]:
    """At the doors, for the length of a test."""
    database = await asyncpg.connect(stack.superuser)
    try:
        async with httpx.AsyncClient(timeout=30) as http:
            yield World(stack, http, database)
    finally:
        await database.close()


def event(
    payload: CasePayload, case: str, operator: str, id: str | None = None, data: Any = None, **more: Any
) -> dict[str, Any]:
    """An operator's event as it is sent; `data` is laid over the payload's."""
    said = json.loads(dump(payload.model_copy(update={"operator": None})))
    return {
        "specversion": "1.0",
        "id": id or str(uuid4()),
        "source": f"/{operator}",
        "type": payload.TYPE,
        "subject": case,
        "data": said if data is None else {**said, **data},
        **more,
    }


@dataclass
class Scene:
    """An operator and its partners, about a need and a commune of their own."""

    world: World
    place: tuple[str, Need] = field(default_factory=lambda: next(PLACES))
    name: str = field(default_factory=lambda: uuid4().hex[:8])

    @property
    def operator(self) -> str:
        """The operator's organisation."""
        return f"op-{self.name}"

    @property
    def need(self) -> Need:
        """What people here need."""
        return self.place[1]

    @property
    def commune(self) -> str:
        """Where they live, and where they are helped."""
        return self.place[0]

    def step(self, step: str = "first", *offers: str, **given: Any) -> Step:
        """A step for whoever fits, or for these offers in this order; plan B was agreed beforehand."""
        options: dict[str, Any] = {"options": tuple(OfferOption(offer=each) for each in offers)} if offers else {}
        return a.a_step(step, **{"need": self.need, "on_refusal": "next", **options, **given})

    async def partner(self, name: str, **offer: Any) -> str:
        """A partner with one offer; the partner's id, which the offer's begins with."""
        partner = f"{name}-{self.name}"
        await self.world.declare(a.a_partner(partner=partner, name=name), self.offer(partner, **offer))
        return partner

    async def declare_places(self, partner: str, **given: Any) -> None:
        """Places of its offer, known to routing: the directory and cases come on topics of their own."""
        said = a.places(**{"offer": f"{partner}.o", "at": clock.now(), **given})
        await self.world.declare(said)
        known = "select 1 from routing.place where place = $1 and at = $2"
        await self.world.until(lambda: self.world.rows(known, said.offer, said.at), f"places of {said.offer}")

    def offer(self, partner: str, **given: Any) -> DirectoryPayload:
        """The offer of a partner."""
        here = FRANCE.commune(self.commune)
        assert here is not None
        assert here.latitude is not None
        assert here.longitude is not None
        at = At(commune=self.commune, latitude=here.latitude / 100_000, longitude=here.longitude / 100_000)
        about = {"offer": f"{partner}.o", "partner": partner, "needs": (self.need,), "at": at}
        offer: DirectoryPayload = a.an_offer(**{**about, "zone": Zone(kind="commune", codes=(self.commune,)), **given})
        return offer

    async def say(self, case: str, payload: CasePayload, operator: str | None = None) -> str:
        """The operator says something of a case, and is believed; the event's id in intake's log."""
        by = operator or self.operator
        answer = await self.world.post(event(payload, case, by), self.world.who("operator", by))
        assert answer.status_code == 202, answer.text
        (written,) = answer.json()["events"]
        return str(written)

    async def case(
        self, *steps: Step, opened: dict[str, Any] | None = None, case: str | None = None, **consent: Any
    ) -> str:
        """A case with its four stages, a consent, and a road map of these steps."""
        case = case or str(uuid4())
        told = [
            a.opened(**{"commune": self.commune, **(opened or {})}),
            a.clarified(needs=(self.need,)),
            a.verified(),
            a.possibilities(),
            a.consent(**{"until": (clock.now() + timedelta(days=30)).date(), **consent}),
            a.strategy(1, *(steps or (self.step(),))),
        ]
        lines = [event(payload, case, self.operator) for payload in told]
        results = await self.world.batch(lines, self.world.who("operator", self.operator))
        assert [result["status"] for result in results] == [202] * 6, results
        return case

    async def act(self, partner: str, handoff: str, action: str, role: str = "partner", **given: Any) -> Any:
        """An action on a hand-off, taken; what intake answered."""
        body = {"id": str(uuid4()), "action": action, **given}
        path = f"/v1/handoffs/{handoff}/actions"
        answer = await self.world.ask("intake", "POST", path, self.world.who(role, partner), json=body)
        assert answer.status_code == 202, answer.text
        return answer.json()

    async def news(self, role: str, org: str, case: str | None = None, **more: Any) -> list[dict[str, Any]]:
        """Everything somebody was told so far, in order: type without its prefix, and data."""
        found, cursor = [], ""
        while True:
            path = f"/v1/feed?limit=1000&after={cursor}"
            page = (await self.world.ask("notifications", "GET", path, self.world.who(role, org, **more))).json()
            found += page["events"]
            cursor = page["cursor"]
            if len(page["events"]) < 1000:
                break
        return [
            {**each["data"], "type": each["type"].removeprefix("org.relais.").removesuffix(".v1"), "event": each}
            for each in found
            if case in (None, each["subject"])
        ]

    async def types(self, role: str, org: str, case: str | None = None) -> list[str]:
        """The types of what somebody was told, reminders aside: they depend on how slow the machine is."""
        return [each["type"] for each in await self.news(role, org, case) if each["type"] != "handoff.reminded"]

    async def told(
        self, org: str, type: str, case: str | None = None, role: str = "partner", times: int = 1, **data: Any
    ) -> dict[str, Any]:
        """Wait until somebody is told of this so many times; the data of the last."""
        seen: list[str] = []

        async def came() -> dict[str, Any] | None:
            news = await self.news(role, org, case)
            seen[:] = [each["type"] for each in news]
            fit = [each for each in news if each["type"] == type and data.items() <= each.items()]
            return fit[times - 1] if len(fit) >= times else None

        try:
            found: dict[str, Any] = await self.world.until(came, f"{type} for {org}")
        except AssertionError as failure:
            raise AssertionError(f"{failure}; told were {seen}") from None
        return found

    async def operator_told(self, type: str, case: str, **data: Any) -> dict[str, Any]:
        """The same for the operator."""
        return await self.told(self.operator, type, case, "operator", **data)
