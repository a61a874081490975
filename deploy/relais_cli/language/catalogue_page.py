"""The catalogue: every event type on one page, with its fields and who is told.

Called by the generator; read by people. It says nothing that the contracts do not.
"""

from collections.abc import Iterator
from typing import Any, get_args

from relais_cli.language.json_schemas import schema_of, short_name, vocabulary
from relais_contracts import vocabularies
from relais_contracts.audience import AUDIENCE
from relais_contracts.catalogue import MODELS
from relais_contracts.envelope import Payload
from relais_contracts.topics import TOPICS, topic_of
from relais_contracts.transitions import TABLE


def page() -> str:
    """The whole page, Markdown."""
    lines = [
        "# Catalogue of events",
        "",
        "Written by `./relais contracts` from `schemas/relais_contracts`. Do not edit.",
        "",
    ]
    for topic in TOPICS:
        kept = "last event of each stream" if topic.compacted else f"{topic.keep_days} days"
        lines += [
            f"## {topic.name}",
            "",
            topic.description,
            "",
            f"Written by {topic.writer}, read by {', '.join(topic.readers)}; "
            f"key and stream: {', '.join(f'`{name}/…`' for name in topic.streams)}; kept: {kept}.",
            "",
        ]
        for name, model in MODELS.items():
            if topic_of(name) is topic:
                lines += _event(name, model)
    return "\n".join([*lines, *_vocabularies(), *_transitions()]) + "\n"


def _event(name: str, model: type[Payload]) -> Iterator[str]:
    told = ", ".join(sorted(AUDIENCE[name])) or "nobody outside"
    yield f"### {short_name(name)}"
    yield ""
    yield f"{(model.__doc__ or '').strip()} Told to: {told}. [Example](../examples/{short_name(name)[:-3]}.json)"
    yield ""
    schema = schema_of(model)
    required = set(schema.get("required", ()))
    yield "| field | type | required | meaning |"
    yield "|---|---|---|---|"
    for field, part in schema.get("properties", {}).items():
        meaning = _meaning(part, schema).replace("|", "\\|")
        yield f"| `{field}` | {_type(part, schema)} | {'yes' if field in required else ''} | {meaning} |"
    yield ""


def _resolve(part: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        part = schema["$defs"][part["$ref"].rpartition("/")[2]]
    return part


def _meaning(part: dict[str, Any], schema: dict[str, Any]) -> str:
    words = part.get("description") or _resolve(part, schema).get("description", "")
    return " ".join(str(words).split())


def _type(part: dict[str, Any], schema: dict[str, Any]) -> str:
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(_type(one, schema) for one in part["anyOf"] if one.get("type") != "null"))
    if "$ref" in part:
        return str(part["$ref"]).rpartition("/")[2]
    if part.get("type") == "array":
        return f"list of {_type(part.get('items', {}), schema)}"
    if "const" in part:
        return f"`{part['const']}`"
    if "enum" in part:
        return vocabulary(part) or ", ".join(f"`{value}`" for value in part["enum"])
    return str(part.get("format") or part.get("type", "any"))


def _vocabularies() -> list[str]:
    lines = ["## Coded values", ""]
    for name, alias in vars(vocabularies).items():
        if get_args(alias):
            lines += [f"**{name}**: {', '.join(f'`{value}`' for value in get_args(alias))}", ""]
    return lines


def _transitions() -> list[str]:
    rows = [
        f"| {line.number} | {line.start or '(nothing)'} | {line.actor} | {line.action} | {line.end} |" for line in TABLE
    ]
    return ["## The life of a hand-off", "", "| no. | from | who | action | to |", "|---|---|---|---|---|", *rows]
