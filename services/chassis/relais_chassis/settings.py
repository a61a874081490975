"""What every service can be told from outside, by environment variables named RELAIS_*.

Read once at the start; each service adds its own fields. Never reads a file by itself and never shows a secret."""

from collections.abc import Iterable

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from relais_chassis.kafka import Kafka, Mechanisms, Protocols
from relais_chassis.reading import Subscription


class Settings(BaseSettings):
    """The settings common to all services."""

    model_config = SettingsConfigDict(env_prefix="RELAIS_", extra="ignore", frozen=True)

    kafka: str = "127.0.0.1:9092"
    kafka_protocol: Protocols = "PLAINTEXT"
    kafka_mechanism: Mechanisms = "SCRAM-SHA-512"
    kafka_username: str | None = None
    kafka_password: SecretStr | None = None
    kafka_cafile: str | None = None
    topic_prefix: str = ""

    postgres: str = "postgresql://postgres@127.0.0.1:5432/relais"
    pool_min: int = 2
    pool_max: int = 10

    jwks: str = ".relais/jwks.json"

    host: str = "127.0.0.1"
    port: int = 0
    log_level: str = "INFO"
    instance: str | None = None
    stop_within: float = 20.0
    stalled_after: float = 60.0

    @property
    def broker(self) -> Kafka:
        """Where Kafka is, ready for readers and relay."""
        return Kafka(
            servers=self.kafka,
            protocol=self.kafka_protocol,
            mechanism=self.kafka_mechanism,
            username=self.kafka_username,
            password=self.kafka_password.get_secret_value() if self.kafka_password else None,
            cafile=self.kafka_cafile,
        )

    def subscription(self, topics: Iterable[str], group: str, max_batch: int = 500) -> Subscription:
        """Topics and a group by their plain names, as this deployment calls and reads them."""
        return Subscription(
            [self.topic_prefix + topic for topic in topics],
            self.topic_prefix + group,
            self.broker,
            max_batch=max_batch,
            instance=self.instance,
            stalled_after=self.stalled_after,
            stop_within=self.stop_within,
        )
