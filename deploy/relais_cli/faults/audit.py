"""What must be true after the storm, whoever was killed when: one line for each equality that does not hold.

Reads the databases and the topics only. A record may stand twice on a topic after a kill, with the same id; what
follows from it may not.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg

from relais_cli.demo.summary import ENDED, published
from relais_cli.stack import Stack

_BEHIND: Final = """
with said as (select stream, max(version) as version from intake.log group by stream),
     decided as (select stream, max(version) as version from routing.log group by stream)
select (select count(*) from said left join routing.mark m using (stream) where m.sequence is distinct from version)
     + (select count(*) from said left join notifications.mark m using (stream)
        where stream not like 'actions/%' and m.sequence is distinct from version)
     + (select count(*) from decided left join notifications.mark m using (stream)
        where m.sequence is distinct from version)
     + (select count(*) from decided left join intake.mark m using (stream) where m.sequence is distinct from version)
     + (select count(*) from notifications.delivery where state = 'pending')
     + abs((select count(*) from routing.log where type = 'org.relais.handoff.proposed.v1')
           - (select count(*) from intake.log where stream like 'actions/%'))
"""
_FIGURES: Final = """
select (select count(distinct stream) from intake.log where stream like 'case/%') as cases,
       (select count(*) from intake.log where stream like 'case/%' and type <> $2) as case_events,
       (select count(*) from intake.log where stream like 'actions/%') as actions,
       (select count(*) from routing.log where type = 'org.relais.handoff.proposed.v1') as handoffs_opened,
       (select count(*) from routing.log where type = any($1::text[])) as handoffs_ended,
       (select count(*) from notifications.board_item where kind = 'handoff' and ended is null) as handoffs_open,
       (select count(*) from notifications.board_item where kind = 'step' and list = 'unmet') as unmet,
       (select count(*) from notifications.delivery where state = 'delivered') as webhooks_delivered,
       (select count(*) from notifications.delivery) as webhooks_owed
"""
_NONE: Final = {
    "gaps in intake's streams": "select count(*) from (select stream from intake.log group by stream"
    " having max(version) <> count(*)) as gaps",
    "gaps in routing's streams": "select count(*) from (select stream from routing.log group by stream"
    " having max(version) <> count(*)) as gaps",
    "hand-offs proposed twice": "select count(*) from (select data from (select convert_from(data, 'UTF8')::json"
    " ->> 'handoff' as data from routing.log where type = 'org.relais.handoff.proposed.v1') as proposed"
    " group by data having count(*) > 1) as doubled",
    "events told twice": "select count(*) from (select event_id from notifications.feed group by event_id"
    " having count(*) > 1) as doubled",
    "webhooks owed twice": "select count(*) from (select 1 from notifications.delivery group by endpoint, event_id"
    " having count(*) > 1) as doubled",
    "streams parked": "select (select count(*) from intake.mark where parked) + (select count(*) from routing.mark"
    " where parked) + (select count(*) from notifications.mark where parked)",
    "dead letters": "select (select count(*) from intake.dead_letter) + (select count(*) from routing.dead_letter)"
    " + (select count(*) from notifications.dead_letter)",
    "cases whose events are not in order": "select count(*) from (select stream from intake.log where stream like"
    " 'case/%' group by stream having (array_agg(type order by version))[1:2] <>"
    " array['org.relais.case.opened.v1', 'org.relais.case.demand-clarified.v1']) as wrong",
}
DISCLOSED: Final = "org.relais.case.contact-disclosed.v1"
STAGES: Final = 6
"""Events of each case: four stages, its opening, its consent."""


@dataclass(slots=True)
class Result:
    """The figures, and every equality that does not hold."""

    figures: dict[str, Any]
    wrong: list[str] = field(default_factory=list)


async def quiet(stack: Stack, within: float) -> None:
    """Wait until all that was logged is taken and every proposal answered, and it stays so; TimeoutError otherwise."""
    conn = await asyncpg.connect(stack.superuser)
    until, calm = time.monotonic() + within, 0
    try:
        while calm < 3:
            if time.monotonic() > until:
                raise TimeoutError(f"not quiet after {within} s: {await conn.fetchval(_BEHIND)} things behind")
            calm = 0 if await conn.fetchval(_BEHIND) else calm + 1
            await asyncio.sleep(0.5)
    finally:
        await conn.close()


async def audit(stack: Stack, cases: int, accepted: int, received: dict[str, str]) -> Result:
    """Hold every count against the others."""
    conn = await asyncpg.connect(stack.superuser)
    try:
        figures: dict[str, Any] = dict(await conn.fetchrow(_FIGURES, ENDED, DISCLOSED))
        nothing = {name: await conn.fetchval(query) for name, query in _NONE.items()}
        logs = " union all ".join(f"select stream || '/' || version from {each}.log" for each in ("intake", "routing"))
        logged = {row[0] for row in await conn.fetch(logs)}
    finally:
        await conn.close()
    on_topics = await published(stack.kafka, stack.prefix)
    seen = {id for topic in on_topics.values() for id in topic}
    figures["records that stand twice on a topic, with the same id"] = sum(
        number - 1 for topic in on_topics.values() for number in topic.values()
    )
    equalities = [
        ("cases", figures["cases"], cases),
        ("events accepted", accepted, cases * STAGES),
        ("events in intake's log", figures["case_events"], accepted),
        ("proposals that were answered", figures["actions"], figures["handoffs_opened"]),
        ("events of the logs missing on the topics", len(logged - seen), 0),
        ("events on the topics that no log knows", len(seen - logged), 0),
        ("hand-offs ended + open", figures["handoffs_ended"] + figures["handoffs_open"], figures["handoffs_opened"]),
        ("webhooks delivered", figures["webhooks_delivered"], figures["webhooks_owed"]),
        ("events that arrived by webhook", len(set(received.values())), figures["webhooks_owed"]),
        *((name, number, 0) for name, number in nothing.items()),
    ]
    return Result(figures, [f"{name}: {left}, expected {right}" for name, left, right in equalities if left != right])
