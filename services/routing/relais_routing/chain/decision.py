"""One decision in the making: what is known, the events so far, and the chain after each of them.

The parts of the decider write into it; it gives every event what all events say. Local to one `decide`.
"""

from datetime import datetime
from typing import Any, TypeVar

from relais_contracts.actions import By
from relais_contracts.cases import CasePayload
from relais_contracts.envelope import Payload
from relais_contracts.handoffs import HandoffCancellationRequested, HandoffPayload, StepDone, StepDropped, StepWaiting
from relais_contracts.transitions import AWAITED, Clock, State
from relais_contracts.vocabularies import CausedBy, WaitingFor
from relais_routing.chain.case import Case, Stored, learn
from relais_routing.chain.commands import World
from relais_routing.chain.evolve import evolve
from relais_routing.chain.policy import due
from relais_routing.chain.state import Chain, Handoff, StepState

SYSTEM = By(role="system", org="relais")
H = TypeVar("H", bound=HandoffPayload)


class Decision:
    """Collects the events of one command."""

    __slots__ = ("_case", "chain", "commune", "events", "id", "operator", "world")

    def __init__(self, id: str, case: Case | Stored, chain: Chain, world: World) -> None:
        self.id, self._case, self.chain, self.world = id, case, chain, world
        self.operator, self.commune = case.operator, case.commune
        self.events: list[Payload] = []

    @property
    def case(self) -> Case:
        """What the case's log says."""
        return self._case.case if isinstance(self._case, Stored) else self._case

    def learn(self, fact: CasePayload) -> Case:
        """The case's log says more; what was known before."""
        before = self.case
        self._case = after = learn(before, fact)
        self.operator, self.commune = after.operator, after.commune
        return before

    def write(self, event: Payload) -> None:
        """The event happens: what follows is decided on the chain after it."""
        self.events.append(event)
        self.chain = evolve(self.chain, event)

    # Clocks

    def due(self, handoff: Handoff, clock: Clock, since: datetime) -> datetime:
        """When a clock of a hand-off runs out."""
        days = self.world.policy.clocks[clock]
        if clock == "answer" and handoff.within is not None:
            days = handoff.within
        closures = self.world.closures(handoff.partner)
        return due(since, days, self.world.policy, self.commune, closures)

    # Hand-offs

    def said(self, handoff: Handoff) -> dict[str, Any]:
        """What every event of a hand-off says, as it stands."""
        awaited = AWAITED[handoff.state]
        return {
            "handoff": handoff.id,
            "step": handoff.step,
            "attempt": handoff.attempt,
            "operator": self.operator,
            "partner": handoff.partner,
            "offer": handoff.offer,
            "actor": handoff.actor,
            "need": handoff.need,
            "commune": self.commune,
            "decision": handoff.decision,
            "state": handoff.state,
            "owner": "coordinator" if handoff.escalated else awaited.owner,
            "next": "arbitrate" if handoff.escalated else awaited.next,
            "due": handoff.due,
            "since": handoff.since,
            "parent": handoff.parent,
        }

    def move(self, handoff: Handoff, model: type[H], state: State, since: datetime, **content: Any) -> H:
        """The hand-off moves to a state, whose clock counts from `since`; any escalation is over."""
        clock = AWAITED[state].clock
        moved = handoff._replace(
            state=state,
            escalated=False,
            since=since,
            due=None if clock is None else self.due(handoff, clock, since),
        )
        event = model(**self.said(moved), **content)
        self.write(event)
        return event

    def restarted(self, handoff: Handoff) -> Handoff:
        """The hand-off where it is, not escalated any more, its clock from now."""
        clock, now = AWAITED[handoff.state].clock, self.world.now
        return handoff._replace(escalated=False, since=now, due=self.due(handoff, clock, now) if clock else None)

    def stop(self, handoff: Handoff, caused_by: CausedBy) -> None:
        """Relais asks to cancel a hand-off that runs."""
        if handoff.is_running:
            self.move(
                handoff,
                HandoffCancellationRequested,
                "cancellation-requested",
                self.world.now,
                by=SYSTEM,
                caused_by=caused_by,
            )

    # Steps

    def step(self, step: StepState) -> dict[str, Any]:
        """What every event of a step says."""
        return {
            "step": step.step,
            "operator": self.operator,
            "actor": step.actor,
            "need": step.need,
            "commune": self.commune,
        }

    def wait(self, step: StepState, reason: WaitingFor, handoff: str | None = None) -> None:
        """The operator must do something before the step goes on; waiting already, nothing new."""
        if step.phase == "waiting" and (step.why, step.about) == (reason, handoff):
            return
        policy, now = self.world.policy, self.world.now
        by = due(now, policy.clocks["choice"], policy, self.commune)
        self.write(
            StepWaiting(**self.step(step), waiting_for=reason, handoff=handoff, owner="operator", next=reason, due=by)
        )

    def done(self, step: StepState, outcome: Any, handoff: str | None) -> None:
        """The step has reached its end; `outcome` none: given up by the person."""
        self.write(StepDone(**self.step(step), owner="nobody", outcome=outcome, handoff=handoff))

    def drop(self, step: StepState) -> None:
        """The step is no longer wanted."""
        self.write(StepDropped(**self.step(step), owner="nobody"))
