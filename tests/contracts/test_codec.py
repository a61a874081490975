"""Any event survives any of our formats, and what is no CloudEvent is refused with its place."""

from contextlib import suppress
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relais_contracts import codec
from relais_contracts.codec import Unreadable
from relais_contracts.envelope import CloudEvent, own_stream

words = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30
)
names = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=20)
reserved = {
    "id", "source", "type", "subject", "time", "specversion", "datacontenttype", "sequence",
    "causationid", "correlationid", "traceparent", "data", "dataschema",
}  # fmt: skip
events = st.builds(
    CloudEvent,
    id=words,
    source=words,
    type=words,
    data=st.just(b'{"a":[1,"\xc3\xa9"]}'),
    subject=st.none() | words,
    time=st.none() | st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=2))])),
    sequence=st.none() | st.integers(0, 10**18 - 1),
    causationid=st.none() | words,
    correlationid=st.none() | words,
    traceparent=st.none() | words,
    extensions=st.dictionaries(names.filter(lambda name: name not in reserved), words, max_size=3),
)


@given(events)
def test_an_event_survives_kafka(event: CloudEvent) -> None:
    assert codec.from_kafka(*codec.to_kafka(event)) == event


@given(events)
def test_an_event_survives_structured_json(event: CloudEvent) -> None:
    assert codec.from_json(codec.to_json(event)) == event


@given(events)
def test_an_event_survives_binary_http(event: CloudEvent) -> None:
    headers, body = codec.to_http(event)
    assert all(value.isascii() for value in headers.values())
    assert codec.from_http(headers, body) == event


def test_a_request_that_names_no_content_type_is_json() -> None:
    headers, body = codec.to_http(CloudEvent(id="1", source="/cep-sud", type="org.relais.case.closed.v1", data=b"{}"))
    del headers["content-type"]
    assert codec.from_http(headers, body).datacontenttype == "application/json"


@given(st.lists(events, max_size=3))
def test_a_batch_survives(batch: list[CloudEvent]) -> None:
    assert [codec.from_dict(one) for one in codec.batch_members(codec.batch_to_json(batch))] == batch


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for read in (codec.from_json, codec.batch_members):
        with suppress(Unreadable):
            read(body)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"[]", ""),
        (b"{", ""),
        (b'{"specversion":"1.0","id":"1","source":"/a","type":"t"}', "/data"),
        (b'{"specversion":"0.3","id":"1","source":"/a","type":"t","data":{}}', "/specversion"),
        (b'{"specversion":"1.0","id":"","source":"/a","type":"t","data":{}}', "/id"),
        (b'{"specversion":"1.0","id":7,"source":"/a","type":"t","data":{}}', "/id"),
        (b'{"specversion":"1.0","id":"1","source":"/a","type":"t","time":"yesterday","data":{}}', "/time"),
        (b'{"specversion":"1.0","id":"1","source":"/a","type":"t","time":"2026-01-01T00:00:00","data":{}}', "/time"),
        (b'{"specversion":"1.0","id":"1","source":"/a","type":"t","sequence":"-1","data":{}}', "/sequence"),
        (b'{"specversion":"1.0","id":"1","source":"/a","type":"t","Bad-Name":"x","data":{}}', "/Bad-Name"),
        (b'{"specversion":"1.0","id":"1","source":"/a","type":"t","ext":[1],"data":{}}', "/ext"),
        (
            b'{"specversion":"1.0","id":"1","source":"/a","type":"t","datacontenttype":"text/xml","data":{}}',
            "/datacontenttype",
        ),
    ],
)  # fmt: skip
def test_what_is_no_cloudevent_is_refused_with_its_place(body: bytes, where: str) -> None:
    with pytest.raises(Unreadable) as caught:
        codec.from_json(body)
    assert caught.value.where == where


def test_a_batch_must_be_an_array() -> None:
    with pytest.raises(Unreadable):
        codec.batch_members(b"{}")


def test_scalars_become_text() -> None:
    event = codec.from_json(
        b'{"specversion":"1.0","id":"1","source":"/a","type":"t","yes":true,"no":false,"n":3,"data":1}'
    )
    assert event.extensions == {"yes": "true", "no": "false", "n": "3"}


@pytest.mark.parametrize(
    ("headers", "value", "where"),
    [
        ([], None, "/data"),
        ([], b"{}", "/headers"),
        ([("ce_id", b"\xff")], b"{}", "/headers"),
        ([("ce_id", b"1"), ("ce_source", b"/a")], b"{}", "/type"),
    ],
)
def test_a_record_that_is_no_event_is_refused(
    headers: list[tuple[str, bytes]], value: bytes | None, where: str
) -> None:
    with pytest.raises(Unreadable) as caught:
        codec.from_kafka(headers, value)
    assert caught.value.where == where


def test_the_content_type_is_looked_at_before_the_headers() -> None:
    inner = CloudEvent(id="1", source="/a", type="t", data=b"{}")
    headers = [("content-type", b"application/cloudevents+json; charset=utf-8"), ("ce_id", b"not this one")]
    assert codec.from_kafka(headers, codec.to_json(inner)) == inner


def test_an_own_events_id_says_its_stream_and_version() -> None:
    assert own_stream(CloudEvent("case/a/b/3", "/r", "t", b"", sequence=3)) == ("case/a/b", 3)


@pytest.mark.parametrize(("name", "sequence"), [("3", 3), ("case/x/3", 4), ("case/x/", None), ("case/x/y", None)])
def test_an_id_that_is_not_ours_is_refused(name: str, sequence: int | None) -> None:
    with pytest.raises(ValueError, match="stream"):
        own_stream(CloudEvent(name, "/r", "t", b"", sequence=sequence))


def test_binary_http_without_a_content_type_is_json() -> None:
    headers = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/a", "ce-type": "t"}
    assert codec.from_http(headers, b"{}") == CloudEvent(id="1", source="/a", type="t", data=b"{}")
