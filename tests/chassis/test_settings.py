"""Settings come from the environment, and no credential shows where settings are printed."""

import pytest

from relais_chassis.kafka import Kafka
from relais_chassis.settings import Settings


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAIS_KAFKA", "a:1,b:2")
    monkeypatch.setenv("RELAIS_KAFKA_PROTOCOL", "SASL_PLAINTEXT")
    monkeypatch.setenv("RELAIS_KAFKA_USERNAME", "routing")
    monkeypatch.setenv("RELAIS_KAFKA_PASSWORD", "geheim")
    settings = Settings()
    client = settings.broker.client("routing")
    assert client == {
        "bootstrap_servers": ["a:1", "b:2"],
        "client_id": "routing",
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "routing",
        "sasl_plain_password": "geheim",
    }
    assert "geheim" not in repr(settings)
    assert "geheim" not in repr(settings.broker)


def test_tls_is_made_when_asked_for() -> None:
    assert "ssl_context" in Kafka("a:1", protocol="SSL").client("x")
    assert "ssl_context" in Kafka("a:1", protocol="SASL_SSL").client("x")
    assert "ssl_context" not in Kafka("a:1").client("x")
