"""The registry of topics: the only place where a topic is named.

`relais topics create` makes them, ACLs and AsyncAPI are generated from it. It opens no connection.
"""

from dataclasses import dataclass
from typing import Final, Literal

from relais_contracts.envelope import PREFIX

Service = Literal["intake", "routing", "notifications"]
PARTITIONS: Final = 8
DAY: Final = 86_400_000
"""Milliseconds."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: who writes it (one service), who reads it, which streams it holds, how long it keeps them."""

    name: str
    description: str
    writer: Service
    readers: tuple[Service, ...]
    streams: tuple[str, ...]
    subjects: tuple[str, ...]
    keep_days: int | None
    partitions: int = PARTITIONS

    @property
    def compacted(self) -> bool:
        """Whether only the last event of a stream is kept."""
        return self.keep_days is None

    @property
    def config(self) -> dict[str, str]:
        """The broker's settings for it."""
        if self.keep_days is None:
            return {"cleanup.policy": "compact"}
        return {"cleanup.policy": "delete", "retention.ms": str(self.keep_days * DAY)}


CASES: Final = Topic(
    "relais.cases",
    "Cases, stages, strategies and consents, as operators send them.",
    writer="intake",
    readers=("routing", "notifications"),
    streams=("case",),
    subjects=("case",),
    keep_days=90,
)
ACTIONS: Final = Topic(
    "relais.actions",
    "What partners, operators and coordinators ask of a hand-off.",
    writer="intake",
    readers=("routing",),
    streams=("actions",),
    subjects=("action",),
    keep_days=90,
)
DIRECTORY: Final = Topic(
    "relais.directory",
    "Organisations, offers, places and closures; the last word of each.",
    writer="intake",
    readers=("routing", "notifications"),
    streams=("partner", "offer", "places", "closure"),
    subjects=("partner", "offer", "places", "closure"),
    keep_days=None,
)
HANDOFFS: Final = Topic(
    "relais.handoffs",
    "Hand-offs, unmet needs, ends of chains, the draw's commitments, places asked for, alarms of impartiality.",
    writer="routing",
    readers=("intake", "notifications"),
    streams=("chain", "draw", "demand", "impartiality"),
    subjects=("handoff", "step", "chain", "draw", "demand", "impartiality"),
    keep_days=90,
)
TOPICS: Final = (CASES, ACTIONS, DIRECTORY, HANDOFFS)

_BY_SUBJECT: Final = {subject: topic for topic in TOPICS for subject in topic.subjects}
_BY_STREAM: Final = {stream: topic for topic in TOPICS for stream in topic.streams}


def topic_of(event_type: str) -> Topic:
    """The topic an event type travels on; KeyError for a type that is not ours."""
    return _BY_SUBJECT[event_type.removeprefix(PREFIX).partition(".")[0]]


def topic_of_stream(stream: str) -> Topic:
    """The topic a stream such as `case/<id>` lives on; KeyError for an unknown kind."""
    return _BY_STREAM[stream.partition("/")[0]]


def dead_letter_topic(topic: str, consumer: str) -> str:
    """Where a consumer puts what it could not apply; kept 30 days."""
    return f"{topic}.dlq.{consumer}"


def dead_letter_topics() -> tuple[Topic, ...]:
    """One dead-letter topic per topic and reader."""
    return tuple(
        Topic(
            dead_letter_topic(topic.name, reader),
            f"Records of {topic.name} that {reader} could not apply.",
            writer=reader,
            readers=(),
            streams=(),
            subjects=(),
            keep_days=30,
            partitions=1,
        )
        for topic in TOPICS
        for reader in topic.readers
    )
