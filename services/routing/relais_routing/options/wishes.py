"""What the options question asks: several wishes of one person, who lives here and travels so.

The shape of the body and the requests that matching takes. It looks nothing up.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from relais_contracts.cases import AnyOption, Mobility, Option
from relais_contracts.identifiers import CommuneCode, Formacode, Rome
from relais_contracts.vocabularies import Actor, Audience, Need
from relais_routing.matching.request import Request


class Wish(BaseModel):
    """One need, and who should help with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    actor: Actor
    need: Need
    rome: tuple[Rome, ...] = Field(default=(), max_length=20)
    formacode: tuple[Formacode, ...] = Field(default=(), max_length=20)
    options: tuple[Option, ...] = Field(default=(AnyOption(any=True),), min_length=1, max_length=20)


class Wanted(BaseModel):
    """What is looked for: some needs, near a commune, for somebody who can travel so far."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    commune: CommuneCode
    mobility: Mobility
    audiences: tuple[Audience, ...] = Field(default=(), max_length=14)
    wishes: tuple[Wish, ...] = Field(min_length=1, max_length=20)

    def requests(self, operator: str, now: datetime, new_id: Callable[[], UUID]) -> Iterator[Request]:
        """The request of each wish, about no case."""
        for number, wish in enumerate(self.wishes):
            yield Request(
                case=str(new_id()),
                step=f"wish-{number}",
                actor=wish.actor,
                need=wish.need,
                options=wish.options,
                commune=self.commune,
                means=self.mobility.means,
                reach_minutes=self.mobility.reach_minutes,
                remote=self.mobility.remote,
                operator=operator,
                now=now,
                audiences=self.audiences,
                rome=wish.rome,
                formacode=wish.formacode,
            )


def inlined(schema: Any, defined: dict[str, Any] | None = None) -> Any:
    """A JSON schema without `$defs`, as an OpenAPI document can hold it; it must not refer to itself."""
    if isinstance(schema, list):
        return [inlined(each, defined) for each in schema]
    if not isinstance(schema, dict):
        return schema
    defined = schema.get("$defs", defined or {})
    if "$ref" in schema:
        return inlined(defined[schema["$ref"].rpartition("/")[2]], defined)
    return {name: inlined(value, defined) for name, value in schema.items() if name != "$defs"}


EXAMPLE: Final = {
    "commune": "71263",
    "mobility": {"means": ["walk", "public-transport"], "reach_minutes": 30},
    "wishes": [{"actor": "training-body", "need": "numerique--maitriser-les-fondamentaux-du-numerique"}],
}
BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": inlined(Wanted.model_json_schema()), "example": EXAMPLE}},
    }
}
"""The body in the OpenAPI document."""
