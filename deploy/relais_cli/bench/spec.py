"""What a measurement is told by the process that starts it, and where it puts its answer.

Handed over as a file. It knows no variant's inside.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from relais_chassis.kafka import Kafka


@dataclass(frozen=True, slots=True)
class Spec:
    """One measurement of one variant."""

    variant: str
    servers: str
    dsn: str
    prefix: str
    """Before the names of the topics that are read."""
    out: str
    """Before the name of the topic that is written, and of the consumer group: nobody else's."""
    ends: list[tuple[str, int, int]]
    """Topic, partition, number of records."""
    events: int
    """How many a complete run publishes."""
    limit: int
    """The slow variants do only the first so many messages."""

    @property
    def kafka(self) -> Kafka:
        """The broker."""
        return Kafka(self.servers)

    @property
    def topics(self) -> list[str]:
        """What is read."""
        return sorted({topic for topic, _, _ in self.ends})

    @classmethod
    def load(cls, path: Path) -> Self:
        """Take it."""
        given = json.loads(path.read_text())
        return cls(**{**given, "ends": [tuple(end) for end in given["ends"]]})
