"""Identifiers and codes: what each looks like, and how the derived ones are derived.

Stands below every model of the language. It never looks a code up: whether a commune exists is intake's business.
"""

import re
from typing import Annotated, Final
from uuid import UUID, uuid5

from pydantic import Field, StringConstraints

UUID_PATTERN: Final = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
NAME_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._:\-]{0,127}$"

CaseId = Annotated[str, StringConstraints(pattern=UUID_PATTERN), Field(description="Case: a lower-case UUID.")]
HandoffId = Annotated[str, StringConstraints(pattern=UUID_PATTERN), Field(description="Hand-off: a UUID.")]
DecisionId = Annotated[str, StringConstraints(pattern=UUID_PATTERN), Field(description="Matching decision: a UUID.")]
OrgId = Annotated[str, StringConstraints(pattern=NAME_PATTERN), Field(description="Organisation, as in its token.")]
PartnerId = Annotated[str, StringConstraints(pattern=NAME_PATTERN), Field(description="Partner organisation.")]
OfferId = Annotated[str, StringConstraints(pattern=NAME_PATTERN), Field(description="Offer of a partner.")]
StepId = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9\-]{0,63}$"), Field(description="Step, unique within its case.")
]
CommuneCode = Annotated[
    str, StringConstraints(pattern=r"^(\d{2}|2[AB])\d{3}$"), Field(description="INSEE commune code.")
]
Rome = Annotated[str, StringConstraints(pattern=r"^[A-N]\d{4}$"), Field(description="ROME occupation code.")]
Formacode = Annotated[str, StringConstraints(pattern=r"^\d{5}$"), Field(description="Formacode training domain.")]
Territory = Annotated[
    str,
    StringConstraints(pattern=r"^(commune|epci|departement|region|country|bassin-de-vie|zone-emploi):[0-9A-Z]{1,10}$"),
    Field(description="A territory code that says its kind, such as `departement:71`."),
]

_UUID = re.compile(UUID_PATTERN)


def handoff_id(case: str, step: str, attempt: int) -> HandoffId:
    """The hand-off of a step's n-th attempt (n from 1): uuid5 of the case and `<step>/<attempt>`."""
    return str(uuid5(UUID(case), f"{step}/{attempt}"))


def decision_id(case: str, step: str, number: int) -> DecisionId:
    """The n-th matching decision about a step (n from 1): uuid5 of the case and `<step>/decision/<n>`."""
    return str(uuid5(UUID(case), f"{step}/decision/{number}"))


def is_uuid(text: str) -> bool:
    """Whether the text is a lower-case UUID."""
    return _UUID.match(text) is not None


def stream(prefix: str, identifier: str) -> str:
    """The name of a stream, such as `case/<id>`; everything after the first slash is the partitioning key."""
    return f"{prefix}/{identifier}"


def key_of(stream_name: str) -> str:
    """The part of a stream's name after its first slash."""
    return stream_name.partition("/")[2]
