"""What is asked of matching: one step of one person, and all that the choice may depend on.

The chain makes it from the case; the decision record keeps it whole, so that the choice can be made again.
Nothing of the person's identity is in it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cached_property
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from relais_contracts.cases import Option

OPTIONS: TypeAdapter[tuple[Option, ...]] = TypeAdapter(tuple[Option, ...])
PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class Request:
    """A step that needs a partner.

    `options` are in the person's order; `excluded` are offers already tried; `consent` is kept as it was, the chain
    judges it (plain JSON). Without `operator_group` the operator's own entry in the directory tells its group.
    """

    case: str
    step: str
    actor: str
    need: str
    options: tuple[Option, ...]
    commune: str
    means: tuple[str, ...]
    reach_minutes: int
    remote: str
    operator: str
    now: datetime
    audiences: tuple[str, ...] = ()
    rome: tuple[str, ...] = ()
    formacode: tuple[str, ...] = ()
    operator_group: str | None = None
    excluded: tuple[str, ...] = ()
    consent: Mapping[str, Any] | None = None

    @cached_property
    def today(self) -> date:
        """The day in France."""
        return self.now.astimezone(PARIS).date()

    def to_json(self) -> dict[str, Any]:
        """The request as plain JSON; `of_json` is its inverse."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        plain = {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
        plain["options"] = OPTIONS.dump_python(self.options, mode="json", exclude_none=True)
        plain["now"] = self.now.isoformat()
        return plain

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> Self:
        """The request of a stored record."""
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in data.items()
        }
        values["options"] = OPTIONS.validate_json(json.dumps(data["options"]))
        values["now"] = datetime.fromisoformat(data["now"])
        return cls(**values)
