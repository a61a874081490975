"""A reader of another make, the CloudEvents SDK, reads our messages, and we read its."""

import json

import pytest
from cloudevents.core.bindings import http, kafka
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent as TheirEvent

from relais_cli.language import EXAMPLES
from relais_contracts import codec
from relais_contracts.envelope import CloudEvent

FORMAT = JSONFormat()
OURS = [codec.from_json(path.read_bytes()) for path in sorted(EXAMPLES.iterdir())]


def same(theirs: object, ours: CloudEvent) -> None:
    assert isinstance(theirs, TheirEvent)
    assert (theirs.get_id(), theirs.get_source(), theirs.get_type()) == (ours.id, ours.source, ours.type)
    assert (theirs.get_subject(), theirs.get_time()) == (ours.subject, ours.time)
    assert theirs.get_extension("sequence") == str(ours.sequence)
    assert theirs.get_data() == json.loads(ours.data)


def their_event() -> TheirEvent:
    attributes = {"id": "7", "source": "/cep-bourgogne/agenda", "type": "org.relais.case.closed.v1", "subject": "é"}
    return TheirEvent({**attributes, "datacontenttype": "application/json"}, {"reason": "déménagement"})


def read_theirs(event: CloudEvent) -> None:
    theirs = their_event()
    assert (event.id, event.source, event.type, event.subject) == ("7", theirs.get_source(), theirs.get_type(), "é")
    assert json.loads(event.data) == theirs.get_data()


@pytest.mark.parametrize("ours", OURS, ids=lambda event: event.type)
def test_they_read_our_kafka_records(ours: CloudEvent) -> None:
    headers, value = codec.to_kafka(ours)
    same(kafka.from_binary(kafka.KafkaMessage(dict(headers), None, value), FORMAT), ours)


@pytest.mark.parametrize("ours", OURS, ids=lambda event: event.type)
def test_they_read_our_structured_json(ours: CloudEvent) -> None:
    message = http.HTTPMessage({"content-type": codec.STRUCTURED}, codec.to_json(ours))
    same(http.from_http(message, FORMAT), ours)


@pytest.mark.parametrize("ours", OURS[:3], ids=lambda event: event.type)
def test_they_read_our_binary_http(ours: CloudEvent) -> None:
    same(http.from_http(http.HTTPMessage(*codec.to_http(ours)), FORMAT), ours)


def test_we_read_their_kafka_records() -> None:
    for message in (kafka.to_binary(their_event(), FORMAT), kafka.to_structured(their_event(), FORMAT)):
        read_theirs(codec.from_kafka(list(message.headers.items()), message.value))


def test_we_read_their_http() -> None:
    structured = http.to_structured(their_event(), FORMAT)
    read_theirs(codec.from_json(structured.body))
    binary = http.to_binary(their_event(), FORMAT)
    read_theirs(codec.from_http({name.lower(): value for name, value in binary.headers.items()}, binary.body))
