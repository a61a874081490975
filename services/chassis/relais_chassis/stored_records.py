"""Kafka records as rows: original bytes and headers, to the bit.

Parking and dead letters store them, resuming gives them back to the reader they came from. Nothing is interpreted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from relais_chassis.kafka import Record


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record out of a table; looks like the one that Kafka delivered."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]

    @classmethod
    def of_row(
        cls,
        topic: str,
        partition: int,
        offset: int,
        timestamp: int,
        key: bytes | None,
        value: bytes | None,
        headers: str,
    ) -> "StoredRecord":
        """From the columns named in `COLUMNS`, in their order."""
        return cls(topic, partition, offset, timestamp, key, value, read_headers(headers))


COLUMNS = 'topic, partition, "offset", timestamp, key, value, headers'


def write_headers(headers: Sequence[tuple[str, bytes]]) -> str:
    """Headers as JSON text; latin-1 gives every byte back."""
    return orjson.dumps([(name, (value or b"").decode("latin-1")) for name, value in headers]).decode()


def read_headers(text: str) -> tuple[tuple[str, bytes], ...]:
    """The same headers again."""
    return tuple((name, value.encode("latin-1")) for name, value in orjson.loads(text))


def columns_of(records: Sequence[Record]) -> tuple[list[object], ...]:
    """Records as columns for `unnest`, in the order of `COLUMNS`."""
    return (
        [record.topic for record in records],
        [record.partition for record in records],
        [record.offset for record in records],
        [record.timestamp for record in records],
        [record.key for record in records],
        [record.value for record in records],
        [write_headers(record.headers) for record in records],
    )
