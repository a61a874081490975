"""The language is whole: every type has a model, a topic, an audience, an example that reads and writes back."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from relais_cli.language import EXAMPLES
from relais_contracts.audience import AUDIENCE
from relais_contracts.catalogue import MODELS, UnknownType, dump, parse, parse_data
from relais_contracts.codec import from_json, to_json
from relais_contracts.envelope import own_stream
from relais_contracts.topics import TOPICS, dead_letter_topics, topic_of, topic_of_stream


def example_of(name: str) -> Path:
    return EXAMPLES / f"{name.removeprefix('org.relais.').removesuffix('.v1')}.json"


@pytest.mark.parametrize("name", MODELS)
def test_every_type_has_an_example_that_reads_and_writes_back(name: str) -> None:
    event = from_json(example_of(name).read_bytes())
    assert event.type == name
    stream, version = own_stream(event)
    assert version >= 1
    assert topic_of_stream(stream) is topic_of(name)
    assert event.source == f"/relais/{topic_of(name).writer}"
    payload = parse(event)
    assert parse_data(name, dump(payload)) == payload
    assert from_json(to_json(event)) == event


def test_there_is_no_example_of_an_unknown_type() -> None:
    assert {path.name for path in EXAMPLES.iterdir()} == {example_of(name).name for name in MODELS}


@pytest.mark.parametrize("name", MODELS)
def test_every_field_is_described_or_named_by_its_model(name: str) -> None:
    assert MODELS[name].__doc__
    assert name in AUDIENCE


def test_every_topic_has_one_writer_who_does_not_read_it() -> None:
    for topic in TOPICS:
        assert topic.writer not in topic.readers
    assert len({topic.name for topic in (*TOPICS, *dead_letter_topics())}) == len(TOPICS) + len(dead_letter_topics())


def test_an_unknown_type_says_so() -> None:
    with pytest.raises(UnknownType):
        parse_data("org.relais.case.dreamt.v1", b"{}")


def test_readers_ignore_unknown_fields() -> None:
    event = json.loads(example_of("org.relais.chain.done.v1").read_text())
    plain = json.dumps(event["data"]).encode()
    widened = json.dumps({**event["data"], "added_later": 1}).encode()
    assert parse_data(event["type"], widened) == parse_data(event["type"], plain)


@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        ("commune", 71263, ("commune",)),
        ("commune", "Louhans", ("commune",)),
        ("situation", "retired", ("situation",)),
        ("mobility", {"means": [], "reach_minutes": 30}, ("mobility", "means")),
        ("mobility", {"means": ["walk"], "reach_minutes": "30"}, ("mobility", "reach_minutes")),
        ("audiences", ["everybody"], ("audiences", 0)),
    ],
)
def test_bad_data_are_refused_with_their_place(field: str, value: object, where: tuple[object, ...]) -> None:
    event = json.loads(example_of("org.relais.case.opened.v1").read_text())
    with pytest.raises(ValidationError) as caught:
        parse_data(event["type"], json.dumps({**event["data"], field: value}).encode())
    assert caught.value.errors()[0]["loc"] == where


def test_contacts_never_stand_in_an_example_of_the_log() -> None:
    for path in EXAMPLES.iterdir():
        assert "contact" not in json.loads(path.read_text())["data"]
