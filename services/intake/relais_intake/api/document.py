"""The OpenAPI document: what FastAPI knows by itself, and the hot routes that it does not see.

Written once at the start. Event types and their data come from the contracts, so that the document cannot lag behind.
"""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from relais_contracts.codec import BATCH, JSON, STRUCTURED
from relais_contracts.envelope import Payload
from relais_contracts.identifiers import UUID_PATTERN
from relais_intake.api.bodies import ActionBody, EventTaken
from relais_intake.api.directory import NDJSON
from relais_intake.api.statements import SENT_BY_OPERATORS
from relais_intake.directory.entry import TYPES

PROBLEM: Final = "application/problem+json"
_REF: Final = "#/components/schemas/{model}"
_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457, with what helps: `expected`, `allowed`, `errors` with JSON pointers.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "expected": {},
        "allowed": {"type": "array", "items": {"type": "string"}},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
REFUSALS: Final = {
    400: "Not readable.",
    401: "No token, or one that is expired, forged or not for Relais.",
    403: "Not for this role, or not in this organisation's name.",
    404: "Not there, or not one's own.",
    409: "Refused as things stand: `expected` or `allowed` says what is possible.",
    413: "Too large.",
    415: "Another content type is expected.",
    422: "Invalid: `errors` names each place.",
    429: "Too many requests; see Retry-After.",
    503: "Not possible right now; see Retry-After.",
}


def document(app: FastAPI) -> dict[str, Any]:
    """The whole document of an app."""
    made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM
    schemas |= _schemas(SENT_BY_OPERATORS, subject="The case.") | _schemas(TYPES, subject=None)
    schemas |= models_json_schema([(ActionBody, "validation")], ref_template=_REF)[1]["$defs"]
    made.setdefault("paths", {}).setdefault("/v1/events", {})["post"] = _events()
    made["paths"].setdefault("/v1/directory", {})["post"] = _directory()
    security = made["components"].setdefault("securitySchemes", {})
    security["token"] = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    security["session"] = {"type": "apiKey", "in": "cookie", "name": "relais_session"}
    for operations in made["paths"].values():
        for operation in operations.values():
            _complete(operation)
    return made


def _schemas(types: Mapping[str, type[Payload]], *, subject: str | None) -> dict[str, Any]:
    _, found = models_json_schema([(model, "validation") for model in types.values()], ref_template=_REF)
    definitions: dict[str, Any] = found["$defs"]
    return definitions | {f"{model.__name__}Event": _event(name, model, subject) for name, model in types.items()}


def _event(name: str, model: type[Payload], subject: str | None) -> dict[str, Any]:
    """The structured form; `subject` says what it names, None: nothing that is looked at."""
    about: dict[str, Any] = {"type": "string"}
    if subject:
        about |= {"pattern": UUID_PATTERN, "description": subject}
    return {
        "type": "object",
        "description": f"CloudEvents 1.0, structured. {model.__doc__}",
        "required": ["specversion", "id", "source", "type", *(["subject"] if subject else []), "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "minLength": 1, "maxLength": 256, "description": "Unique within the source."},
            "source": {"type": "string", "maxLength": 256, "description": "`/<org>` or beginning with `/<org>/`."},
            "type": {"const": name},
            "subject": about,
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": JSON},
            "data": {"$ref": _REF.format(model=model.__name__)},
        },
    }


def _events() -> dict[str, Any]:
    one = {"oneOf": [{"$ref": _REF.format(model=f"{each.__name__}Event")} for each in SENT_BY_OPERATORS.values()]}
    data = {"oneOf": [{"$ref": _REF.format(model=each.__name__)} for each in SENT_BY_OPERATORS.values()]}
    many = {"type": "array", "maxItems": 1000, "items": one}
    taken = {"content": {JSON: {"schema": EventTaken.model_json_schema(ref_template=_REF)}}}
    lines = {"type": "array", "items": {"type": "object", "required": ["status"]}}
    return {
        "tags": ["events"],
        "summary": "Say something of a case",
        "description": "One CloudEvent, structured or binary (`ce-` headers), or a batch: one result a line, in order.",
        "operationId": "say",
        "x-roles": ["operator"],
        "parameters": [
            {
                "name": "dry_run",
                "in": "query",
                "schema": {"type": "boolean", "default": False},
                "description": "Judge, and store nothing.",
            }
        ],
        "requestBody": {
            "required": True,
            "content": {STRUCTURED: {"schema": one}, BATCH: {"schema": many}, JSON: {"schema": data}},
        },
        "responses": {
            "200": {"description": "The same event again: the first answer.", **taken},
            "202": {"description": "Accepted and stored.", **taken},
            "207": {"description": "A batch: one result a line, in order.", "content": {JSON: {"schema": lines}}},
        },
    }


def _directory() -> dict[str, Any]:
    one = {"oneOf": [{"$ref": _REF.format(model=f"{each.__name__}Event")} for each in TYPES.values()]}
    line = {"type": "object", "required": ["line", "status", "result"]}
    return {
        "tags": ["directory"],
        "summary": "Declare who helps with what, where",
        "description": "NDJSON, a structured CloudEvent a line: one result a line, in order; a bad line stops nothing.",
        "operationId": "declare",
        "x-roles": ["directory", "partner", "admin"],
        "requestBody": {"required": True, "content": {NDJSON: {"schema": one}}},
        "responses": {"207": {"description": "One result a line, in order.", "content": {NDJSON: {"schema": line}}}},
    }


def _complete(operation: dict[str, Any]) -> None:
    """Security and refusals, the same for every route that asks who is there."""
    if "x-roles" not in operation:
        return
    operation["security"] = [{"token": []}, {"session": []}]
    body = {PROBLEM: {"schema": {"$ref": _REF.format(model="Problem")}}}
    for status, text in REFUSALS.items():
        operation["responses"][str(status)] = {"description": text, "content": body}
