"""JSON Schemas of the event data, and whether today's keep the promises of those published.

Called by the generator. A reader ignores unknown fields, so writers' schemas are compared closed, readers' open.
"""

import json
from pathlib import Path
from typing import Any, get_args

from jsonsubschema import isSubschema

from relais_contracts import vocabularies
from relais_contracts.catalogue import MODELS
from relais_contracts.envelope import PREFIX, Payload

Schema = dict[str, Any]

_VOCABULARIES = {get_args(alias): name for name, alias in vars(vocabularies).items() if get_args(alias)}


def vocabulary(part: Schema) -> str | None:
    """The vocabulary's name where a schema is one of the language's lists of coded values."""
    return _VOCABULARIES.get(tuple(part.get("enum", ())))


def short_name(event_type: str) -> str:
    """`org.relais.case.opened.v1` as `case.opened.v1`."""
    return event_type.removeprefix(PREFIX)


def schema_of(model: type[Payload]) -> Schema:
    """The JSON Schema (2020-12) of an event's data."""
    schema = model.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:relais:{model.TYPE}", **schema}


def documents() -> dict[str, str]:
    """One schema per type, as text."""
    return {
        short_name(name): json.dumps(schema_of(model), ensure_ascii=False, indent=2) + "\n"
        for name, model in MODELS.items()
    }


def comparable(schema: Schema, *, closed: bool) -> Schema:
    """The schema with references filled in and words left out; closed: no field beside those named."""
    definitions = schema.get("$defs", {})
    words = ("$schema", "$id", "$defs", "title", "description", "default", "format")

    def walk(part: Any) -> Any:
        if isinstance(part, list):
            return [walk(item) for item in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return walk(definitions[part["$ref"].rpartition("/")[2]])
        plain = {name: walk(value) for name, value in part.items() if name == "properties" or name not in words}
        if "properties" in part:
            plain["properties"] = {name: walk(value) for name, value in part["properties"].items()}
        if plain.get("type") == "object":
            plain["additionalProperties"] = not closed
        return plain

    result: Schema = walk(schema)
    return result


def breaks(old: Schema, new: Schema) -> list[str]:
    """Which promises a change breaks: old data to new readers, new data to old readers; none: compatible."""
    broken = []
    if not isSubschema(comparable(old, closed=True), comparable(new, closed=False)):
        broken.append("today's readers do not take what was published")
    if not isSubschema(comparable(new, closed=True), comparable(old, closed=False)):
        broken.append("readers of the published version do not take what is written today")
    return broken


def broken_promises(published: Path) -> list[str]:
    """One line for each committed schema that today's model no longer keeps to."""
    lines = []
    for path in sorted(published.glob("*.json")):
        old = json.loads(path.read_text("utf-8"))
        model = MODELS.get(PREFIX + path.stem)
        if model is None:
            lines.append(f"{path.stem}: a published type is gone")
            continue
        new = schema_of(model)
        if new != old:
            lines += [f"{path.stem}: {promise}" for promise in breaks(old, new)]
    return lines
