"""A time counts only when the result is whole: what is missing, doubled or different is told before any figure.

On the real broker and database, with a backlog of a few cases.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import asyncpg
import pytest

from relais_chassis import clock
from relais_chassis.event_log import EventLog
from relais_chassis.kafka import Kafka
from relais_chassis.postgres import Database
from relais_chassis.publisher import Message
from relais_chassis.records import RecordHandler
from relais_chassis.stored_records import StoredRecord
from relais_chassis.transact import Transactor
from relais_cli.bench import backlog, published
from relais_cli.bench.backlog import Backlog
from relais_cli.bench.ground import SCHEMA, Ground
from relais_cli.bench.wrong import Wrong
from relais_contracts.topics import HANDOFFS
from relais_routing.chain.policy import Policy
from relais_routing.model import RoutingModel
from relais_routing.stream import asks
from servers import Servers

POLICY = Policy.read()
NOW = clock.now()


@pytest.fixture(scope="module")
def work() -> Backlog:
    return backlog.make(6, 120, POLICY, NOW)


@pytest.fixture
async def routed(stack: Servers, work: Backlog) -> AsyncIterator[tuple[Ground, str]]:
    """A ground, and a database on which routing has done all its work."""
    template = f"bench_{uuid4().hex[:12]}"
    ground = Ground(stack.postgres, template)
    await ground.prepare(work, POLICY)
    async with ground.fresh(f"{template}_1") as dsn:
        await route(dsn, work)
        yield ground, dsn
    admin = await asyncpg.connect(stack.postgres)
    await admin.execute(f"drop database {template}")
    await admin.close()


async def route(dsn: str, work: Backlog) -> None:
    async with Database(dsn, SCHEMA) as database:
        transactor = Transactor(database, EventLog("/relais/routing"), RoutingModel(POLICY))
        handler = RecordHandler(transactor, asks)
        records = [
            StoredRecord(each.topic, 0, offset, each.timestamp, each.key, each.value, tuple(each.headers))
            for offset, each in enumerate(work.timed)
        ]
        for start in range(0, len(records), 40):
            await handler(records[start : start + 40])


async def change(dsn: str, statement: str) -> None:
    conn = await asyncpg.connect(dsn, server_settings={"search_path": SCHEMA})
    await conn.execute(statement)
    await conn.close()


async def test_routing_on_the_database_says_what_was_rehearsed(routed: tuple[Ground, str], work: Backlog) -> None:
    ground, dsn = routed
    await ground.check(dsn, work.routed)
    assert len(work.routed.ids) > len(work.timed) / 3


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("delete from log where position = (select max(position) from log)", "events were stored"),
        (
            "insert into log (stream, version, topic, type, subject, time, data) "
            "select stream, version + 1000, topic, type, subject, time, data from log order by position desc limit 1",
            "events were stored",
        ),
        (
            "update log set stream = 'chain/x' where position = (select max(position) from log)",
            "not those expected",
        ),
        ("update mark set sequence = sequence - 1 where stream like 'actions/%'", "not applied to their end"),
        (
            "insert into parked select 's', 1, 't', 0, 0, 0, null, null, '[]', 'poison', now()",
            "parked",
        ),
    ],
    ids=["lost", "doubled", "different", "behind", "parked"],
)
async def test_a_result_that_is_not_whole_is_told(
    routed: tuple[Ground, str], work: Backlog, statement: str, what: str
) -> None:
    ground, dsn = routed
    await change(dsn, statement)
    with pytest.raises(Wrong, match=what):
        await ground.check(dsn, work.routed)


async def test_a_message_published_twice_is_told(
    stack: Servers, topics: Callable[..., Awaitable[list[str]]], topic_prefix: str, work: Backlog
) -> None:
    kafka = Kafka(stack.kafka)
    await topics(topic_prefix, HANDOFFS.name)
    sent = [replace_topic(each) for each in work.timed[:30]]
    ids = frozenset(dict(each.headers)["ce_id"].decode() for each in sent)
    await published.send(kafka, topic_prefix, sent)
    await published.check(kafka, topic_prefix, ids, 30)
    with pytest.raises(Wrong, match="not those expected"):
        await published.check(kafka, topic_prefix, ids - {min(ids)}, 30)
    await published.send(kafka, topic_prefix, sent[:1])
    with pytest.raises(Wrong, match="31 messages were published"):
        await published.check(kafka, topic_prefix, ids, 30)


def replace_topic(message: Message) -> Message:
    return message._replace(topic=HANDOFFS.name)


def test_the_backlog_is_the_same_each_time(work: Backlog) -> None:
    again = backlog.make(6, 120, POLICY, NOW)
    assert again.routed.ids == work.routed.ids
    assert again.routed.digest == work.routed.digest
    assert [each.key for each in again.timed] == [each.key for each in work.timed]
