"""Intake's doors on a real database, asked over HTTP in the test's own loop.

Routing's news are told to it as its reader would; `behind` makes it as if they lagged.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from joserfc.jwk import ECKey

import builders as a
from relais_chassis import clock
from relais_chassis.access import Access, Caller, issue
from relais_chassis.commands import Accepted, Command, FromLog
from relais_chassis.event_log import EventLog
from relais_chassis.gather import Gather
from relais_chassis.health import Health
from relais_chassis.keys import new_keypair, write_keys
from relais_chassis.limits import Rate
from relais_chassis.postgres import Database
from relais_chassis.transact import Transactor
from relais_contracts.cases import CasePayload, Contact
from relais_contracts.catalogue import dump
from relais_contracts.codec import BATCH, STRUCTURED
from relais_contracts.directory import DirectoryPayload
from relais_contracts.envelope import CloudEvent, Payload
from relais_intake.api.desk import Desk
from relais_intake.app import app
from relais_intake.contacts.sealing import Seal
from relais_intake.directory.adapters.lines import line_of
from relais_intake.store.model import IntakeModel, asks

CONTACT = Contact(name="Ada Martin", phone="+33 3 85 00 00 00", email="ada@example.org", preferred="phone")
PAGES = "http://pages.test"
DIRECTORY = "annuaire"
RECORD: Any = None  # never parked in these tests


@dataclass
class Doors:
    """Intake, and somebody at its doors."""

    database: Database
    http: httpx.AsyncClient
    desk: Desk
    key: ECKey
    behind: timedelta = timedelta(0)
    _told: dict[str, int] = field(default_factory=dict)

    def token(self, role: str = "operator", org: str = a.OPERATOR, **claims: Any) -> str:
        """A token of somebody."""
        territories = tuple(claims.pop("territories", ()))
        lifetime = claims.pop("lifetime", timedelta(hours=1))
        return issue(claims.pop("key", self.key), Caller("someone", org, role, territories), lifetime, **claims)

    def who(self, role: str = "operator", org: str = a.OPERATOR, **claims: Any) -> dict[str, str]:
        """The header of somebody."""
        return {"authorization": f"Bearer {self.token(role, org, **claims)}"}

    async def post(self, event: Any, who: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        """One structured event."""
        headers = {**(who or self.who()), "content-type": STRUCTURED}
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        return await self.http.post("/v1/events", content=body, headers=headers, **more)

    async def batch(self, events: Any, who: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        """A batch."""
        headers = {**(who or self.who()), "content-type": BATCH}
        return await self.http.post("/v1/events", content=json.dumps(events), headers=headers, **more)

    async def act(self, action: str, who: dict[str, str] | None = None, **given: Any) -> httpx.Response:
        """An action on the first hand-off, by its partner unless told."""
        handoff = given.pop("handoff", a.handoff())
        body = {"id": given.pop("id", None) or str(uuid4()), "action": action, **given}
        who = who or self.who("partner", a.PARTNER)
        return await self.http.post(f"/v1/handoffs/{handoff}/actions", json=body, headers=who)

    async def declare(self, *entries: DirectoryPayload) -> None:
        """Entries of a directory, all of them taken."""
        lines = [line_of(entry, DIRECTORY, str(uuid4())) for entry in entries]
        headers = {**self.who("directory", DIRECTORY), "content-type": "application/x-ndjson"}
        answer = await self.http.post("/v1/directory", content=b"\n".join(lines), headers=headers)
        assert {json.loads(line)["status"] for line in answer.content.splitlines()} == {202}, answer.text

    async def look(self, path: str, who: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        """A look at something."""
        return await self.http.get(path, headers=who or self.who(), **more)

    async def open_the_case(self, case: str = a.CASE, **given: Any) -> None:
        """A case whose four stages are done and whose consent is given, with a contact."""
        events = [sent(event, case=case) for event in a.a_case(**given) if isinstance(event, CasePayload)]
        events[0] = sent(a.opened(contact=CONTACT), case=case)
        answer = await self.batch(events)
        assert [line["status"] for line in answer.json()] == [202] * 6, answer.text

    async def tell(self, payload: Payload, case: str = a.CASE, cause: str | None = None) -> None:
        """Routing's news arrive."""
        number = self._told[case] = self._told.get(case, 0) + 1
        stream, now = f"chain/{case}", clock.now()
        event = CloudEvent(
            f"{stream}/{number}", "/relais/routing", payload.TYPE, dump(payload), case, now, number, cause
        )
        ((on, body),) = asks(event, payload)
        command = Command(on, body, FromLog(stream, number, False, RECORD), now, causationid=event.id)
        (answer,) = await self.desk.transactor.transact([command])
        assert isinstance(answer, Accepted), answer

    async def propose(self, **given: Any) -> None:
        """A case with a first hand-off that its partner may answer."""
        await self.open_the_case(**given)
        await self.tell(a.a_handoff(due=clock.now() + timedelta(days=7)))

    async def rows(self, query: str) -> list[Any]:
        """What a table holds."""
        async with self.database.connection() as conn:
            return list(await conn.fetch(query))


def sent(event: CasePayload, id: str | None = None, org: str = a.OPERATOR, case: str = a.CASE, **more: Any) -> Any:
    """An event as its operator's system sends it."""
    data = json.loads(dump(event))
    data.pop("operator", None)
    return {
        "specversion": "1.0",
        "id": id or str(uuid4()),
        "source": f"/{org}",
        "type": event.TYPE,
        "subject": case,
        "data": data,
        **more,
    }


def raw(event: CasePayload, **data: Any) -> Any:
    """The same with data that may not fit."""
    whole = sent(event)
    return {**whole, "data": {**whole["data"], **data}}


@asynccontextmanager
async def doors(database: Database, folder: Path, *, patience: float = 10.0) -> AsyncIterator[Doors]:
    """Intake's doors, open."""
    key = new_keypair()
    write_keys(key, folder / "key.json", folder / "jwks.json")
    seal = Seal({"test": bytes(32)})
    transactor = Transactor(database, EventLog("/relais/intake"), IntakeModel(seal))
    gather = Gather(transactor, patience=patience)
    made: list[Doors] = []

    def horizon() -> datetime:
        return clock.now() - made[0].behind

    access = Access(str(folder / "jwks.json"), origins=[PAGES])
    desk = Desk(access, Rate(1e6, 1e6), gather, transactor, database, seal, horizon)
    transport = httpx.ASGITransport(app(desk, Health(), (PAGES,)), raise_app_exceptions=False)
    running = asyncio.create_task(gather.run())
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://intake.test") as http:
            made.append(Doors(database, http, desk, key))
            yield made[0]
    finally:
        gather.stop()
        await running
