"""The backlog that every variant of `bench routing` works off, and what it has to leave behind.

Wave A: cases that routing knows already, whose partners act. Wave B: cases that arrive meanwhile. So that nothing hangs
on which topic is read first, no case is in both. It stores and sends nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any, Final

import orjson

from relais_chassis.publisher import Message
from relais_cli.bench.rehearsal import SECRET, Chain, Rehearsal
from relais_cli.bench.world import World
from relais_contracts.catalogue import dump
from relais_contracts.codec import to_kafka
from relais_contracts.directory import DirectoryPayload
from relais_contracts.envelope import CloudEvent, Payload
from relais_contracts.topics import topic_of
from relais_routing.chain.calendar import PARIS
from relais_routing.chain.policy import Policy
from relais_routing.matching.draw import Draw

MOMENT: Final = ("due", "since", "record")
"""Fields that hang on the moment of deciding, and the digest of the record, which names the directory's version and the
places taken until then: left out where logs are compared."""
TRACE: Final = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@dataclass(frozen=True, slots=True)
class Line:
    """An event of a log, as it is compared."""

    stream: str
    version: int
    type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Expected:
    """What has to be there afterwards: how far each stream read is applied, and the events that followed."""

    marks: dict[str, int]
    ids: frozenset[str]
    digest: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """`before`: routing knows it already. `timed`: what is worked off while the clock runs."""

    directory: Sequence[DirectoryPayload]
    draws: Sequence[Draw]
    before: Sequence[Message]
    timed: Sequence[Message]
    routed: Expected
    echoed: Expected


def make(cases: int, offers: int, policy: Policy, now: datetime) -> Backlog:
    """The backlog of `cases` known and as many new cases, for a directory of so many offers."""
    world, today = World(offers), now.astimezone(PARIS).date()
    days = [today, today + timedelta(days=1)]  # a run may cross midnight
    rehearsal = Rehearsal(list(world.directory), policy, now, days)
    known = [rehearsal.play(story) for story in world.stories(cases)]
    heads = {chain.story.case: len(chain.events) for chain in known}
    acted = [_lines(f"actions/{chain.story.case}", 1, rehearsal.act(chain)) for chain in known]
    new = [rehearsal.play(story) for story in world.stories(cases)]
    before, fresh = [_story(chain) for chain in known], [_story(chain) for chain in new]
    timed = list(_shuffled([*acted, *fresh]))
    follow = [line for chain in [*known, *new] for line in _said_since(chain, heads.get(chain.story.case, 0))]
    return Backlog(
        world.directory,
        [Draw(day, SECRET) for day in days],
        [message(line, now) for line in _shuffled(before)],
        [message(line, now) for line in timed],
        _expected(timed, follow),
        _expected(timed, list(_echo(timed))),
    )


def digest(lines: Iterable[Line]) -> str:
    """One hash over the lines of a log, whatever the order of its streams; without the moments of deciding."""
    texts = sorted((line.stream, line.version, line.type, _timeless(line.data)) for line in lines)
    return sha256(orjson.dumps(texts)).hexdigest()


def message(line: Line, at: datetime) -> Message:
    """The record of a line, as intake's relay publishes it."""
    subject = line.stream.partition("/")[2]
    event = CloudEvent(
        id=f"{line.stream}/{line.version}",
        source="/relais/intake",
        type=line.type,
        data=line.data,
        subject=subject,
        time=at,
        sequence=line.version,
        correlationid=subject,
        traceparent=TRACE,
    )
    headers, value = to_kafka(event)
    return Message(topic_of(line.type).name, line.stream.encode(), value, headers, int(at.timestamp() * 1000))


def _expected(read: Sequence[Line], follow: Sequence[Line]) -> Expected:
    marks: dict[str, int] = {}
    for line in read:
        marks[line.stream] = max(marks.get(line.stream, 0), line.version)
    return Expected(marks, frozenset(f"{line.stream}/{line.version}" for line in follow), digest(follow))


def _story(chain: Chain) -> list[Line]:
    return _lines(f"case/{chain.story.case}", 1, chain.story.events)


def _said_since(chain: Chain, head: int) -> list[Line]:
    return _lines(f"chain/{chain.story.case}", head + 1, chain.events[head:])


def _lines(stream: str, first: int, payloads: Sequence[Payload]) -> list[Line]:
    return [Line(stream, number, each.TYPE, dump(each)) for number, each in enumerate(payloads, first)]


def _shuffled(streams: Sequence[Sequence[Line]]) -> Iterator[Line]:
    """All lines in an order of chance that keeps each stream's own."""
    turns = [number for number, lines in enumerate(streams) for _ in lines]
    Random(3).shuffle(turns)
    left = [iter(lines) for lines in streams]
    return (next(left[number]) for number in turns)


def _echo(lines: Sequence[Line]) -> Iterator[Line]:
    """What the echo leaves behind: each message once more, on its case's stream of echoes."""
    counts: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        stream = f"echo/{line.stream.partition('/')[2]}"
        counts[stream] += 1
        yield Line(stream, counts[stream], line.type, line.data)


def _timeless(data: bytes) -> dict[str, Any]:
    return {name: value for name, value in orjson.loads(data).items() if name not in MOMENT}
