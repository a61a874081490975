"""`/v1/events`: what is taken, what is refused and how it is told, line by line."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

import builders as a
from intake.doors import CONTACT, Doors, doors, raw, sent
from relais_chassis.keys import new_keypair
from relais_chassis.limits import Rate
from relais_chassis.migrations import migrate
from relais_chassis.postgres import Database
from relais_contracts.codec import STRUCTURED


def problem(answer: httpx.Response, status: int, code: str) -> Any:
    """The problem, after a look at its form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["type"] == f"urn:relais:problem:{code}", document
    assert document["status"] == status
    return document


def where(document: Any) -> list[str]:
    return [each["pointer"] for each in document["errors"]]


async def test_an_event_is_taken_and_stored(door: Doors) -> None:
    answer = await door.post(sent(a.opened(contact=CONTACT)))
    assert (answer.status_code, answer.json()) == (
        202,
        {"case": a.CASE, "events": [f"case/{a.CASE}/1"], "expected": "demand"},
    )
    (row,) = await door.rows("select stream, version, convert_from(data, 'UTF8') as data from log")
    assert json.loads(row["data"])["operator"] == a.OPERATOR
    assert "contact" not in json.loads(row["data"])


async def test_binary_mode_is_taken_too(door: Doors) -> None:
    event = sent(a.opened())
    data = event.pop("data")
    headers = {f"ce-{name}": value for name, value in event.items()} | {"content-type": "application/json"}
    answer = await door.http.post("/v1/events", json=data, headers={**headers, **door.who()})
    assert answer.status_code == 202
    again = await door.post({**event, "data": data})
    assert (again.status_code, again.json()) == (200, answer.json())


async def test_the_same_again_is_200_with_the_first_answer_and_another_body_409(door: Doors) -> None:
    first = await door.post(sent(a.opened(), id="once"))
    await door.post(sent(a.clarified()))
    again = await door.post(sent(a.opened(), id="once"))
    assert (again.status_code, again.json()) == (200, first.json())
    problem(await door.post(sent(a.opened(situation="student"), id="once")), 409, "id-reused")


async def test_a_refused_message_is_judged_afresh(door: Doors) -> None:
    await door.post(sent(a.opened()))
    early = sent(a.verified(), id="early")
    assert problem(await door.post(early), 409, "stage-out-of-order")["expected"] == "demand"
    await door.post(sent(a.clarified()))
    assert (await door.post(early)).status_code == 202


async def test_two_operators_may_use_the_same_id(door: Doors) -> None:
    assert (await door.post(sent(a.opened(), id="1"))).status_code == 202
    other = sent(a.opened(), id="1", org=a.OTHER_OPERATOR, case=a.OTHER_CASE)
    assert (await door.post(other, door.who(org=a.OTHER_OPERATOR))).status_code == 202


async def test_a_batch_is_judged_line_by_line_in_order(door: Doors) -> None:
    lines: list[Any] = [
        sent(a.opened(), id="1"),
        sent(a.verified(), id="2"),
        raw(a.clarified(), needs=["mowing-lawns"]),
        sent(a.clarified(), id="4"),
        "no event",
        sent(a.opened(), id="1"),
        sent(a.verified(), id="2"),
        sent(a.verified(), id="foreign", org="somebody-else"),
    ]
    answer = await door.batch(lines)
    assert answer.status_code == 207
    told = answer.json()
    assert [line["status"] for line in told] == [202, 409, 422, 202, 422, 200, 202, 403]
    assert told[1]["expected"] == "demand"
    assert told[2]["errors"][0]["pointer"] == "/data/needs/0"
    assert [line.get("id") for line in told][:2] == ["1", "2"]
    assert len(await door.rows("select * from log")) == 3


async def test_an_empty_batch_is_an_empty_answer(door: Doors) -> None:
    answer = await door.batch([])
    assert (answer.status_code, answer.json()) == (207, [])


async def test_a_batch_holds_at_most_a_thousand(door: Doors) -> None:
    problem(await door.batch([1] * 1001), 413, "batch-too-long")
    problem(await door.batch({"not": "a list"}), 422, "not-a-cloudevent")


async def test_a_dry_run_judges_and_stores_nothing(door: Doors) -> None:
    told = await door.batch([sent(a.opened(contact=CONTACT)), sent(a.verified())], params={"dry_run": "true"})
    assert [line["status"] for line in told.json()] == [202, 409]
    one = await door.post(sent(a.opened()), params={"dry_run": "true"})
    assert (one.status_code, one.json()["dry_run"]) == (202, True)
    for table in ("log", "inbox", "contact", "held_case", "snapshot"):
        assert await door.rows(f"select * from {table}") == []


@pytest.mark.parametrize(
    ("event", "pointer"),
    [
        (raw(a.opened(), commune="99999"), "/data/commune"),
        (raw(a.opened(), commune=71270), "/data/commune"),
        (raw(a.opened(), situation="pupil"), "/data/situation"),
        (raw(a.opened(), situation="knight"), "/data/situation"),
        (raw(a.opened(), audiences=["tous-publics", "dragons"]), "/data/audiences/1"),
        (raw(a.opened(), mobility={"means": ["car"], "reach_minutes": -1}), "/data/mobility/reach_minutes"),
        (raw(a.opened(), mobility={"means": ["car"]}), "/data/mobility/reach_minutes"),
        (raw(a.opened(), contact={"name": "x" * 201, "preferred": "phone"}), "/data/contact/name"),
        (raw(a.clarified(), needs=[]), "/data/needs"),
        (raw(a.clarified(), interview={"number": 1, "mode": "letter", "minutes": 60}), "/data/interview/mode"),
        (
            raw(a.possibilities(), options=[{"option": "x", "actor": "vae-relay-point", "need": a.NEED}]),
            "/data/options",
        ),
        (raw(a.strategy(), version="1"), "/data/version"),
        (raw(a.consent(), until="soon"), "/data/until"),
        ({**sent(a.opened()), "subject": "not-a-case"}, "/subject"),
        ({**sent(a.opened()), "subject": None}, "/subject"),
        ({**sent(a.opened()), "id": "x" * 257}, "/id"),
        ({**sent(a.opened()), "id": "a\nb"}, "/id"),
        ({**sent(a.opened()), "id": ""}, "/id"),
        ({**sent(a.opened()), "specversion": "0.3"}, "/specversion"),
        ({**sent(a.opened()), "time": "yesterday"}, "/time"),
        ({**sent(a.opened()), "type": "org.relais.case.dreamt.v1"}, "/type"),
        ({**sent(a.opened()), "type": "org.relais.handoff.accepted.v1"}, "/type"),
        ({**sent(a.opened()), "type": "org.relais.case.contact-disclosed.v1"}, "/type"),
        ({**sent(a.opened()), "data": None}, "/data"),
        ({**sent(a.opened()), "data": []}, "/data"),
        (raw(a.opened(), contact={"name": "A\x00da", "preferred": "phone"}), "/data/contact/name"),
        ({**sent(a.opened()), "id": "a\x00"}, "/id"),
        ({**sent(a.opened()), "correlationid": "a\x00"}, "/correlationid"),
    ],
)
async def test_what_is_invalid_is_named_with_its_place(door: Doors, event: Any, pointer: str) -> None:
    answer = await door.post(event)
    assert answer.status_code == 422, answer.text
    assert pointer in where(answer.json()), answer.text
    assert await door.rows("select * from log") == []


async def test_every_wrong_place_is_named_at_once_and_no_value_is_repeated(door: Doors) -> None:
    contact = {"name": "Ada Secret", "email": 5, "preferred": "pigeon"}
    event = {**raw(a.opened(), commune="0", contact=contact), "subject": "UPPER"}
    answer = await door.post(event)
    pointers = {"/subject", "/data/commune", "/data/contact/email", "/data/contact/preferred"}
    assert pointers <= set(where(answer.json()))
    assert "Secret" not in answer.text
    assert "pigeon" not in answer.text


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[1,2", b'{"id": NaN}', b"null", b'"text"', b"{}" * 2])
async def test_what_is_no_json_object_is_422(door: Doors, body: bytes) -> None:
    problem(await door.post(body), 422, "not-a-cloudevent")


async def test_too_deep_and_too_large_are_refused_before_anything_is_read(door: Doors) -> None:
    deep: Any = "bottom"
    for _ in range(40):
        deep = [deep]
    problem(await door.post(raw(a.opened(), audiences=deep)), 422, "too-deep")
    problem(await door.post(raw(a.opened(), commune="x" * 1_000_001)), 413, "too-large")

    async def chunks() -> Any:
        for _ in range(20):
            yield b"x" * 100_000

    headers = {**door.who(), "content-type": STRUCTURED}
    problem(await door.http.post("/v1/events", content=chunks(), headers=headers), 413, "too-large")


@pytest.mark.parametrize("kind", ["text/plain", "", "application/json", "application/xml"])
async def test_other_content_types_are_415(door: Doors, kind: str) -> None:
    headers = {**door.who(), "content-type": kind}
    document = problem(await door.http.post("/v1/events", content=b"{}", headers=headers), 415, "content-type")
    assert STRUCTURED in document["expected"]


async def test_who_is_not_known_is_401(door: Doors) -> None:
    event = sent(a.opened())
    forged = door.who(key=new_keypair())
    late = door.who(lifetime=timedelta(seconds=-30))
    elsewhere = door.who(audience="somewhere-else")
    none = {"authorization": "Bearer eyJhbGciOiJub25lIn0.eyJvcmciOiJjZXAtYmZjIn0."}
    for who in (forged, late, elsewhere, none, {"authorization": "Basic eA=="}, {"authorization": "Bearer x.y.z"}):
        answer = await door.post(event, who)
        problem(answer, 401, "unauthorized")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    headers = {"content-type": STRUCTURED}
    problem(await door.http.post("/v1/events", content=json.dumps(event), headers=headers), 401, "unauthorized")
    assert await door.rows("select * from log") == []


@pytest.mark.parametrize("role", ["partner", "coordinator", "directory", "admin"])
async def test_only_operators_speak_of_cases(door: Doors, role: str) -> None:
    problem(await door.post(sent(a.opened()), door.who(role)), 403, "wrong-role")


@pytest.mark.parametrize("source", ["/cep-ara", "cep-bfc", "/cep-bfc-2", "/", "/CEP-BFC", "https://cep-bfc"])
async def test_nobody_speaks_in_anothers_name(door: Doors, source: str) -> None:
    document = problem(await door.post({**sent(a.opened()), "source": source}), 403, "foreign-source")
    assert document["expected"] == f"/{a.OPERATOR}"


async def test_anothers_case_is_404(door: Doors) -> None:
    await door.open_the_case()
    foreign = sent(a.strategy(2), org=a.OTHER_OPERATOR)
    problem(await door.post(foreign, door.who(org=a.OTHER_OPERATOR)), 404, "unknown-case")


async def test_one_organisation_is_slowed_down_not_the_others(door: Doors) -> None:
    slow = Rate(1, 3)
    object.__setattr__(door.desk, "rate", slow)
    answers = [await door.post(sent(a.opened())) for _ in range(4)]
    assert [answer.status_code for answer in answers][:3] != [429] * 3
    document = problem(answers[3], 429, "too-many-requests")
    assert int(answers[3].headers["retry-after"]) >= 1, document
    other = sent(a.opened(), org=a.OTHER_OPERATOR, case=a.OTHER_CASE)
    assert (await door.post(other, door.who(org=a.OTHER_OPERATOR))).status_code == 202


async def test_what_became_of_an_event(door: Doors) -> None:
    await door.open_the_case()
    strategy = sent(a.strategy(2), id="second")
    taken = (await door.post(strategy)).json()
    params = {"source": f"/{a.OPERATOR}", "id": "second"}
    traced = (await door.look("/v1/events", params=params)).json()
    assert (traced["answer"], traced["published"], traced["routing"]) == (taken, False, [])
    await door.tell(a.a_handoff(), cause=taken["events"][0])
    async with door.database.transaction() as conn:
        await conn.execute("insert into relay_cursor select 'log', max(txid::text::bigint)::text::xid8, 1000 from log")
    traced = (await door.look("/v1/events", params=params)).json()
    assert traced["published"] is True
    assert [(each["type"], each["handoff"]) for each in traced["routing"]] == [
        ("org.relais.handoff.proposed.v1", a.handoff())
    ]
    other = door.who(org=a.OTHER_OPERATOR)
    problem(await door.look("/v1/events", other, params=params), 404, "unknown-event")
    problem(await door.look("/v1/events", params={"source": "/x"}), 422, "invalid")


async def test_what_could_not_be_stored_in_time_is_503_and_sending_it_again_tells(
    postgres: str, tmp_path: Path
) -> None:
    await migrate(postgres, "intake", "relais_intake")
    async with Database(postgres, "intake") as database, doors(database, tmp_path, patience=0.3) as door:
        async with database.transaction() as conn:
            await conn.execute("lock table inbox in access exclusive mode")
            answer = await door.post(sent(a.opened(), id="slow"))
            problem(answer, 503, "unavailable")
            assert int(answer.headers["retry-after"]) >= 1
            problem(await door.batch([sent(a.clarified())]), 503, "unavailable")
        again = await door.post(sent(a.opened(), id="slow"))
        assert again.status_code in (200, 202)
        assert len(await door.rows("select * from log")) == 1
