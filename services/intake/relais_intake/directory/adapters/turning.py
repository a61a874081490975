"""From the values of a row to an entry judged as if it had come over the wire, or to a reason in the file's own words.

Shared by the adapters. It reads no row and fills nothing in.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, get_args

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, to_json

from relais_contracts.catalogue import parse_data
from relais_contracts.directory import DirectoryPayload
from relais_contracts.vocabularies import Audience
from relais_intake.directory.adapters.lines import Left, Turned, Unfit
from relais_intake.directory.adapters.texts import Row

AUDIENCES: Final = frozenset(get_args(Audience))
LONGEST_VALUE: Final = 60
"""Characters of a wrong value that a reason repeats."""


def tried(
    number: int, row: Row, stream: str, turn: Callable[[Row], DirectoryPayload], names: Mapping[str, str]
) -> Turned | Left:
    """The entry that `turn` makes of a row, or the reason why there is none.

    `stream` is the entry it would be; `names` gives the file's name of a field of the contract.
    """
    entry = stream if stream.partition("/")[2] else None
    try:
        return Turned(number, turn(row), tuple(row.notes))
    except Unfit as unfit:
        return Left(number, str(unfit), entry)
    except ValidationError as error:
        return Left(number, reason(error, names), entry)
    except PydanticSerializationError:
        return Left(number, "a text is not valid Unicode", entry)


def strict(model: type[DirectoryPayload], **fields: object) -> DirectoryPayload:
    """An entry judged as if it had come over the wire; raises ValidationError."""
    payload = parse_data(model.TYPE, to_json(fields, by_alias=True, exclude_none=True))
    assert isinstance(payload, model)
    return payload


def filled(**fields: object) -> dict[str, object] | None:
    """The fields that say something; none where no field does."""
    return {name: value for name, value in fields.items() if value not in (None, [])} or None


def restricted(audiences: Sequence[str], name: str) -> list[str]:
    """Whom an offer is kept for; `tous-publics` is no restriction, whatever stands beside it."""
    for audience in audiences:
        if audience not in AUDIENCES:
            raise Unfit(f"{name}: {audience[:LONGEST_VALUE]} is not a code of the list")
    return [] if "tous-publics" in audiences else list(audiences)


def reason(error: ValidationError, names: Mapping[str, str]) -> str:
    """The first thing that is wrong, by the file's name of the field."""
    first = error.errors(include_url=False, include_context=False)[0]
    parts = [str(part) for part in first["loc"]]
    for length in range(len(parts), 0, -1):
        field = ".".join(parts[:length])
        if field in names:
            break
    else:
        field = ".".join(parts)
    value = first["input"]
    if first["type"] == "literal_error":
        return f"{names.get(field, field)}: {str(value)[:LONGEST_VALUE]} is not a code of the list"
    if first["type"] == "missing" or value in (None, "", []):
        return f"{names.get(field, field)}: nothing is given"
    return f"{names.get(field, field)}: {str(value)[:LONGEST_VALUE]}: {first['msg']}"
