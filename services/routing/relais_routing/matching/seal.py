"""The record as bytes, and their digest: the event of the choice carries it, so nothing can be changed afterwards.

The bytes are canonical JSON (RFC 8785: names sorted, no white space, whole numbers only): whoever keeps the record as
data can make them again. Made once, when the choice is made; it signs nothing and needs no key.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson


def sealed(record: Mapping[str, Any], policy: str) -> bytes:
    """The bytes that are kept: the record, and the version of the policy that the chain decided under."""
    return canonical({**record, "policy": policy})


def canonical(record: Mapping[str, Any]) -> bytes:
    """The one way to write a record down."""
    return orjson.dumps(record, option=orjson.OPT_SORT_KEYS)


def digest(sealed: bytes) -> str:
    """SHA-256 of a record's bytes, in hexadecimal."""
    return hashlib.sha256(sealed).hexdigest()
