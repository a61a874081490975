"""What routing answers, to whom: decisions, draws."""

import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from builders import OPERATOR, OTHER_OPERATOR, a_case, a_partner, an_offer
from relais_chassis import clock
from relais_chassis.commands import Command
from relais_contracts.handoffs import StepUnmet
from relais_routing import draws
from relais_routing.chain.calendar import midnight
from relais_routing.draws import CommitDraw, RevealDraw
from relais_routing.matching.draw import Draw, commitment
from relais_routing.questions import Questions
from routers import Router
from routing.doors import Ask, asked


@pytest.fixture
async def ask(router: Router, tmp_path: Path) -> AsyncIterator[Ask]:
    """Clients of the app by role and organisation."""
    async with asked(
        tmp_path, lambda door: Questions(router.database, door).router(), origins=("http://pages",)
    ) as ask:
        yield ask


async def a_decision(router: Router) -> str:
    case = str(uuid4())
    await router.hears(a_partner(), an_offer())
    await router.hears(*a_case(), case=case)
    return (await router.proposed(case)).decision


@pytest.mark.parametrize("role", ["partner", "directory"])
async def test_partners_may_not_ask(router: Router, ask: Ask, role: str) -> None:
    assert (await ask(role).get(f"/v1/decisions/{await a_decision(router)}")).status_code == 403


async def test_who_is_not_known_may_not_ask(ask: Ask) -> None:
    assert (await ask().get(f"/v1/decisions/{uuid4()}")).status_code == 401


async def test_a_decision_is_given_as_data_and_in_french(router: Router, ask: Ask) -> None:
    decision = await a_decision(router)
    client = ask("operator")
    record = (await client.get(f"/v1/decisions/{decision}")).json()
    assert (record["chosen"], record["request"]["consent"]["recipients"]) == ("greta-71.bureautique", "matching")
    text = await client.get(f"/v1/decisions/{decision}", headers={"accept": "text/plain"})
    assert text.headers["content-type"].startswith("text/plain")
    assert "Nous vous proposons « Bureautique, premiers pas » (GRETA 71)" in text.text


async def test_a_decision_is_given_byte_for_byte_as_its_event_seals_it(router: Router, ask: Ask) -> None:
    await router.hears(a_partner(), an_offer())
    await router.hears(*a_case(), case=(case := str(uuid4())))
    proposed = await router.proposed(case)
    answer = await ask("operator").get(f"/v1/decisions/{proposed.decision}")
    assert hashlib.sha256(answer.content).hexdigest() == proposed.record
    digest = base64.b64encode(bytes.fromhex(proposed.record or "")).decode()
    assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert answer.json()["policy"] == router.model.policy.version


async def test_the_record_of_an_unmet_step_is_sealed_too(router: Router, ask: Ask) -> None:
    await router.hears(*a_case(), case=(case := str(uuid4())))
    (unmet,) = await router.said(case, StepUnmet)
    answer = await ask("operator").get(f"/v1/decisions/{unmet.decision}")
    assert (hashlib.sha256(answer.content).hexdigest(), answer.json()["unmet"]) == (unmet.record, "no-offer")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (("operator", OPERATOR), 200),
        (("operator", OTHER_OPERATOR), 404),
        (("coordinator", "dreets", "departement:71"), 200),
        (("coordinator", "dreets", "region:27", "departement:59"), 200),
        (("coordinator", "dreets", "departement:59"), 404),
        (("coordinator", "dreets"), 404),
    ],
)
async def test_a_decision_is_for_those_the_case_concerns(router: Router, ask: Ask, who: Any, status: int) -> None:
    decision = await a_decision(router)
    assert (await ask(*who).get(f"/v1/decisions/{decision}")).status_code == status


async def test_no_such_decision(ask: Ask) -> None:
    assert (await ask("operator").get(f"/v1/decisions/{uuid4()}")).status_code == 404
    assert (await ask("operator").get("/v1/decisions/none")).status_code == 422


async def test_anybody_may_check_a_draw_once_its_day_is_over(router: Router, ask: Ask) -> None:
    today = await router.value("select min(day) from draw")
    committed = (await ask().get(f"/v1/draws/{today}")).json()
    assert (committed["revealed"], committed["secret"]) == (False, None)
    bound = await router.value("select time from log where stream = $1", f"draw/{today}")
    assert datetime.fromisoformat(committed["committed_at"]) == bound
    assert committed["revealed_from"] == midnight(today + timedelta(days=1)).isoformat()
    past = Draw(today - timedelta(days=3), b"x" * 32)
    now = clock.now()
    await router.transactor.transact([Command(f"draw/{past.day}", CommitDraw(past), None, now)])
    async with router.database.connection() as conn:
        due = await draws.find(conn, now, 10)
    assert [command.body for command in due] == [RevealDraw(past)]
    await router.transactor.transact(due)
    revealed = (await ask().get(f"/v1/draws/{past.day}")).json()
    assert commitment(bytes.fromhex(revealed["secret"])) == revealed["hash"] == past.commitment
    assert (await ask().get("/v1/draws/2020-01-01")).status_code == 404


async def test_a_days_secret_is_not_given_out_before_the_day_is_over(router: Router) -> None:
    today = await router.value("select min(day) from draw")
    secret = await router.value("select secret from draw where day = $1", today)
    command = Command(f"draw/{today}", RevealDraw(Draw(today, secret)), None, clock.now())
    await router.transactor.transact([command])
    assert await router.value("select count(*) from log where stream like 'draw/%' and type like '%revealed%'") == 0


async def test_the_door_describes_itself(ask: Ask) -> None:
    document = (await ask().get("/openapi.json")).json()
    assert set(document["paths"]) == {"/v1/decisions/{id}", "/v1/draws/{day}"}
