"""Which event type goes to whom, as data.

Notifications read it to fill feeds and webhooks; documentation shows it. It never looks at an event's content:
the partner is in `partner`, the operator in `operator`, coordinators follow `commune`.
"""

from typing import Final, Literal

from relais_contracts import handoffs
from relais_contracts.catalogue import MODELS

Recipient = Literal["partner", "operator", "coordinator", "partners-who-read"]

_BOTH_ENDS: Final[frozenset[Recipient]] = frozenset({"partner", "operator"})
_EVERYBODY: Final[frozenset[Recipient]] = frozenset({"partner", "operator", "coordinator"})
_OUR_SIDE: Final[frozenset[Recipient]] = frozenset({"operator", "coordinator"})

_SPECIAL: Final[dict[str, frozenset[Recipient]]] = {
    handoffs.HandoffReminded.TYPE: _BOTH_ENDS,
    handoffs.HandoffEscalated.TYPE: _EVERYBODY,
    handoffs.HandoffActionRefused.TYPE: _BOTH_ENDS,
    handoffs.HandoffNoted.TYPE: _BOTH_ENDS,
    "org.relais.case.erased.v1": frozenset({"partners-who-read"}),
    "org.relais.case.transferred.v1": frozenset({"operator"}),
    "org.relais.demand.places-requested.v1": frozenset({"partner", "coordinator"}),
    "org.relais.impartiality.alarm-raised.v1": frozenset({"operator", "coordinator"}),
}


def _recipients(event_type: str) -> frozenset[Recipient]:
    if event_type in _SPECIAL:
        return _SPECIAL[event_type]
    subject = event_type.split(".")[2]
    if subject == "handoff":
        return _EVERYBODY
    return _OUR_SIDE if subject in ("step", "chain") else frozenset()


AUDIENCE: Final[dict[str, frozenset[Recipient]]] = {name: _recipients(name) for name in MODELS}
"""Who is told of each event type; empty: nobody outside."""
