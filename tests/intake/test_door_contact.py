"""`/v1/handoffs/{id}/contact`: who reads how a person is reached, from when on, and until when."""

import builders as a
from intake.doors import CONTACT, Doors, sent
from intake.test_door_events import problem
from relais_contracts import cases, handoffs


async def test_the_contact_is_for_the_partner_that_accepted(door: Doors) -> None:
    await door.propose()
    path, partner = f"/v1/handoffs/{a.handoff()}/contact", door.who("partner", a.PARTNER)
    problem(await door.look(path, partner), 409, "not-accepted")
    await door.act("accept")
    early = await door.look(path, partner)
    assert problem(early, 503, "not-confirmed-yet")["french"].startswith("Votre acceptation est enregistrée")
    assert int(early.headers["retry-after"]) >= 1
    assert await door.rows("select 1 from log where type like '%contact-disclosed%'") == []
    await door.tell(a.a_handoff(handoffs.HandoffAccepted), cause=f"actions/{a.CASE}/1")
    answer = await door.look(path, partner)
    assert (answer.status_code, answer.json()) == (200, CONTACT.model_dump())
    assert answer.headers["cache-control"] == "no-store"
    assert len(await door.rows("select 1 from log where type like '%contact-disclosed%'")) == 1
    for role, org in (("operator", a.OPERATOR), ("coordinator", "dreets"), ("admin", "relais")):
        problem(await door.look(path, door.who(role, org, territories=["country:FR"])), 403, "wrong-role")


async def test_what_is_asked_after_an_acceptance_counts_for_its_contact_too(door: Doors) -> None:
    await door.propose()
    path, partner = f"/v1/handoffs/{a.handoff()}/contact", door.who("partner", a.PARTNER)
    await door.act("accept")
    await door.act("start")
    problem(await door.look(path, partner), 503, "not-confirmed-yet")
    await door.act("decline", reason="no-capacity", caused_by="partner")
    problem(await door.look(path, partner), 409, "not-accepted")


async def test_without_a_consent_an_acceptance_that_waits_changes_nothing(door: Doors) -> None:
    await door.propose()
    await door.act("accept")
    await door.post(sent(cases.CaseConsentWithdrawn()))
    partner = door.who("partner", a.PARTNER)
    problem(await door.look(f"/v1/handoffs/{a.handoff()}/contact", partner), 403, "no-consent")


async def test_a_withdrawn_consent_closes_the_contact_at_once(door: Doors) -> None:
    await door.propose()
    await door.tell(a.a_handoff(handoffs.HandoffAccepted))
    await door.post(sent(cases.CaseConsentWithdrawn()))
    path, partner = f"/v1/handoffs/{a.handoff()}/contact", door.who("partner", a.PARTNER)
    problem(await door.look(path, partner), 403, "no-consent")
    await door.post(sent(a.consent(data=("need", "identity"))))
    assert (await door.look(path, partner)).json() == {"name": "Ada Martin"}
    await door.post(sent(cases.CaseErased(reason="asked")))
    problem(await door.look(path, partner), 403, "no-consent")
    assert len(await door.rows("select 1 from log where type like '%contact-disclosed%'")) == 1
