"""Intake's transactions without its doors: commands in, answers and rows out, on a real database."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import builders as a
from relais_chassis.commands import Accepted, Answer, Command, FromLog, FromOutside, Rejected
from relais_chassis.event_log import EventLog
from relais_chassis.postgres import Database
from relais_chassis.transact import Transactor
from relais_contracts.actions import By
from relais_contracts.cases import CasePayload, Contact
from relais_contracts.catalogue import dump
from relais_contracts.envelope import CloudEvent, Payload
from relais_intake.contacts.sealing import Seal
from relais_intake.store.asking import Asking
from relais_intake.store.model import IntakeModel, asks
from relais_intake.store.statements import statement

CONTACT = Contact(name="Ada Martin", phone="+33 3 85 00 00 00", email="ada@example.org", preferred="phone")
SEAL = Seal({"test": bytes(32)})
CHAIN = f"chain/{a.CASE}"


class Transacting:
    """What its doors, its reader and the console ask of intake's store."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.transactor = Transactor(database, EventLog("/relais/intake"), IntakeModel(SEAL))
        self._said = self._told = 0

    def says(self, event: CasePayload, by: str = a.OPERATOR, id: str | None = None, case: str = a.CASE) -> Command:
        """What an operator states."""
        self._said += 1
        origin = FromOutside(by, f"/{by}", id or f"message-{self._said}", sha256(dump(event)).digest())
        sent = event.model_copy(update={"operator": None})
        return Command(f"case/{case}", statement(by, sent), origin, a.MONDAY)

    def tells(self, payload: Payload, cause: str | None = None) -> Command:
        """What routing tells."""
        self._told += 1
        event = CloudEvent(
            f"{CHAIN}/{self._told}", "/relais/routing", payload.TYPE, dump(payload), a.CASE, a.MONDAY, self._told, cause
        )
        ((stream, body),) = asks(event, payload)
        return Command(stream, body, FromLog(stream, self._told, False, RECORD), a.MONDAY, causationid=event.id)

    def acts(self, action: str, id: str, role: str = "partner", org: str = a.PARTNER, **given: Any) -> Command:
        """What somebody asks of the hand-off."""
        note = given.pop("note", None)
        text = SEAL.reference(a.handoff(), org, note) if note else None
        by = By.model_validate({"role": role, "org": org})
        request = a.requested(action, by=by, text=text, **given)
        origin = FromOutside(org, "relais:actions", id, dump(request))
        beside = (f"case/{a.CASE}",) if note else ()
        return Command(f"actions/{a.CASE}", Asking(request, note), origin, a.MONDAY, beside=beside)

    async def does(self, *commands: Command) -> list[Answer]:
        """One transaction."""
        return await self.transactor.transact(commands)

    async def yes(self, *commands: Command) -> list[Any]:
        """One transaction in which all is accepted; the replies."""
        answers = await self.does(*commands)
        assert all(isinstance(answer, Accepted) for answer in answers), answers
        return [answer.reply for answer in answers if isinstance(answer, Accepted)]

    async def rows(self, query: str) -> list[Any]:
        """What the tables hold."""
        async with self.database.connection() as conn:
            return list(await conn.fetch(query))

    async def opens_the_case(self, *more: CasePayload) -> None:
        """Every stage up to the strategy, and more."""
        events = [event for event in a.a_case(*more) if isinstance(event, CasePayload)]
        await self.yes(*(self.says(event) for event in events))


class _Record:
    topic, partition, offset, timestamp, key, value = "relais.handoffs", 0, 0, 0, b"", b""
    headers: Sequence[tuple[str, bytes]] = ()


RECORD: Any = _Record()


def refusal(answer: Answer) -> str:
    """The code of a refusal."""
    assert isinstance(answer, Rejected), answer
    return answer.refused.code
