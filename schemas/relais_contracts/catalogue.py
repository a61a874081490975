"""Which model belongs to which event type, and how raw data become one.

Built from the modules of the language; readers look a type up here. It never guesses an unknown type.
"""

from typing import Final

from relais_contracts import actions, cases, demand, directory, handoffs, impartiality
from relais_contracts.envelope import CloudEvent, Payload


class UnknownType(LookupError):
    """A type this version of the language does not know; readers count and ignore it."""


def _models() -> dict[str, type[Payload]]:
    found: dict[str, type[Payload]] = {}
    for module in (cases, actions, directory, handoffs, demand, impartiality):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Payload) and "TYPE" in vars(value):
                found[value.TYPE] = value
    return found


MODELS: Final[dict[str, type[Payload]]] = _models()


def parse_data(event_type: str, data: bytes) -> Payload:
    """The typed data of an event; raises UnknownType, or pydantic's ValidationError where the data do not fit."""
    model = MODELS.get(event_type)
    if model is None:
        raise UnknownType(event_type)
    return model.model_validate_json(data)


def parse(event: CloudEvent) -> Payload:
    """The typed data of an event; errors as in `parse_data`."""
    return parse_data(event.type, event.data)


def dump(payload: Payload) -> bytes:
    """The data as JSON bytes, without fields that say nothing (null)."""
    return payload.__pydantic_serializer__.to_json(payload, by_alias=True, exclude_none=True)
