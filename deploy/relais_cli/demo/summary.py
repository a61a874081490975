"""The day in figures, from the logs of the three services, the broker and what the actors were told; it must add up.

Reads only. Three independent counts stand behind each equality: the world's, PostgreSQL's and Kafka's.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
from aiokafka import AIOKafkaConsumer

from relais_cli.demo.doors import Doors
from relais_cli.demo.partners import Partners
from relais_contracts.codec import from_kafka
from relais_contracts.topics import TOPICS

_COUNTS: Final = """
select
  (select count(*) from notifications.board_case) as cases,
  (select count(*) from notifications.board_case where masked) as masked,
  (select count(*) from intake.log) as events_logged,
  (select count(*) from routing.log where type = 'org.relais.handoff.proposed.v1') as handoffs_opened,
  (select count(*) from routing.log where type = any($1::text[])) as handoffs_ended,
  (select count(*) from notifications.board_item where kind = 'handoff' and ended is null) as handoffs_open,
  (select count(*) from notifications.board_item where kind = 'step' and list = 'unmet') as unmet,
  (select owed from notifications.delivery_count) as webhooks_owed,
  (select delivered from notifications.delivery_count) as webhooks_delivered,
  (select pending from notifications.delivery_count) as webhooks_pending,
  (select abandoned from notifications.delivery_count) as webhooks_abandoned
"""
_OWNERS: Final = """
select owner, count(*) from notifications.board_item where kind = 'handoff' and ended is null
group by owner order by owner
"""
_STORY: Final = """
select 'accepted' as what, count(*) from routing.log where type = 'org.relais.handoff.accepted.v1'
union all select 'declined, with a reason', count(*) from routing.log where type = 'org.relais.handoff.declined.v1'
union all select 'lapsed: the partner kept silent', count(*) from routing.log
    where type = 'org.relais.handoff.lapsed.v1'
union all select 'replaced by a plan B', count(*) from notifications.board_item where kind = 'handoff' and attempt > 1
union all select 'steps done', count(*) from routing.log where type = 'org.relais.step.done.v1'
union all select 'chains done', count(*) from routing.log where type = 'org.relais.chain.done.v1'
union all select 'contacts read by the accepting partner', count(*) from intake.log
    where type = 'org.relais.case.contact-disclosed.v1'
union all select 'unmet: ' || reason, count(*) from notifications.board_item
    where kind = 'step' and list = 'unmet' group by reason
"""
_IDS: Final = "select stream || '/' || version from {schema}.log where topic is not null"
ENDED: Final = [f"org.relais.handoff.{end}.v1" for end in ("declined", "lapsed", "cancelled", "completed")]


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures, what happened, who holds what is open, and every equality that does not hold."""

    figures: dict[str, Any]
    story: dict[str, int]
    owners: dict[str, int]
    wrong: list[str]


async def summarise(
    postgres: str, kafka: str, prefix: str, doors: Doors, partners: Partners, seconds: float
) -> Summary:
    """Count everything: in the database, on the topics, and as the actors were told."""
    on_topics = await published(kafka, prefix)
    conn = await asyncpg.connect(postgres)
    try:
        figures: dict[str, Any] = dict(await conn.fetchrow(_COUNTS, ENDED))
        story = dict(await conn.fetch(_STORY))
        owners = dict(await conn.fetch(_OWNERS))
        logged = {row[0] for schema in ("intake", "routing") for row in await conn.fetch(_IDS.format(schema=schema))}
        heard = {row[0] for row in await conn.fetch("select stream || '/' || sequence from notifications.mark")}
        ends = {
            row[0] for row in await conn.fetch(_last_of("chain", "routing") + " union " + _last_of("case", "intake"))
        }
    finally:
        await conn.close()
    own = {topic.name for topic in TOPICS if topic.writer == "intake"}
    figures["events_accepted"] = doors.accepted
    figures["events_published"] = sum(len(ids) for topic, ids in on_topics.items() if topic in own)
    everything: Counter[str] = sum(on_topics.values(), Counter())
    figures["lost"] = len(logged - everything.keys()) + len(ends - heard)
    figures["doubled"] = sum(everything.values()) - len(everything)
    figures["seconds"] = round(seconds, 1)
    story["webhooks refused while a partner was down"] = partners.refused_while_down
    return Summary(figures, story, owners, list(_wrong(figures, partners.received)))


def _last_of(prefix: str, schema: str) -> str:
    return f"select stream || '/' || max(version) from {schema}.log where stream like '{prefix}/%' group by stream"


def _wrong(of: dict[str, Any], received: Counter[str]) -> list[str]:
    equalities = [
        ("events accepted = events in the log", of["events_accepted"], of["events_logged"]),
        ("events in the log = events published", of["events_logged"], of["events_published"]),
        ("hand-offs opened = ended + open", of["handoffs_opened"], of["handoffs_ended"] + of["handoffs_open"]),
        (
            "webhooks owed = delivered + pending + abandoned",
            of["webhooks_owed"],
            of["webhooks_delivered"] + of["webhooks_pending"] + of["webhooks_abandoned"],
        ),
        ("webhooks delivered = webhooks that partners received", of["webhooks_delivered"], len(received)),
        ("lost", of["lost"], 0),
        ("doubled", of["doubled"], 0),
    ]
    return [f"{name}: {left} is not {right}" for name, left, right in equalities if left != right]


async def published(kafka: str, prefix: str) -> dict[str, Counter[str]]:
    """How often each event id stands on each topic."""
    consumer = AIOKafkaConsumer(
        *(topic.name for topic in TOPICS), bootstrap_servers=kafka, auto_offset_reset="earliest"
    )
    await consumer.start()
    found: dict[str, Counter[str]] = {topic.name: Counter() for topic in TOPICS}
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        while any([await consumer.position(part) < end for part, end in ends.items()]):
            for part, records in (await asyncio.wait_for(consumer.getmany(timeout_ms=500), 30)).items():
                for record in records:
                    found[part.topic.removeprefix(prefix)][from_kafka(record.headers, record.value).id] += 1
    finally:
        await consumer.stop()
    return found
