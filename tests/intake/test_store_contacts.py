"""What intake keeps of a person: sealed, shown on the record and within the consent only, gone when erased."""

import asyncio
from datetime import timedelta
from typing import cast

import pytest

import builders as a
from intake.transacting import CONTACT, SEAL, Transacting, refusal
from relais_chassis import locks
from relais_chassis.commands import Command, Rejected
from relais_contracts import cases, handoffs
from relais_intake.contacts import store as contacts
from relais_intake.store.readings import Reading


async def test_the_contact_is_kept_sealed_and_never_logged(transacting: Transacting) -> None:
    await transacting.yes(transacting.says(a.opened(contact=CONTACT)))
    for table in ("log", "snapshot", "inbox", "held_case"):
        for row in await transacting.rows(f"select t::text as text from {table} t"):
            assert "Ada" not in row["text"]
            assert b"Ada".hex() not in row["text"]
    async with transacting.database.connection() as conn:
        kept = await contacts.of_cases(conn, [a.CASE])
    assert contacts.opened(SEAL, a.CASE, kept[a.CASE]) == CONTACT


async def test_a_contact_is_replaced_by_opening_the_case_again(transacting: Transacting) -> None:
    await transacting.yes(transacting.says(a.opened(contact=CONTACT)))
    newer = CONTACT.model_copy(update={"phone": "+33 6 00 00 00 00"})
    (reply,) = await transacting.yes(transacting.says(a.opened(contact=newer)))
    assert reply["events"] == []
    async with transacting.database.connection() as conn:
        kept = await contacts.of_cases(conn, [a.CASE])
    assert contacts.opened(SEAL, a.CASE, kept[a.CASE]) == newer


async def test_erasure_deletes_contact_and_notes_in_the_same_transaction(transacting: Transacting) -> None:
    await transacting.opens_the_case()
    await transacting.yes(transacting.says(a.opened(contact=CONTACT)), transacting.tells(a.a_handoff()))
    await transacting.yes(
        transacting.acts("decline", "d1", reason="other", caused_by="partner", note="Ada is my cousin")
    )
    assert len(await transacting.rows("select * from note")) == 1
    await transacting.yes(transacting.says(cases.CaseErased(reason="asked")))
    assert await transacting.rows("select * from note") == []
    assert await transacting.rows("select * from contact") == []
    assert [row["erased"] for row in await transacting.rows("select erased from held_case")] == [True]


async def test_an_opening_and_an_erasure_in_one_batch_keep_nothing(transacting: Transacting) -> None:
    await transacting.yes(
        transacting.says(a.opened(contact=CONTACT)), transacting.says(cases.CaseErased(reason="asked"))
    )
    assert await transacting.rows("select * from contact") == []


async def a_running_handoff(transacting: Transacting) -> None:
    await transacting.opens_the_case()
    await transacting.yes(transacting.tells(a.a_handoff()), transacting.tells(a.a_handoff(handoffs.HandoffAccepted)))


@pytest.mark.parametrize(("action", "given"), [("note", {}), ("complete", {"outcome": "achieved"})])
async def test_no_note_is_kept_of_a_person_that_was_erased(
    transacting: Transacting, action: str, given: dict[str, str]
) -> None:
    await a_running_handoff(transacting)
    await transacting.yes(transacting.says(cases.CaseErased(reason="asked")))
    (answer,) = await transacting.does(transacting.acts(action, "n1", note="Ada is my cousin", **given))
    assert refusal(answer) == "case-erased"
    assert isinstance(answer, Rejected)
    assert "complete" in cast("list[str]", answer.refused.help["allowed"])
    assert await transacting.rows("select * from note") == []
    await transacting.yes(transacting.acts("complete", "c1", outcome="achieved"))


async def test_a_note_and_an_erasure_in_one_batch_keep_nothing(transacting: Transacting) -> None:
    await a_running_handoff(transacting)
    erased = transacting.says(cases.CaseErased(reason="asked"))
    await transacting.yes(erased, transacting.acts("note", "n1", note="Ada is my cousin"))
    assert await transacting.rows("select * from note") == []


async def test_a_note_waits_for_an_erasure_that_is_under_way(transacting: Transacting) -> None:
    await a_running_handoff(transacting)
    async with transacting.database.transaction() as conn:
        await locks.take(conn, [f"case/{a.CASE}"])
        asking = asyncio.create_task(transacting.does(transacting.acts("note", "n1", note="Ada is my cousin")))
        while not await transacting.rows("select from pg_locks where locktype = 'advisory' and not granted"):
            assert not asking.done(), asking.result()
            await asyncio.sleep(0.01)
        await conn.execute("update held_case set erased = true")
    assert refusal((await asking)[0]) == "case-erased"
    assert await transacting.rows("select * from note") == []


async def test_a_reading_is_on_the_record_or_does_not_happen(transacting: Transacting) -> None:
    await transacting.opens_the_case()
    await transacting.yes(transacting.says(a.opened(contact=CONTACT)), transacting.tells(a.a_handoff()))
    early = Reading(a.handoff(), a.PARTNER)
    assert refusal((await transacting.does(Command(f"case/{a.CASE}", early, None, a.MONDAY)))[0]) == "not-accepted"
    assert early.shown == {}
    await transacting.yes(transacting.tells(a.a_handoff(handoffs.HandoffAccepted)))
    reading = Reading(a.handoff(), a.PARTNER)
    await transacting.yes(Command(f"case/{a.CASE}", reading, None, a.MONDAY))
    assert reading.shown == CONTACT.model_dump()
    disclosed = await transacting.rows("select data from log where type = 'org.relais.case.contact-disclosed.v1'")
    assert len(disclosed) == 1
    stranger = Reading(a.handoff(), a.OTHER_PARTNER)
    assert (
        refusal((await transacting.does(Command(f"case/{a.CASE}", stranger, None, a.MONDAY)))[0]) == "unknown-handoff"
    )


async def test_a_reading_of_what_was_handed_on_stands_under_the_first_steps_consent(transacting: Transacting) -> None:
    await transacting.opens_the_case(cases.CaseConsentWithdrawn(), a.consent(step="digital"))
    await transacting.yes(
        transacting.says(a.opened(contact=CONTACT)), transacting.tells(a.a_handoff(handoffs.HandoffAccepted))
    )
    twice = a.handoff("digital-on-1-on-1")
    for step, parent in (("digital-on-1", a.handoff()), ("digital-on-1-on-1", a.handoff("digital-on-1"))):
        await transacting.yes(transacting.tells(a.a_handoff(handoffs.HandoffAccepted, step=step, parent=parent)))
    await transacting.yes(Command(f"case/{a.CASE}", Reading(twice, a.PARTNER), None, a.MONDAY))
    await transacting.yes(transacting.says(cases.CaseConsentWithdrawn(step="digital")))
    refused = await transacting.does(Command(f"case/{a.CASE}", Reading(twice, a.PARTNER), None, a.MONDAY))
    assert refusal(refused[0]) == "no-consent"


async def test_after_the_consents_last_day_in_paris_nothing_is_shown(transacting: Transacting) -> None:
    await transacting.opens_the_case(a.consent(until=a.MONDAY.date()))
    await transacting.yes(
        transacting.says(a.opened(contact=CONTACT)), transacting.tells(a.a_handoff(handoffs.HandoffAccepted))
    )
    last_minute = a.MONDAY.replace(hour=22, minute=59)  # 23:59 in Paris
    await transacting.yes(Command(f"case/{a.CASE}", Reading(a.handoff(), a.PARTNER), None, last_minute))
    later = Command(f"case/{a.CASE}", Reading(a.handoff(), a.PARTNER), None, last_minute + timedelta(minutes=1))
    assert refusal((await transacting.does(later))[0]) == "no-consent"
