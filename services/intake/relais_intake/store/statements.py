"""What operators say of cases, inside a transaction: whose the case is, and what is kept of the person.

The contact is taken out before the decider sees the event, so it can reach neither state nor log.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from relais_chassis.commands import Recorded
from relais_chassis.decider import JSON
from relais_chassis.model import Decided
from relais_chassis.postgres import Connection
from relais_contracts.cases import (
    CaseAttested,
    CaseClosed,
    CaseConsentGiven,
    CaseErased,
    CaseOpened,
    CaseOptionChosen,
    CasePayload,
    CaseTransferred,
    Contact,
)
from relais_contracts.envelope import Payload
from relais_contracts.identifiers import key_of
from relais_intake.case import stages
from relais_intake.case.decider import Case, Tell, decide
from relais_intake.contacts import store as contacts
from relais_intake.contacts.sealing import Seal
from relais_intake.directory import standing
from relais_intake.handoffs import store as handoffs
from relais_intake.handoffs.rows import territories

PARIS: Final = ZoneInfo("Europe/Paris")
_SPEAKS_OF_THE_CHAIN: Final = (CaseAttested, CaseConsentGiven, CaseOptionChosen)
_CHANGES_WHO_HOLDS: Final = (CaseOpened, CaseTransferred, CaseClosed, CaseErased)
_HOLD: Final = """
insert into held_case ("case", operator, commune, territories, closed, erased)
select "case", operator, commune, string_to_array(territories, ' '), closed, erased
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::boolean[])
     as new("case", operator, commune, territories, closed, erased)
on conflict ("case") do update
set operator = excluded.operator, closed = excluded.closed, erased = excluded.erased
"""


@dataclass(frozen=True, slots=True)
class Statement:
    """An operator says something of a case; the contact travels beside the event."""

    by: str
    event: CasePayload
    contact: Contact | None = field(default=None, repr=False)


def statement(by: str, event: CasePayload) -> Statement:
    """A statement of an event as it was sent: the contact taken out, nobody's word on who the operator is."""
    if isinstance(event, CaseOpened) and event.contact is not None:
        return Statement(by, event.model_copy(update={"contact": None}), event.contact)
    return Statement(by, event)


class Statements:
    """The statements of one batch."""

    def __init__(self, chains: dict[str, tuple[frozenset[str], frozenset[str]]], known: frozenset[str]) -> None:
        self._chains, self._organisations = chains, known

    @classmethod
    async def read(cls, conn: Connection, asked: Iterable[tuple[str, Statement]]) -> "Statements":
        """What routing has told of the cases whose statements speak of it; the organisations that take one over."""
        said = list(asked)
        cases = {key_of(stream) for stream, body in said if isinstance(body.event, _SPEAKS_OF_THE_CHAIN)}
        named = {body.event.to for _, body in said if isinstance(body.event, CaseTransferred)}
        chains = await handoffs.of_cases(conn, cases) if cases else {}
        return cls(chains, await standing.organisations(conn, named) if named else frozenset())

    def decide(self, case: Case, stream: str, said: Statement, now: datetime) -> list[Payload]:
        """What follows from a statement; raises Refused."""
        tell = Tell(said.by, said.event, today(now), organisations=self._organisations)
        chain = self._chains.get(key_of(stream))
        return decide(case, replace(tell, handoffs=chain[0], onward=chain[1]) if chain else tell)


def today(now: datetime) -> date:
    """The calendar day of a moment, as people in mainland France count it."""
    return now.astimezone(PARIS).date()


def reply(case: Case, stream: str, events: Sequence[Recorded]) -> JSON:
    """The case, the events that were written, and which stage is expected next."""
    expected = None if case.closed else stages.expected(len(case.stages))
    return {"case": key_of(stream), "events": [event.id for event in events], "expected": expected}


async def close(conn: Connection, seal: Seal, decided: Sequence[Decided[Any]]) -> None:
    """Write who holds the cases now, keep the contacts brought, delete those of erased cases."""
    holders: dict[str, tuple[object, ...]] = {}
    kept: dict[str, Contact] = {}
    communes: dict[str, str] = {}  # of cases opened in this batch; the others' rows have theirs
    erased: set[str] = set()
    for one in decided:
        said, after, case = one.command.body, one.after, key_of(one.command.stream)
        if not isinstance(said, Statement) or not isinstance(after, Case):
            continue
        if said.contact is not None:
            kept[case] = said.contact
        if any(isinstance(event.payload, _CHANGES_WHO_HOLDS) for event in one.events):
            commune = said.event.commune if isinstance(said.event, CaseOpened) else communes.get(case, "")
            communes[case] = commune
            holders[case] = (after.operator, commune, " ".join(territories(commune)), after.closed, after.erased)
        if after.erased:
            erased.add(case)
            kept.pop(case, None)
    if holders:
        columns = [list(column) for column in zip(*holders.values(), strict=True)]
        await conn.execute(_HOLD, list(holders), *columns)
    if kept:
        await contacts.keep(conn, seal, kept, decided[0].command.time)
    if erased:
        await contacts.erase(conn, erased)
