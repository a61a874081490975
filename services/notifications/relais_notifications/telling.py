"""Who is told of what: the contracts' table of audiences, applied to one event after the other.

Between the stream and the feed. Operators are those of now, so that a transferred case's news follow it at once.
It reads no database and no clock.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from relais_contracts.audience import AUDIENCE
from relais_contracts.cases import CaseContactDisclosed, CaseErased, CaseTransferred
from relais_contracts.demand import DemandPlacesRequested
from relais_contracts.envelope import CloudEvent, Payload
from relais_contracts.handoffs import ChainDone, HandoffHandedOn, HandoffPayload, StepPayload
from relais_contracts.impartiality import ImpartialityAlarmRaised
from relais_notifications.heard import Heard

# What is told


@dataclass(frozen=True, slots=True)
class Notice:
    """One event for one partner, one operator and the coordinators of a commune; none: nobody of that kind."""

    event: CloudEvent
    case: str
    """What it is about: a case, the offer that is in demand, the operator of an alarm."""
    partner: str | None = None
    operator: str | None = None
    commune: str | None = None


# What is known


@dataclass(frozen=True, slots=True)
class Operators:
    """A case's operator now, and those it had before."""

    now: str
    former: frozenset[str] = frozenset()

    def followed_by(self, operator: str) -> "Operators":
        """The operators once the case went to this one."""
        if operator == self.now:
            return self
        return Operators(operator, (self.former | {self.now}) - {operator})


@dataclass(slots=True)
class Known:
    """What telling needs of earlier events, by case and by hand-off; changed in place by `learn`."""

    operators: dict[str, Operators] = field(default_factory=dict)
    """By case, of those that were ever transferred."""
    readers: dict[str, set[str]] = field(default_factory=dict)
    """By case: partners that read the contact."""
    handed_on: dict[str, str] = field(default_factory=dict)
    """By hand-off: the partner that handed part of it on, and sees what becomes of it."""

    def learn(self, case: str, payload: Payload) -> None:
        """Keep what later events need of this one."""
        match payload:
            case CaseTransferred(operator=operator, to=to):
                before = self.operators.get(case) or Operators(operator or to)
                self.operators[case] = before.followed_by(to)
            case CaseContactDisclosed(partner=partner):
                self.readers.setdefault(case, set()).add(partner)
            case HandoffHandedOn(handoff=handoff, partner=partner):
                self.handed_on[handoff] = partner

    def operator_of(self, case: str, named: str) -> str:
        """The operator to be told: the one an event names, unless the case is known to have left it since.

        An operator never heard of as a former one is ahead of what was read here: the event is right.
        """
        known = self.operators.get(case)
        return known.now if known is not None and named in known.former else named


# What follows


def tell(known: Known, heard: Sequence[Heard]) -> list[Notice]:
    """Everything that must be told, in the order heard; `known` learns on the way."""
    notices: list[Notice] = []
    for each in heard:
        known.learn(each.case, each.payload)
        notices.extend(_notices(known, each))
    return notices


def _notices(known: Known, heard: Heard) -> Iterator[Notice]:
    event, case, told = heard.event, heard.case, AUDIENCE.get(heard.event.type, frozenset())
    match heard.payload:
        case CaseTransferred(operator=former, to=to):
            yield Notice(event, case, operator=to)
            if former is not None and former != to:
                yield Notice(event, case, operator=former)
        case CaseErased():
            for partner in sorted(known.readers.get(case, ())):
                yield Notice(event, case, partner=partner)
        case DemandPlacesRequested(partner=partner, commune=commune):
            yield Notice(event, case, partner=partner, commune=commune)
        case ImpartialityAlarmRaised(operator=operator, commune=commune):
            yield Notice(event, case, operator=operator, commune=commune)
        case HandoffPayload() | StepPayload() | ChainDone() as payload if told:
            yield Notice(
                event,
                case,
                partner=payload.partner if "partner" in told and isinstance(payload, HandoffPayload) else None,
                operator=known.operator_of(case, payload.operator) if "operator" in told else None,
                commune=payload.commune if "coordinator" in told else None,
            )
            if isinstance(payload, HandoffPayload) and "partner" in told:
                yield from _to_who_handed_on(known, event, case, payload)


def _to_who_handed_on(known: Known, event: CloudEvent, case: str, payload: HandoffPayload) -> Iterator[Notice]:
    """Both ends of a hand-off handed on see what becomes of it."""
    partner = known.handed_on.get(payload.parent) if payload.parent else None
    if partner is not None and partner != payload.partner:
        yield Notice(event, case, partner=partner)
