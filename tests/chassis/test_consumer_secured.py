"""Both readers reach a broker that wants TLS and a password, and are told when either is wrong."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chassis.readers import ReaderKind, Sink, both_readers, produce, running
from relais_chassis.kafka import Kafka
from relais_chassis.reading import Subscription
from relais_cli.stack import ports
from relais_cli.stack.broker import Broker


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relais tests")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    pem, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "cert.pem").write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, kind, serialization.NoEncryption()))
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
async def secured(tmp_path: Path) -> AsyncIterator[Kafka]:
    """A broker with a second door: TLS and a password."""
    cert, key = certificate(tmp_path)
    port, plain, controller = ports.free_port(), ports.free_port(), ports.free_port()
    (tmp_path / "both.pem").write_text(key.read_text() + cert.read_text())
    jaas = "org.apache.kafka.common.security.plain.PlainLoginModule required user_routing=geheim;"
    ports.release(plain)  # the broker takes it itself
    broker = Broker(
        tmp_path / "kafka",
        tmp_path / "kafka.log",
        port=plain,
        properties={
            "listeners": f"PLAINTEXT://127.0.0.1:{plain},SECURED://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{plain},SECURED://127.0.0.1:{port}",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURED:SASL_SSL",
            "listener.name.secured.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.secured.plain.sasl.jaas.config": jaas,
            "listener.name.secured.ssl.keystore.type": "PEM",
            "listener.name.secured.ssl.keystore.location": str(tmp_path / "both.pem"),
        },
    )
    await broker.start()
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)
    await admin.start()
    await admin.create_topics([NewTopic("cases", 8, 1)])
    await admin.close()
    yield Kafka(
        f"127.0.0.1:{port}",
        protocol="SASL_SSL",
        mechanism="PLAIN",
        username="routing",
        password="geheim",
        cafile=str(cert),
    )
    await broker.stop()


@both_readers
async def test_a_reader_gets_in_with_the_right_password(Kind: ReaderKind, secured: Kafka) -> None:
    sink = Sink()
    await produce(secured, ["cases"], range(500))
    async with running(Kind(Subscription(["cases"], "routing", secured), sink)):
        await sink.until(lambda: sink.count == 500)
