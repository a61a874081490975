"""Where Kafka is and how to be let in: one set of settings for readers, relay and tools.

Stands before every connection to a broker. Never sends or reads a record itself."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import structlog
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.helpers import create_ssl_context

log = structlog.get_logger(__name__)

Protocols = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanisms = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


class Record(Protocol):
    """A record as it was read; aiokafka's own record satisfies this without a copy."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int:
        """Milliseconds since 1970, as the writer said."""
        ...

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


@dataclass(frozen=True, slots=True, repr=False)
class Kafka:
    """Addresses and credentials of one cluster; its repr shows no credential."""

    servers: str
    protocol: Protocols = "PLAINTEXT"
    mechanism: Mechanisms = "SCRAM-SHA-512"
    username: str | None = None
    password: str | None = None
    cafile: str | None = None

    def __repr__(self) -> str:
        return f"Kafka({self.servers}, {self.protocol})"

    def client(self, name: str) -> dict[str, Any]:
        """Keyword arguments that every aiokafka client takes."""
        access: dict[str, Any] = {
            "bootstrap_servers": self.servers.split(","),
            "client_id": name,
            "security_protocol": self.protocol,
        }
        if self.protocol.endswith("SSL"):
            access["ssl_context"] = create_ssl_context(cafile=self.cafile)
        if self.protocol.startswith("SASL"):
            access["sasl_mechanism"] = self.mechanism
            access["sasl_plain_username"] = self.username
            access["sasl_plain_password"] = self.password
        return access


async def wait_until_up(kafka: Kafka, topics: Iterable[str] = ()) -> None:
    """Return once the broker answers and has every topic; try again with back-off for as long as it takes."""
    pause = 0.1
    while missing := await _what_is_missing(kafka, sorted(topics)):
        log.warning("waiting for kafka", servers=kafka.servers, missing=missing)
        await asyncio.sleep(pause)
        pause = min(pause * 2, 5.0)


async def _what_is_missing(kafka: Kafka, topics: list[str]) -> list[str]:
    admin = AIOKafkaAdminClient(request_timeout_ms=5000, **kafka.client("relais-wait"))
    try:
        await admin.start()
        described = await admin.describe_topics(topics) if topics else []
        there = {each["topic"] for each in described if not each["error_code"]}
        return [topic for topic in topics if topic not in there]
    except (KafkaError, OSError, TimeoutError) as failure:
        return [type(failure).__name__]
    finally:
        await admin.close()
