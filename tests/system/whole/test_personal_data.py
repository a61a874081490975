"""What a person says of itself stays in intake, sealed: it is looked for everywhere else after a whole run.

Names, numbers and notes are chosen so that nothing else looks like them. Where they may not be: any record of any
topic, any column of any table, any line of any log, any metric.
"""

import json
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

import builders as a
from relais_contracts.cases import CaseErased, Contact
from relais_contracts.codec import STRUCTURED
from system.whole.world import Scene, World, event

NAME: Final = "Zébuline Quartzique"
PHONE: Final = "+33 6 01 23 45 67 89"
EMAIL: Final = "zebuline.quartzique@courriel.example"
NOTE: Final = "allergique aux pissenlits violets"
OTHER: Final = "préfère les girafes mauves"
SECRETS: Final = (NAME, "Quartzique", PHONE, EMAIL, "quartzique@", NOTE, "pissenlits violets", OTHER, "girafes mauves")
CONTACT: Final = Contact(name=NAME, phone=PHONE, email=EMAIL, preferred="phone")


def forms(text: str) -> set[bytes]:
    """A text as it might stand somewhere: plain, escaped as JSON does, as a bytea's hex, quoted for a URL."""
    utf8 = text.encode()
    escaped = json.dumps(text)[1:-1].encode()
    return {utf8, escaped, utf8.hex().encode(), escaped.hex().encode(), str(httpx.QueryParams({"": text}))[1:].encode()}


NEEDLES: Final = {form: text for text in SECRETS for form in forms(text)}


def found_in(where: str, content: bytes) -> list[str]:
    """Every secret that stands there."""
    return [f"{text!r} in {where}" for form, text in NEEDLES.items() if form in content]


async def a_whole_run(scene: Scene) -> None:
    """A person's whole way: taken in, shown, noted, declined, refused, failed, closed, and one of them erased."""
    partner, second = await scene.partner("first"), await scene.partner("second")
    case = await scene.case(scene.step("one", f"{partner}.o", f"{second}.o"), opened={"contact": CONTACT})
    first = (await scene.told(partner, "handoff.proposed", case))["handoff"]
    await scene.act(partner, first, "decline", reason="other", caused_by="person", note=OTHER)
    handoff = (await scene.told(second, "handoff.proposed", case))["handoff"]
    who = scene.world.who("partner", second)
    await scene.act(second, handoff, "accept")
    await scene.act(second, handoff, "note", note=NOTE)
    await scene.told(second, "handoff.noted", case)
    shown = await scene.world.ask("intake", "GET", f"/v1/handoffs/{handoff}/contact", who)
    assert (shown.json()["name"], shown.json()["email"]) == (NAME, EMAIL), "else nothing is proved by its absence"
    (kept,) = await scene.world.rows("select id from intake.note where handoff = $1", handoff)
    read = await scene.world.ask("intake", "GET", f"/v1/handoffs/{handoff}/texts/{kept['id']}", who)
    assert read.json()["text"] == NOTE
    await wrong_input(scene, second, handoff)
    await scene.act(second, handoff, "complete", outcome="achieved", note=NOTE)
    await scene.operator_told("chain.done", case)
    erased = await scene.case(opened={"contact": CONTACT})
    await scene.say(erased, CaseErased(reason="à sa demande"))


async def wrong_input(scene: Scene, partner: str, handoff: str) -> None:
    """The same words in everything that is refused: none of it may be repeated, remembered or logged."""
    operator, said = scene.world.who("operator", scene.operator), CONTACT.model_dump()
    opening = event(a.opened(commune=scene.commune), str(uuid4()), scene.operator)
    for data in (
        {"contact": {**said, "preferred": NAME}},
        {"contact": {**said, "name": NAME * 20}},
        {"contact": NAME},
        {"situation": NOTE},
        {"commune": PHONE, "contact": said},
        {"audiences": [NAME]},
    ):
        answer = await scene.world.post({**opening, "data": {**opening["data"], **data}}, operator)
        assert answer.status_code == 422
        assert found_in("the answer", answer.content) == []
    for body in (f'{{"name": "{NAME}",'.encode(), f'{{"contact": {{"name": "{NAME}"}}}}'.encode(), NAME.encode()):
        answer = await scene.world.post(body, operator)
        assert (answer.status_code, found_in("the answer", answer.content)) == (422, [])
    answer = await scene.world.post(opening, operator, f"text/{EMAIL}")
    assert (answer.status_code, found_in("the answer", answer.content)) == (415, [])
    path, who = f"/v1/handoffs/{handoff}/actions", scene.world.who("partner", partner)
    for given in (
        {"action": "decline", "reason": NOTE, "caused_by": "person"},
        {"action": "note", "note": NOTE * 100},
        {"action": "confirm-cancellation", "note": NOTE},
        {"action": "note", "note": NOTE, "colour": NAME},
    ):
        answer = await scene.world.ask("intake", "POST", path, who, json={"id": str(uuid4()), **given})
        assert answer.status_code in (409, 422)
        assert found_in("the answer", answer.content) == []


async def a_fault(scene: Scene) -> None:
    """What cannot be stored at all is logged as a fault, without what it was about."""
    database, case = scene.world.database, str(uuid4())
    await database.execute(f"alter table intake.contact add constraint broken check (\"case\" <> '{case}') not valid")
    try:
        opening = event(a.opened(commune=scene.commune, contact=CONTACT), case, scene.operator)
        answer = await scene.world.post(opening, scene.world.who("operator", scene.operator), STRUCTURED)
        assert (answer.status_code, found_in("the answer", answer.content)) == (500, [])
    finally:
        await database.execute("alter table intake.contact drop constraint broken")


async def on_topics(world: World) -> list[str]:
    """Secrets in keys, headers and values of every record of every topic of this stack."""
    consumer = AIOKafkaConsumer(bootstrap_servers=world.stack.kafka)
    await consumer.start()
    found, seen = list[str](), 0
    try:
        topics = [topic for topic in await consumer.topics() if topic.startswith(world.stack.prefix)]
        consumer.subscribe(topics)
        await consumer.getmany(timeout_ms=100)
        partitions = [
            TopicPartition(topic, number) for topic in topics for number in consumer.partitions_for_topic(topic) or ()
        ]
        consumer.unsubscribe()
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        for partition, end in (await consumer.end_offsets(partitions)).items():
            while await consumer.position(partition) < end:
                for record in (await consumer.getmany(partition, timeout_ms=500)).get(partition, ()):
                    parts = [record.key or b"", record.value or b"", *(value for _, value in record.headers)]
                    found += found_in(f"{partition.topic} at {record.offset}", b"\n".join(parts))
                    seen += 1
    finally:
        await consumer.stop()
    assert seen > 20, "else nothing was looked at"
    return found


async def in_tables(world: World) -> list[str]:
    """Secrets in any row of any table of any schema; a row as text shows bytea as hex."""
    found = []
    tables = await world.rows(
        "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
        " and table_schema not in ('pg_catalog', 'information_schema')"
    )
    assert {"intake", "routing", "notifications"} <= {table["table_schema"] for table in tables}
    for schema, name in tables:
        rows = await world.rows(f'select found::text as row from "{schema}"."{name}" as found')
        found += found_in(f"{schema}.{name}", "\n".join(row["row"] for row in rows).encode())
    return found


async def in_logs_and_metrics(world: World) -> list[str]:
    """Secrets in any log of the stack's folder, and in what the services tell about themselves."""
    found = []
    logs = [file for file in Path(world.stack.logs).iterdir() if file.is_file()]
    assert {"intake.log", "routing.log", "notifications.log"} <= {file.name for file in logs}
    for file in logs:
        found += found_in(file.name, file.read_bytes())
    for service in ("intake", "routing", "notifications"):
        for path in ("/metrics", "/ready"):
            found += found_in(f"{service}{path}", (await world.ask(service, "GET", path)).content)
    return found


async def shown_to(scene: Scene) -> list[str]:
    """Secrets in what is told to the two ends and to coordinators."""
    found, whos = list[str](), {"operator": scene.operator, "coordinator": "c", "partner": f"second-{scene.name}"}
    for role, org in whos.items():
        who = scene.world.who(role, org, ("departement:71",))
        for path in ("/v1/feed?limit=1000", "/v1/board/worklists/ended", "/v1/board/worklists/open"):
            answer = await scene.world.ask("notifications", "GET", path, who)
            assert answer.status_code == 200
            found += found_in(f"{path} of {role}", answer.content)
    return found


async def written_for_certain(scene: Scene) -> None:
    """The needles would be found: a contact in clear, put into a table, is."""
    await scene.world.database.execute("create table public.clear (contact bytea, name text)")
    try:
        query = "insert into public.clear values ($1, $2)"
        await scene.world.database.execute(query, json.dumps({"email": EMAIL}).encode(), NAME)
        assert {each.split(" in ")[0] for each in await in_tables(scene.world)} >= {repr(EMAIL), repr(NAME)}
    finally:
        await scene.world.database.execute("drop table public.clear")


@pytest.mark.timeout(180)
async def test_a_person_is_nowhere_but_in_intakes_sealed_tables(scene: Scene) -> None:
    await a_whole_run(scene)
    await a_fault(scene)
    found: list[Any] = [
        *await on_topics(scene.world),
        *await in_tables(scene.world),
        *await in_logs_and_metrics(scene.world),
        *await shown_to(scene),
    ]
    assert found == []
    await written_for_certain(scene)
