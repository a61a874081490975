"""What the log says of a stored decision: the event that seals it, beside the row and the record that are kept.

`replays` asks it. The events are out, so nothing that somebody does to the table of decisions goes unseen here: a
record changed, put into another row, taken away. It makes no decision again and changes nothing.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson

from relais_chassis.postgres import Connection
from relais_contracts.handoffs import HandoffProposed, StepUnmet
from relais_routing.matching.seal import digest

TOGETHER: Final = 200
SEALING: Final = (HandoffProposed.TYPE, StepUnmet.TYPE)
"""The events that carry the digest of a decision record."""
_WITHOUT: Final = f"""
select stream, version, data from log l
where (stream, version) > ($3, $4) and stream like 'chain/%' and type = any($5)
and ($1::timestamptz is null or time >= $1) and ($2::timestamptz is null or time < $2)
and not exists (
    select from decision d where d.case_id = substr(l.stream, 7) and d.version = l.version and d.at = l.time
)
order by stream, version limit {TOGETHER}
"""


class Kept(NamedTuple):
    """A stored decision, and the event of its case's chain that its `version` names; none: there is none."""

    id: str
    case_id: str
    step: str
    at: datetime
    version: int | None
    directory: int
    record: bytes
    type: str | None
    time: datetime | None
    event: bytes | None


def unlike_its_event(kept: Kept) -> Iterator[str]:
    """How a decision differs from what its event seals; nothing where it names no event (made before events did)."""
    if kept.version is None:
        return
    sealed = _sealed(kept.event) if kept.type in SEALING else None
    if kept.event is None or sealed is None:
        yield f"the log has no event {kept.version} of this case that seals a decision"
        return
    if sealed["record"] != digest(kept.record):
        yield "the record is not the one that the event in the log seals"
    if sealed.get("decision") != kept.id:
        yield f"the event in the log seals decision {sealed.get('decision')}"
    if sealed.get("step") != kept.step:
        yield f"the event in the log is of step {sealed.get('step')}, the decision is kept for {kept.step}"
    if kept.time != kept.at:
        yield f"the event in the log is of {kept.time}, the decision is kept as of {kept.at}"


def unlike_its_row(kept: Kept, record: Mapping[str, Any]) -> Iterator[str]:
    """Where a record is of another case, step or directory than the row it lies in."""
    said = record["request"]["case"], record["request"]["step"], record["directory"]
    there = kept.case_id, kept.step, kept.directory
    for name, one, other in zip(("case", "step", "directory"), said, there, strict=True):
        if one != other:
            yield f"the record is of {name} {one}, the decision is kept for {other}"


async def without_decision(
    conn: Connection, since: datetime | None, until: datetime | None
) -> AsyncIterator[tuple[str, str]]:
    """The decisions that events of this time seal and that are not kept with them; each with the event's id."""
    after: tuple[str, int] = ("", 0)
    while rows := await conn.fetch(_WITHOUT, since, until, *after, SEALING):
        for row in rows:
            after = row["stream"], row["version"]
            sealed = _sealed(row["data"])
            if sealed is not None:
                yield str(sealed.get("decision")), f"{row['stream']}/{row['version']}"


def _sealed(event: bytes | None) -> dict[str, Any] | None:
    """What an event says, where it carries a digest; events of old carry none."""
    said = orjson.loads(event) if event else {}
    return said if said.get("record") else None
