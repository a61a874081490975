"""CloudEvents 1.0 to and from Kafka (binary mode) and JSON (structured and batch) and HTTP (binary mode).

Used at every door. The content type is looked at before any `ce_` header. It never validates `data`: that is
the catalogue's business.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote, unquote

from pydantic_core import from_json as read_json
from pydantic_core import to_json as write_json

from relais_contracts.envelope import SPECVERSION, CloudEvent

STRUCTURED: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
JSON: Final = "application/json"

_KNOWN: Final = frozenset({"id", "source", "type", "subject", "time", "specversion", "datacontenttype"})


class Unreadable(ValueError):
    """Not a CloudEvent: `where` names the place, `expected` what should have stood there."""

    def __init__(self, where: str, expected: str) -> None:
        super().__init__(f"{where}: expected {expected}")
        self.where, self.expected = where, expected


def _attributes(event: CloudEvent) -> list[tuple[str, str]]:
    pairs = [("specversion", SPECVERSION), ("id", event.id), ("source", event.source), ("type", event.type)]
    if event.subject is not None:
        pairs.append(("subject", event.subject))
    if event.time is not None:
        pairs.append(("time", event.time.isoformat()))
    if event.sequence is not None:
        pairs.append(("sequence", str(event.sequence)))
    if event.causationid is not None:
        pairs.append(("causationid", event.causationid))
    if event.correlationid is not None:
        pairs.append(("correlationid", event.correlationid))
    if event.traceparent is not None:
        pairs.append(("traceparent", event.traceparent))
    pairs.extend(event.extensions.items())
    return pairs


def _build(attributes: dict[str, str], data: bytes) -> CloudEvent:
    """The event of these attributes, which are used up: what is left of them are its extensions."""
    for name in ("id", "source", "type"):
        if not attributes.get(name):
            raise Unreadable(f"/{name}", "a non-empty string (CloudEvents requires it)")
    take = attributes.pop
    if take("specversion", None) != SPECVERSION:
        raise Unreadable("/specversion", f'"{SPECVERSION}"')
    content_type = take("datacontenttype", JSON)
    if content_type != JSON and not _is_json(content_type):
        raise Unreadable("/datacontenttype", JSON)
    return CloudEvent(
        take("id"),
        take("source"),
        take("type"),
        data,
        take("subject", None),
        _time(take("time", None)),
        _sequence(take("sequence", None)),
        take("causationid", None),
        take("correlationid", None),
        take("traceparent", None),
        content_type,
        attributes,
    )


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == JSON


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise Unreadable("/time", "an RFC 3339 timestamp with its offset")
    return time


def _sequence(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Unreadable("/sequence", "a whole number in digits")
    return int(text)


# Kafka, binary mode


def to_kafka(event: CloudEvent) -> tuple[list[tuple[str, bytes]], bytes]:
    """Headers and value of an event, binary mode."""
    headers = [("content-type", event.datacontenttype.encode())]
    headers += [(f"ce_{name}", value.encode()) for name, value in _attributes(event)]
    return headers, event.data


def from_kafka(headers: Iterable[tuple[str, bytes]], value: bytes | None) -> CloudEvent:
    """The event of a record, binary or structured; raises Unreadable."""
    given = dict(reversed(tuple(headers)))  # of two headers of one name the first counts
    if value is None:
        raise Unreadable("/data", "a value: these topics hold no tombstones")
    try:
        content_type = given.get("content-type", b"").decode()
        if content_type.startswith(STRUCTURED):
            return from_json(value)
        attributes = {name[3:]: content.decode() for name, content in given.items() if name.startswith("ce_")}
    except UnicodeDecodeError:
        raise Unreadable("/headers", "UTF-8 text") from None
    if not attributes:
        raise Unreadable("/headers", "`ce_` headers (binary mode) or a structured CloudEvent")
    if content_type:
        attributes["datacontenttype"] = content_type
    return _build(attributes, value)


# JSON, structured and batch


def to_dict(event: CloudEvent) -> dict[str, object]:
    """The structured form as a plain mapping."""
    return {
        **dict(_attributes(event)),
        "datacontenttype": event.datacontenttype,
        "data": read_json(event.data),
    }


def to_json(event: CloudEvent) -> bytes:
    """The structured form, UTF-8."""
    return write_json(to_dict(event))


def from_dict(given: object) -> CloudEvent:
    """The event of a decoded structured form; raises Unreadable."""
    if not isinstance(given, dict):
        raise Unreadable("", "a JSON object: one CloudEvent")
    attributes: dict[str, str] = {}
    for name, value in given.items():
        if name in ("data", "data_base64") or value is None:
            continue
        if not (name.isascii() and name.isalnum() and name == name.lower() and len(name) <= 40):
            raise Unreadable(f"/{name[:40]}", "an attribute name in lower-case letters and digits")
        attributes[name] = _scalar(name, value)
    if "data" not in given:
        raise Unreadable("/data", "the event's data as a JSON object")
    return _build(attributes, write_json(given["data"]))


def _scalar(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if name not in _KNOWN and isinstance(value, int):
        return str(value)
    if not isinstance(value, str) or len(value) > 1024 or "\x00" in value:
        raise Unreadable(f"/{name}", "a string of at most 1,024 characters")
    return value


def decode_json(body: bytes) -> object:
    """Any JSON document; raises Unreadable, naming line and column."""
    try:
        return read_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Unreadable("", f"JSON ({error})") from None


def from_json(body: bytes) -> CloudEvent:
    """The event of a structured JSON document; raises Unreadable."""
    return from_dict(decode_json(body))


def batch_to_json(events: Sequence[CloudEvent]) -> bytes:
    """The batch form, UTF-8."""
    return write_json([to_dict(event) for event in events])


def batch_members(body: bytes) -> list[object]:
    """The members of a JSON batch, each still to be given to `from_dict`; raises Unreadable."""
    members = decode_json(body)
    if not isinstance(members, list):
        raise Unreadable("", "a JSON array of CloudEvents")
    return members


# HTTP, binary mode


def to_http(event: CloudEvent) -> tuple[dict[str, str], bytes]:
    """Headers and body of an event, binary mode."""
    headers = {f"ce-{name}": quote(value, safe=" !#$&'()*+,/:;<=>?@[]^_`{|}~-.") for name, value in _attributes(event)}
    return headers | {"content-type": event.datacontenttype}, event.data


def from_http(headers: Mapping[str, str], body: bytes) -> CloudEvent:
    """The event of a request in binary mode (`ce-` headers, lower-case names); raises Unreadable."""
    attributes = {name[3:]: unquote(value) for name, value in headers.items() if name.startswith("ce-")}
    if "content-type" in headers:
        attributes["datacontenttype"] = headers["content-type"]
    return _build(attributes, body)
