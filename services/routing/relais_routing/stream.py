"""What the records of the three topics ask of routing, and the reader that brings them.

Cases and actions ask their chain; entries of the directory ask nothing but to be kept. It decides nothing.
"""

from collections.abc import Sequence
from typing import Final

from relais_chassis.records import Asked
from relais_contracts.actions import ActionRequested
from relais_contracts.cases import (
    CaseContactDisclosed,
    CaseDemandClarified,
    CasePayload,
    CasePossibilitiesOpened,
)
from relais_contracts.envelope import CloudEvent, Payload, own_stream
from relais_contracts.identifiers import key_of
from relais_contracts.topics import ACTIONS, CASES, DIRECTORY
from relais_routing.directory import is_entry

TOPICS: Final = (CASES.name, ACTIONS.name, DIRECTORY.name)
GROUP: Final = "relais-routing"
NOT_OURS: Final = (CaseDemandClarified, CasePossibilitiesOpened, CaseContactDisclosed)
"""Facts that no hand-off depends on."""


def asks(event: CloudEvent, payload: Payload) -> Sequence[Asked]:
    """The stream a record is decided on, and what it asks there."""
    stream, _ = own_stream(event)
    if isinstance(payload, CasePayload | ActionRequested):
        return () if isinstance(payload, NOT_OURS) else ((f"chain/{key_of(stream)}", payload),)
    return ((stream, payload),) if is_entry(stream) else ()
