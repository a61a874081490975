"""What each event changes on the board: a pure fold from facts to rows.

The store hands it the rows of a batch and the batch's facts, and keeps what comes out. It refuses nothing: an event
is true, even one that comes before what explains it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from relais_contracts import cases, directory, handoffs
from relais_contracts.envelope import Payload
from relais_contracts.identifiers import key_of
from relais_notifications.board.rows import Case, Item, is_end


@dataclass(frozen=True, slots=True)
class Fact:
    """One event of our own logs: its place there, when it was written, what it says (`data`: as it came)."""

    stream: str
    sequence: int
    time: datetime
    payload: Payload
    data: bytes

    @property
    def case_id(self) -> str:
        """The case, for a fact of a case or a chain."""
        return key_of(self.stream)


@dataclass(slots=True)
class Board:
    """The rows a batch touches: read before, changed by `apply`, written after."""

    cases: dict[str, Case] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    organisations: dict[str, directory.PartnerDeclared | None] = field(default_factory=dict)
    offers: dict[str, directory.OfferDeclared] = field(default_factory=dict)
    timeline: list[Fact] = field(default_factory=list)
    transferred: dict[str, str] = field(default_factory=dict)
    touched_cases: set[str] = field(default_factory=set)
    touched_items: set[str] = field(default_factory=set)

    def apply(self, fact: Fact) -> None:
        """Take one fact in."""
        match fact.payload:
            case cases.CasePayload():
                self.timeline.append(fact)
                self._case(fact)
            case handoffs.HandoffPayload() as told:
                self.timeline.append(fact)
                self._put(handoff(self.items.get(told.handoff), fact, told))
                if isinstance(told, handoffs.HandoffProposed):
                    self._put(pursued(self.items.get(step_key(fact.case_id, told.step)), fact, told))
            case handoffs.StepPayload() as told:
                self.timeline.append(fact)
                self._put(step(self.items.get(step_key(fact.case_id, told.step)), fact, told))
            case handoffs.ChainDone():
                self.timeline.append(fact)
            case directory.PartnerDeclared() as told:
                self.organisations[told.partner] = told
            case directory.PartnerWithdrawn() as told:
                self.organisations[told.partner] = None
            case directory.OfferDeclared() as told:
                self.offers[told.offer] = told
            case _:
                pass

    def _case(self, fact: Fact) -> None:
        after = case(self.cases.get(fact.case_id), fact)
        if after is not None:
            self.cases[after.id] = after
        self.touched_cases.add(fact.case_id)
        if isinstance(fact.payload, cases.CaseTransferred):
            self.transferred[fact.case_id] = fact.payload.to

    def _put(self, item: Item) -> None:
        known = self.cases.get(item.case_id)
        if known is not None and known.operator != item.operator:
            item = replace(item, operator=known.operator)  # transferred: routing may not have heard of it yet
        self.items[item.id] = item
        self.touched_items.add(item.id)


def step_key(case_id: str, step_id: str) -> str:
    """The id of a step's item."""
    return f"{case_id}/{step_id}"


def item_ids(fact: Fact) -> Iterable[str]:
    """The items a fact may change, to be read before it is applied."""
    match fact.payload:
        case handoffs.HandoffPayload() as told:
            return (told.handoff, step_key(fact.case_id, told.step))
        case handoffs.StepPayload() as told:
            return (step_key(fact.case_id, told.step),)
        case _:
            return ()


# Cases


def case(before: Case | None, fact: Fact) -> Case | None:
    """The case after a fact; none where its beginning was never seen."""
    told = fact.payload
    if isinstance(told, cases.CaseOpened):
        return Case(fact.case_id, told.operator or "", told.commune, told.situation, fact.time)
    if before is None:
        return None
    match told:
        case cases.CaseDemandClarified():
            masked = set(told.stated) != set(told.needs)
            return replace(_stage(before, "demand", told.interview), masked=masked)
        case cases.CaseProjectVerified():
            return _stage(before, "project", told.interview)
        case cases.CasePossibilitiesOpened():
            return _stage(before, "possibilities", told.interview)
        case cases.CaseStrategyElaborated():
            return _stage(before, "strategy", told.interview)
        case cases.CaseTransferred():
            return replace(before, operator=told.to)
        case cases.CaseClosed() | cases.CaseErased():
            return replace(before, closed=before.closed or fact.time)
        case _:
            return before


def _stage(before: Case, stage: str, interview: cases.Interview) -> Case:
    return replace(before, stage=stage, interviews=max(before.interviews, interview.number))


# Hand-offs

_LEAVES_ESCALATION: Final = (
    handoffs.HandoffReminded,
    handoffs.HandoffNoted,
    handoffs.HandoffActionRefused,
    handoffs.HandoffHandedOn,
)
"""Events that are no transition: an escalation stands through them, unless the state moved."""


def handoff(before: Item | None, fact: Fact, told: handoffs.HandoffPayload) -> Item:
    """The hand-off after a fact; each of its events carries the whole of who, what and by when."""
    item = Item(
        id=told.handoff,
        kind="handoff",
        case_id=fact.case_id,
        step=told.step,
        operator=told.operator,
        actor=told.actor,
        need=told.need,
        commune=told.commune,
        state=told.state,
        owner=told.owner,
        opened=before.opened if before else fact.time,
        changed=fact.time,
        attempt=told.attempt,
        partner=told.partner,
        offer=told.offer,
        place=(before.place if before else None) or told.offer,
        decision=told.decision,
        parent=told.parent,
        next=told.next,
        due=told.due,
        escalated=_is_escalated(before, told),
        ended=fact.time if is_end(told.state) else None,
    )
    return _details(_answer(_kept(item, before), before, fact), told)


def _is_escalated(before: Item | None, told: handoffs.HandoffPayload) -> bool:
    if isinstance(told, handoffs.HandoffEscalated):
        return True
    stands = before is not None and before.state == told.state and isinstance(told, _LEAVES_ESCALATION)
    return stands and before is not None and before.escalated


def _kept(item: Item, before: Item | None) -> Item:
    """What later events do not say again."""
    if before is None:
        return item
    return replace(
        item,
        answered=before.answered,
        in_time=before.in_time,
        appointment=before.appointment,
        request=before.request,
        reason=before.reason,
        caused_by=before.caused_by,
        outcome=before.outcome,
        ended=item.ended and (before.ended or item.ended),
    )


def _answer(item: Item, before: Item | None, fact: Fact) -> Item:
    """When the partner answered, and whether in time; a hand-off called back before that was never answered."""
    if before is None or before.state != "proposed" or item.state in ("proposed", "cancellation-requested"):
        return item
    in_time = item.state != "lapsed" and (before.due is None or fact.time <= before.due)
    return replace(item, answered=fact.time, in_time=in_time)


def _details(item: Item, told: handoffs.HandoffPayload) -> Item:
    match told:
        case handoffs.HandoffProposed():
            return replace(item, request=told.request.model_dump_json(exclude_defaults=True))
        case handoffs.HandoffScheduled() | handoffs.HandoffRescheduled():
            return replace(item, appointment=told.appointment.model_dump_json(exclude_none=True))
        case handoffs.HandoffAppointmentCancelled():
            return replace(item, appointment=None, reason=told.reason, caused_by=told.caused_by)
        case handoffs.HandoffDeclined() | handoffs.HandoffCancellationRequested():
            return replace(item, reason=told.reason, caused_by=told.caused_by)
        case handoffs.HandoffCompleted():
            return replace(item, outcome=told.outcome)
        case _:
            return item


# Steps


def pursued(before: Item | None, fact: Fact, told: handoffs.HandoffProposed) -> Item:
    """The step of a fresh proposal: it waits for nobody but its hand-off."""
    return Item(
        id=step_key(fact.case_id, told.step),
        kind="step",
        case_id=fact.case_id,
        step=told.step,
        operator=told.operator,
        actor=told.actor,
        need=told.need,
        commune=told.commune,
        state="pursued",
        owner="nobody",
        opened=before.opened if before else fact.time,
        changed=fact.time,
        parent=told.parent,
    )


def step(before: Item | None, fact: Fact, told: handoffs.StepPayload) -> Item:
    """The step after a fact of its own."""
    item = Item(
        id=step_key(fact.case_id, told.step),
        kind="step",
        case_id=fact.case_id,
        step=told.step,
        operator=told.operator,
        actor=told.actor,
        need=told.need,
        commune=told.commune,
        state=before.state if before else "waiting",
        owner=told.owner,
        opened=before.opened if before else fact.time,
        changed=fact.time,
        next=told.next,
        due=told.due,
        parent=before.parent if before else None,
        reason=before.reason if before else None,
    )
    match told:
        case handoffs.StepUnmet():
            return replace(item, state="unmet", reason=told.reason, decision=told.decision)
        case handoffs.StepWaiting():
            return replace(item, state="waiting", reason=told.waiting_for)
        case handoffs.StepDone():
            return replace(item, state="done", outcome=told.outcome, ended=fact.time, reason=None)
        case handoffs.StepDropped():
            return replace(item, state="dropped", ended=fact.time, reason=None)
        case handoffs.StepEscalated():
            return replace(item, escalated=True)
        case _:
            return item
