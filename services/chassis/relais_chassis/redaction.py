"""What may never stand in a log: personal data and credentials, taken out on the way to every line.

Last step before a line is written. Knows shapes and field names only; it never decides what is worth logging."""

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "[hidden]"

# Fields whose value is personal or secret whatever it looks like (DESIGN: contact, free texts, credentials).
_PERSONAL = {"name", "firstname", "lastname", "person", "phone", "mobile", "email", "mail", "address", "contact"}
_CONTENT = {"note", "text", "body", "data", "value", "payload", "key"}
_CREDENTIALS = {"authorization", "cookie", "token", "jwt", "password", "passwd", "secret", "credentials"}
_NAMES = _PERSONAL | _CONTENT | _CREDENTIALS
_EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_PHONE = r"(?<![\w.:-])(?:\+\d{2}[ .-]?|0)\d(?:[ .-]?\d{2}){4}(?![\w-])"
_TOKEN = r"eyJ[\w-]+\.[\w-]+\.[\w-]*|(?i:bearer|basic) [\w.~+/=-]{8,}"
_SHAPES = re.compile(f"{_EMAIL}|{_PHONE}|{_TOKEN}")
_URL_PASSWORD = re.compile(r"(?<=://)([^/@\s:]+):[^/@\s]+@")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|«[^»]*»")
_PLAIN_WORD = re.compile(r"""['"«][a-z0-9_.:/-]*['"»]""")


def redact(_logger: object, _method: str, line: Mapping[str, Any]) -> dict[str, Any]:
    """A processor for structlog: hide named fields, and shapes of personal data in all others."""
    return {key: _clean(key, value) for key, value in line.items()}


def without_personal_data(text: str) -> str:
    """The text with e-mail addresses, telephone numbers and credentials hidden."""
    return _URL_PASSWORD.sub(rf"\1:{HIDDEN}@", _SHAPES.sub(HIDDEN, text))


def message_of(failure: BaseException) -> str:
    """The first line of an exception's message, without what it quotes.

    Validators and drivers put the data they choked on in quotes and in the lines that follow."""
    first = (str(failure).splitlines() or [""])[0][:300]
    unquoted = _QUOTED.sub(lambda found: found[0] if _PLAIN_WORD.fullmatch(found[0]) else HIDDEN, first)
    return without_personal_data(unquoted)


def _clean(key: str, value: object) -> object:
    if key.lower() in _NAMES:
        return HIDDEN
    match value:
        case str():
            return without_personal_data(value)
        case Mapping():
            return {str(inner): _clean(str(inner), each) for inner, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_clean("", each) for each in value]
        case bool() | int() | float() | None:
            return value
        case BaseException():
            return f"{type(value).__name__}: {message_of(value)}"
        case _:
            return without_personal_data(str(value))
