"""The AsyncAPI 3 document: channels, messages and who sends or receives, from the registry of topics.

Called by the generator; validated by AsyncAPI's own parser in the tests. It describes, it decides nothing.
"""

import json
from pathlib import Path
from typing import Any

import yaml

from relais_cli.language.json_schemas import schema_of, short_name, vocabulary
from relais_contracts.catalogue import MODELS
from relais_contracts.topics import TOPICS, Topic, topic_of

_HEADERS: dict[str, str] = {
    "ce_specversion": "CloudEvents version, `1.0`.",
    "ce_id": "`<stream>/<version>`: enough to deduplicate, to order and to notice a hole.",
    "ce_source": "The writer, such as `/relais/intake`.",
    "ce_type": "The event type.",
    "ce_subject": "The case, or the directory entry.",
    "ce_time": "When it was decided, RFC 3339.",
    "ce_sequence": "The event's version in its stream, from 1.",
}


def document(examples: Path) -> str:
    """The document as YAML text; `examples` is the folder with one example per type."""
    whole = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Relais",
            "version": "1.0.0",
            "description": "Hand-offs of a career counsellor's strategy to partner organisations. CloudEvents 1.0, "
            "binary mode; readers ignore unknown fields and unknown types.",
        },
        "defaultContentType": "application/json",
        "channels": {_channel_id(topic): _channel(topic) for topic in TOPICS},
        "operations": _operations(),
        "components": {
            "messages": {short_name(name): _message(name, examples) for name in MODELS},
            "schemas": _schemas(),
        },
    }
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=120)


def _channel_id(topic: Topic) -> str:
    return topic.name.removeprefix("relais.")


def _channel(topic: Topic) -> dict[str, Any]:
    names = [short_name(name) for name in MODELS if topic_of(name) is topic]
    return {
        "address": topic.name,
        "description": topic.description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"kafka": {"topic": topic.name, "partitions": topic.partitions, "bindingVersion": "0.5.0"}},
    }


def _operations() -> dict[str, Any]:
    operations: dict[str, Any] = {}
    for topic in TOPICS:
        channel = {"$ref": f"#/channels/{_channel_id(topic)}"}
        operations[f"{topic.writer}-sends-{_channel_id(topic)}"] = {"action": "send", "channel": channel}
        for reader in topic.readers:
            operations[f"{reader}-receives-{_channel_id(topic)}"] = {"action": "receive", "channel": channel}
    return operations


def _message(name: str, examples: Path) -> dict[str, Any]:
    model = MODELS[name]
    example = json.loads((examples / f"{short_name(name)[:-3]}.json").read_text("utf-8"))
    return {
        "name": name,
        "title": short_name(name),
        "summary": (model.__doc__ or "").strip().splitlines()[0],
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/headers"},
        "payload": {"$ref": f"#/components/schemas/{model.__name__}"},
        "examples": [{"name": short_name(name)[:-3], "payload": example["data"]}],
    }


def _schemas() -> dict[str, Any]:
    """Every schema once: event data, their parts and the vocabularies, referring to each other."""
    found: dict[str, Any] = {"headers": _headers()}

    def walk(part: Any) -> Any:
        if isinstance(part, list):
            return [walk(item) for item in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return {"$ref": f"#/components/schemas/{part['$ref'].rpartition('/')[2]}"}
        name = vocabulary(part)
        if name:
            found[name] = {"type": "string", "enum": part["enum"]}
            return {"$ref": f"#/components/schemas/{name}"}
        return {name: walk(value) for name, value in part.items()}

    for model in MODELS.values():
        schema = schema_of(model)
        parts = schema.pop("$defs", {})
        del schema["$schema"], schema["$id"]
        found |= {name: walk(part) for name, part in parts.items()}
        found[model.__name__] = walk(schema)
    return found


def _headers() -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(_HEADERS),
        "properties": {name: {"type": "string", "description": text} for name, text in _HEADERS.items()},
    }
