"""What was expected instead: each of pydantic's errors as a JSON pointer and plain words.

Stands under `problems.py`. It never repeats the value that was sent."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from relais_chassis.decider import JSON

_EXPECTED = {
    "missing": "this field is required",
    "extra_forbidden": "no such field",
    "json_invalid": "JSON",
    "string_type": "a string",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "uuid_type": "a UUID",
    "uuid_parsing": "a UUID",
    "timezone_aware": "a time with its offset, as in 2026-03-02T09:00:00+01:00",
}
_INPUT_PARTS = {"body", "query", "path", "header", "cookie"}


def errors_of(failure: ValidationError | RequestValidationError) -> list[dict[str, JSON]]:
    """Each error as a JSON pointer and what was expected there, without the value that was sent."""
    return [_error(each) for each in failure.errors()]


def _error(each: Mapping[str, Any]) -> dict[str, JSON]:
    error: dict[str, JSON] = {"pointer": _pointer(each["loc"]), "expected": _expected(each)}
    if each["loc"] and each["loc"][0] in _INPUT_PARTS - {"body"}:
        error["in"] = str(each["loc"][0])
    return error


def _expected(each: Mapping[str, Any]) -> str:
    kind, context = each["type"], each.get("ctx") or {}
    if kind in ("enum", "literal_error"):
        return f"one of {context['expected']}"
    if kind in ("datetime_type", "datetime_parsing", "datetime_from_date_parsing", "datetime_object_invalid"):
        return "a date and time, as in 2026-03-02T09:00:00+01:00"
    if kind.startswith("date_"):
        return "a date, as in 2026-03-02"
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    said = re.sub(r"^(Input|Value|String|List|Data) should (be |have |match )?", "", each["msg"])
    return re.sub(r", got .*$|^Value error, ", "", said)


def _pointer(location: Iterable[str | int]) -> str:
    """RFC 6901: `/steps/0/actor`; names of union members that pydantic puts in between are left out."""
    parts = [part for part in location if not _is_union_member(part)]
    if parts and parts[0] in _INPUT_PARTS:
        parts = parts[1:]
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def _is_union_member(part: str | int) -> bool:
    return isinstance(part, str) and (part[:1].isupper() or "[" in part or part in ("str", "int", "none", "bool"))
