"""Intake's transactions on a real database: statements, actions, readings and routing's news, side by side."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

import builders as a
from relais_chassis.commands import Accepted, Answer, Command, FromLog, FromOutside, Rejected, Repeated, Reused
from relais_chassis.event_log import EventLog
from relais_chassis.migrations import migrate
from relais_chassis.postgres import Database
from relais_chassis.transact import Transactor
from relais_contracts import cases, handoffs
from relais_contracts.actions import By
from relais_contracts.cases import CasePayload, Contact
from relais_contracts.catalogue import dump
from relais_contracts.envelope import CloudEvent, Payload
from relais_intake.contacts import store as contacts
from relais_intake.contacts.sealing import Seal
from relais_intake.handoffs import store as told
from relais_intake.handoffs.rows import Told
from relais_intake.store.asking import Asking
from relais_intake.store.judging import judge
from relais_intake.store.model import IntakeModel, asks
from relais_intake.store.readings import Reading
from relais_intake.store.statements import statement

CONTACT = Contact(name="Ada Martin", phone="+33 3 85 00 00 00", email="ada@example.org", preferred="phone")
SEAL = Seal({"test": bytes(32)})
CHAIN = f"chain/{a.CASE}"


class Intake:
    """One intake without its doors."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.transactor = Transactor(database, EventLog("/relais/intake"), IntakeModel(SEAL))
        self._said = self._told = 0

    def says(self, event: CasePayload, by: str = a.OPERATOR, id: str | None = None, case: str = a.CASE) -> Command:
        self._said += 1
        origin = FromOutside(by, f"/{by}", id or f"message-{self._said}", sha256(dump(event)).digest())
        sent = event.model_copy(update={"operator": None})
        return Command(f"case/{case}", statement(by, sent), origin, a.MONDAY)

    def tells(self, payload: Payload, cause: str | None = None) -> Command:
        self._told += 1
        event = CloudEvent(
            f"{CHAIN}/{self._told}", "/relais/routing", payload.TYPE, dump(payload), a.CASE, a.MONDAY, self._told, cause
        )
        ((stream, body),) = asks(event, payload)
        return Command(stream, body, FromLog(stream, self._told, False, RECORD), a.MONDAY, causationid=event.id)

    def acts(self, action: str, id: str, role: str = "partner", org: str = a.PARTNER, **given: Any) -> Command:
        note = given.pop("note", None)
        text = SEAL.reference(a.handoff(), org, note) if note else None
        by = By.model_validate({"role": role, "org": org})
        request = a.requested(action, by=by, text=text, **given)
        origin = FromOutside(org, "relais:actions", id, dump(request))
        return Command(f"actions/{a.CASE}", Asking(request, note), origin, a.MONDAY)

    async def does(self, *commands: Command) -> list[Answer]:
        return await self.transactor.transact(commands)

    async def yes(self, *commands: Command) -> list[Any]:
        answers = await self.does(*commands)
        assert all(isinstance(answer, Accepted) for answer in answers), answers
        return [answer.reply for answer in answers if isinstance(answer, Accepted)]

    async def rows(self, query: str) -> list[Any]:
        async with self.database.connection() as conn:
            return list(await conn.fetch(query))

    async def opens_the_case(self, *more: CasePayload) -> None:
        events = [event for event in a.a_case(*more) if isinstance(event, CasePayload)]
        await self.yes(*(self.says(event) for event in events))


class _Record:
    topic, partition, offset, timestamp, key, value = "relais.handoffs", 0, 0, 0, b"", b""
    headers: Sequence[tuple[str, bytes]] = ()


RECORD: Any = _Record()


@pytest.fixture
async def intake(postgres: str) -> AsyncIterator[Intake]:
    await migrate(postgres, "intake", "relais_intake")
    async with Database(postgres, "intake") as database:
        yield Intake(database)


def refusal(answer: Answer) -> str:
    assert isinstance(answer, Rejected), answer
    return answer.refused.code


async def test_a_whole_case_in_one_batch_is_one_stream_of_events(intake: Intake) -> None:
    await intake.opens_the_case()
    rows = await intake.rows("select version, topic, type, subject from log order by version")
    assert [row["version"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert {(row["topic"], row["subject"]) for row in rows} == {("relais.cases", a.CASE)}


async def test_one_bad_statement_spoils_no_other(intake: Intake) -> None:
    answers = await intake.does(
        intake.says(a.opened()), intake.says(a.verified()), intake.says(a.clarified()), intake.says(a.verified())
    )
    assert [type(answer) for answer in answers] == [Accepted, Rejected, Accepted, Accepted]
    assert refusal(answers[1]) == "stage-out-of-order"


async def test_the_same_message_gets_its_first_answer(intake: Intake) -> None:
    (first,) = await intake.yes(intake.says(a.opened(), id="once"))
    await intake.yes(intake.says(a.clarified()))
    (again,) = await intake.does(intake.says(a.opened(), id="once"))
    assert again == Repeated(first)
    (other,) = await intake.does(intake.says(a.opened(situation="student"), id="once"))
    assert other == Reused()


async def test_the_contact_is_kept_sealed_and_never_logged(intake: Intake) -> None:
    await intake.yes(intake.says(a.opened(contact=CONTACT)))
    for table in ("log", "snapshot", "inbox", "held_case"):
        for row in await intake.rows(f"select t::text as text from {table} t"):
            assert "Ada" not in row["text"]
            assert b"Ada".hex() not in row["text"]
    async with intake.database.connection() as conn:
        kept = await contacts.of_cases(conn, [a.CASE])
    assert contacts.opened(SEAL, a.CASE, kept[a.CASE]) == CONTACT


async def test_a_contact_is_replaced_by_opening_the_case_again(intake: Intake) -> None:
    await intake.yes(intake.says(a.opened(contact=CONTACT)))
    newer = CONTACT.model_copy(update={"phone": "+33 6 00 00 00 00"})
    (reply,) = await intake.yes(intake.says(a.opened(contact=newer)))
    assert reply["events"] == []
    async with intake.database.connection() as conn:
        kept = await contacts.of_cases(conn, [a.CASE])
    assert contacts.opened(SEAL, a.CASE, kept[a.CASE]) == newer


async def test_erasure_deletes_contact_and_notes_in_the_same_transaction(intake: Intake) -> None:
    await intake.opens_the_case()
    await intake.yes(intake.says(a.opened(contact=CONTACT)), intake.tells(a.a_handoff()))
    await intake.yes(intake.acts("decline", "d1", reason="other", caused_by="partner", note="Ada is my cousin"))
    assert len(await intake.rows("select * from note")) == 1
    await intake.yes(intake.says(cases.CaseErased(reason="asked")))
    assert await intake.rows("select * from note") == []
    assert await intake.rows("select * from contact") == []
    assert [row["erased"] for row in await intake.rows("select erased from held_case")] == [True]


async def test_an_opening_and_an_erasure_in_one_batch_keep_nothing(intake: Intake) -> None:
    await intake.yes(intake.says(a.opened(contact=CONTACT)), intake.says(cases.CaseErased(reason="asked")))
    assert await intake.rows("select * from contact") == []


async def test_the_person_speaks_of_the_cases_own_handoffs_and_steps_only(intake: Intake) -> None:
    await intake.opens_the_case()
    said = cases.CaseAttested(handoff=a.handoff(), outcome="achieved")
    assert refusal((await intake.does(intake.says(said)))[0]) == "unknown-handoff"
    onward = a.a_handoff(step="digital-on-1", parent=a.handoff())
    await intake.yes(intake.tells(a.a_handoff()), intake.tells(onward))
    await intake.yes(intake.says(said), intake.says(cases.CaseOptionChosen(step="digital-on-1")))
    other = cases.CaseAttested(handoff=a.handoff(case=a.OTHER_CASE), outcome="achieved")
    assert refusal((await intake.does(intake.says(other)))[0]) == "unknown-handoff"


async def test_an_action_counts_at_once_and_until_routing_answers(intake: Intake) -> None:
    await intake.opens_the_case()
    await intake.yes(intake.tells(a.a_handoff()))
    (reply,) = await intake.yes(intake.acts("accept", "a1"))
    assert reply["state"] == "accepted"
    assert "schedule" in reply["allowed"]
    assert refusal((await intake.does(intake.acts("reschedule", "r1")))[0]) == "not-possible"
    (again,) = await intake.yes(intake.acts("accept", "a2"))
    assert again["events"] == []
    await intake.yes(intake.tells(a.a_handoff(handoffs.HandoffAccepted), cause=f"actions/{a.CASE}/1"))
    assert await intake.rows("select * from pending_action") == []
    async with intake.database.connection() as conn:
        (known,) = await told.undecided(conn, [a.handoff()])
    assert (known.state, known.requests) == ("accepted", ())


async def test_two_actions_in_one_batch_see_each_other(intake: Intake) -> None:
    await intake.opens_the_case()
    await intake.yes(intake.tells(a.a_handoff()))
    answers = await intake.does(
        intake.acts("accept", "a1"), intake.acts("start", "s1"), intake.acts("accept", "a2"), intake.acts("start", "s2")
    )
    assert [type(answer) for answer in answers] == [Accepted, Accepted, Rejected, Accepted]


async def test_an_answer_settles_what_was_asked_before_it_too(intake: Intake) -> None:
    await intake.opens_the_case()
    await intake.yes(intake.tells(a.a_handoff()))
    await intake.yes(intake.acts("accept", "a1"), intake.acts("note", "n1", note="I called"))
    noted = a.a_handoff(handoffs.HandoffNoted, state="active", text="x")
    await intake.yes(intake.tells(noted, cause=f"actions/{a.CASE}/2"))
    assert await intake.rows("select * from pending_action") == []


async def test_an_action_that_came_too_late_stops_counting(intake: Intake) -> None:
    await intake.opens_the_case()
    await intake.yes(intake.tells(a.a_handoff()))
    await intake.yes(intake.acts("accept", "a1"))
    await intake.yes(intake.tells(a.a_handoff(handoffs.HandoffLapsed, state="lapsed", owner="nobody", next=None)))
    (late,) = await intake.does(intake.acts("start", "s1"))
    assert isinstance(late, Rejected)
    assert late.refused.help["allowed"] == ()


async def test_a_reading_is_on_the_record_or_does_not_happen(intake: Intake) -> None:
    await intake.opens_the_case()
    await intake.yes(intake.says(a.opened(contact=CONTACT)), intake.tells(a.a_handoff()))
    early = Reading(a.handoff(), a.PARTNER)
    assert refusal((await intake.does(Command(f"case/{a.CASE}", early, None, a.MONDAY)))[0]) == "not-accepted"
    assert early.shown == {}
    await intake.yes(intake.tells(a.a_handoff(handoffs.HandoffAccepted)))
    reading = Reading(a.handoff(), a.PARTNER)
    await intake.yes(Command(f"case/{a.CASE}", reading, None, a.MONDAY))
    assert reading.shown == CONTACT.model_dump()
    disclosed = await intake.rows("select data from log where type = 'org.relais.case.contact-disclosed.v1'")
    assert len(disclosed) == 1
    stranger = Reading(a.handoff(), a.OTHER_PARTNER)
    assert refusal((await intake.does(Command(f"case/{a.CASE}", stranger, None, a.MONDAY)))[0]) == "unknown-handoff"


async def test_a_reading_of_what_was_handed_on_stands_under_the_first_steps_consent(intake: Intake) -> None:
    await intake.opens_the_case(cases.CaseConsentWithdrawn(), a.consent(step="digital"))
    await intake.yes(intake.says(a.opened(contact=CONTACT)), intake.tells(a.a_handoff(handoffs.HandoffAccepted)))
    twice = a.handoff("digital-on-1-on-1")
    for step, parent in (("digital-on-1", a.handoff()), ("digital-on-1-on-1", a.handoff("digital-on-1"))):
        await intake.yes(intake.tells(a.a_handoff(handoffs.HandoffAccepted, step=step, parent=parent)))
    await intake.yes(Command(f"case/{a.CASE}", Reading(twice, a.PARTNER), None, a.MONDAY))
    await intake.yes(intake.says(cases.CaseConsentWithdrawn(step="digital")))
    refused = await intake.does(Command(f"case/{a.CASE}", Reading(twice, a.PARTNER), None, a.MONDAY))
    assert refusal(refused[0]) == "no-consent"


async def test_after_the_consents_last_day_in_paris_nothing_is_shown(intake: Intake) -> None:
    await intake.opens_the_case(a.consent(until=a.MONDAY.date()))
    await intake.yes(intake.says(a.opened(contact=CONTACT)), intake.tells(a.a_handoff(handoffs.HandoffAccepted)))
    last_minute = a.MONDAY.replace(hour=22, minute=59)  # 23:59 in Paris
    await intake.yes(Command(f"case/{a.CASE}", Reading(a.handoff(), a.PARTNER), None, last_minute))
    later = Command(f"case/{a.CASE}", Reading(a.handoff(), a.PARTNER), None, last_minute + timedelta(minutes=1))
    assert refusal((await intake.does(later))[0]) == "no-consent"


async def test_what_is_judged_dry_leaves_no_trace(intake: Intake) -> None:
    wanted = [intake.says(a.opened(contact=CONTACT)), intake.says(a.verified()), intake.says(a.clarified())]
    answers = await judge(intake.transactor, wanted)
    assert [type(answer) for answer in answers] == [Accepted, Rejected, Accepted]
    for table in ("log", "snapshot", "inbox", "contact", "held_case"):
        assert await intake.rows(f"select * from {table}") == [], table
    assert [type(answer) for answer in await intake.does(*wanted)] == [Accepted, Rejected, Accepted]


async def test_routings_news_become_rows_once(intake: Intake) -> None:
    await intake.opens_the_case()
    proposed = intake.tells(a.a_handoff(), cause=f"case/{a.CASE}/6")
    await intake.yes(proposed)
    await intake.does(proposed)
    (row,) = await intake.rows("select * from handoff")
    assert (row["state"], row["due"], "departement:71" in row["territories"]) == (
        "proposed",
        a.MONDAY + a.days(7),
        True,
    )
    assert [row["event"] for row in await intake.rows("select event from consequence")] == [f"{CHAIN}/1"]
    unmet = handoffs.StepUnmet(
        step="digital",
        operator=a.OPERATOR,
        actor="training-body",
        need=a.NEED,
        commune=a.MACON,
        owner="operator",
        reason="no-offer",
    )
    late = handoffs.StepEscalated(**{**unmet.model_dump(), "owner": "coordinator", "clock": "choice"})
    await intake.yes(intake.tells(unmet), intake.tells(late))
    (step,) = await intake.rows("select state, why, owner from chain_step")
    assert tuple(step) == ("unmet", "no-offer", "coordinator")


async def test_the_draws_events_ask_nothing() -> None:
    day = handoffs.Commitment(day="2026-03-02", hash="0" * 64)
    event = CloudEvent("draw/2026-03-02/1", "/relais/routing", handoffs.DrawCommitted.TYPE, b"{}", sequence=1)
    assert asks(event, handoffs.DrawCommitted(commitment=day)) == ()
    assert Told(event, handoffs.DrawCommitted(commitment=day)).sequence == 1


async def test_snapshots_may_be_deleted_at_any_time(intake: Intake) -> None:
    await intake.opens_the_case()
    await intake.yes(intake.tells(a.a_handoff()))
    await intake.yes(intake.acts("accept", "a1"))
    async with intake.database.transaction() as conn:
        await conn.execute("delete from snapshot")
    assert refusal((await intake.does(intake.says(a.strategy(3))))[0]) == "version"
    await intake.yes(intake.says(a.strategy(2)), intake.acts("start", "s1"))
    assert [row["version"] for row in await intake.rows("select version from pending_action order by 1")] == [1, 2]
