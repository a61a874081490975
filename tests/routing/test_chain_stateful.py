"""Whatever is asked in whatever order, the promises of a chain hold: a random walk against a small model."""

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from builders import CASE, MONDAY, OPERATOR, TRAINING, a_step, consent, opened, requested, strategy, verified
from chains import FIRST, SECOND, THIRD, Known, a_world, is_ended, learned, offers_of
from relais_chassis.decider import Refused
from relais_contracts.actions import Appointment, By, Onward
from relais_contracts.cases import (
    AnyOption,
    CaseClosed,
    CaseConsentWithdrawn,
    CaseOptionChosen,
    CasePayload,
    PartnerOption,
)
from relais_contracts.handoffs import ChainDone, HandoffActionRefused, HandoffPayload, HandoffProposed
from relais_contracts.transitions import ENDS, TABLE, Action, find
from relais_routing.chain.commands import CheckClocks, Rematch
from relais_routing.chain.decider import decide
from relais_routing.chain.state import dump, load

DIRECTORY = [*offers_of(FIRST, SECOND, THIRD), *offers_of("efe-71", needs=(TRAINING,))]
STEPS = (
    a_step("digital", on_refusal="next"),
    a_step("training", need=TRAINING, after=("digital",)),
    a_step("other", answer_within=2),
)
ACTIONS: list[Action] = sorted({line.action for line in TABLE})
CONTENT: dict[str, Any] = {
    "reason": "not-eligible",
    "caused_by": "partner",
    "outcome": "partly",
    "onward": Onward(actor="training-body", need=TRAINING, option=AnyOption(any=True)),
}
OPTIONS = some.sampled_from([None, AnyOption(any=True), PartnerOption(partner=THIRD)])


class Walk(RuleBasedStateMachine):
    """The model: the state of every hand-off by the table alone, and what may have been sent."""

    def __init__(self) -> None:
        super().__init__()
        self.known, self.now, self.version = Known(), MONDAY, 0
        self.states: dict[str, str] = {}
        self.tellers: dict[str, str] = {}

    def ask(self, command: Any) -> list[Any]:
        """Decide, fold, and follow in the model."""
        world, _ = a_world(self.now, DIRECTORY)
        try:
            events = decide(CASE, self.known.case, self.known.chain, command, world)
        except Refused:
            return []
        if isinstance(command, CasePayload):
            self.known = learned(self.known, command)
        for event in events:
            self.known = learned(self.known, event)
            self.follow(event)
        again = decide(CASE, self.known.case, self.known.chain, command, a_world(self.now, DIRECTORY)[0])
        assert not again, f"asked twice, {command} gave {again}"
        return events

    def follow(self, event: Any) -> None:
        """The model after an event."""
        if isinstance(event, HandoffPayload):
            if isinstance(event, HandoffProposed):
                holding = self.known.case.consents.holding(event.step.split("-onward")[0], self.now.date())
                assert holding is not None, "proposed without a consent"
                assert not self.known.case.ended, "proposed after the end"
            assert (event.owner == "nobody") is (event.state in ENDS)
            assert event.due is not None or event.owner != "partner", "a partner without a day to answer by"
            self.states[event.handoff] = event.state
            self.tellers[event.handoff] = event.partner
        if isinstance(event, ChainDone):
            assert all(state in ENDS for state in self.states.values()), "done with a hand-off open"

    @initialize()
    def welcomed(self) -> None:
        for fact in (opened(), verified(), consent()):
            self.ask(fact)
        self.elaborated(set())

    @rule(gone=some.sets(some.integers(0, 2), max_size=2))
    def elaborated(self, gone: set[int]) -> None:
        self.version += 1
        self.ask(strategy(self.version, *(step for number, step in enumerate(STEPS) if number not in gone)))

    @precondition(lambda self: self.states)
    @rule(
        which=some.integers(0, 50),
        action=some.sampled_from(ACTIONS),
        role=some.sampled_from(["partner", "partner", "partner", "operator", "coordinator"]),
        text=some.sampled_from([None, "n1", "n2"]),
        day=some.integers(-1, 5),
        replace=some.booleans(),
    )
    def asked(self, which: int, action: Action, role: Any, text: str | None, day: int, replace: bool) -> None:
        handoff = sorted(self.states)[which % len(self.states)]
        before = self.states[handoff]
        org = {"partner": self.tellers[handoff], "operator": OPERATOR}.get(role, "region-bfc")
        more = CONTENT | {"appointment": Appointment(at=self.now + timedelta(days=day)), "text": text}
        by = By(role=role, org=org)
        overdue = self.known.chain.handoffs[handoff].escalated
        events = self.ask(requested(action, handoff=handoff, by=by, received=self.now, replace=replace, **more))
        line = find(before, role, action, overdue=overdue)  # type: ignore[arg-type]
        own = [event for event in events if getattr(event, "handoff", None) == handoff]
        if own and not isinstance(own[0], HandoffActionRefused):
            assert line is not None or action == "confirm-cancellation"
            assert own[0].state == (line.end if line else "cancelled")
        elif own:
            assert own[0].state == before

    @rule(days=some.integers(0, 9))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.ask(CheckClocks(self.now))

    @rule(step=some.sampled_from([None, "digital", "other"]), to=some.sampled_from(["matching", "chosen", (SECOND,)]))
    def agreed(self, step: str | None, to: Any) -> None:
        self.ask(consent(step=step, recipients=to))

    @rule(step=some.sampled_from([None, "digital", "training"]))
    def taken_back(self, step: str | None) -> None:
        self.ask(CaseConsentWithdrawn(operator=OPERATOR, step=step))

    @rule(step=some.sampled_from(["digital", "training", "other"]), option=OPTIONS)
    def chosen(self, step: str, option: Any) -> None:
        self.ask(CaseOptionChosen(operator=OPERATOR, step=step, option=option))

    @rule()
    def looked_again(self) -> None:
        self.ask(Rematch())

    @precondition(lambda self: self.now > MONDAY + timedelta(days=20))
    @rule()
    def closed(self) -> None:
        self.ask(CaseClosed(operator=OPERATOR, reason="moved"))

    @invariant()
    def the_chain_knows_what_the_events_said(self) -> None:
        assert {each.id: each.state for each in self.known.chain.handoffs.values()} == self.states
        assert load(dump(self.known.chain)) == self.known.chain

    @invariant()
    def one_hand_off_runs_at_a_time_and_attempts_never_restart(self) -> None:
        for step in self.known.chain.steps:
            attempts = [each for each in self.known.chain.handoffs.values() if each.step == step]
            assert sum(each.is_running for each in attempts) <= 1
            assert [each.attempt for each in attempts] == list(range(1, len(attempts) + 1))

    @invariant()
    def whatever_is_open_has_somebody_and_a_day(self) -> None:
        for handoff in self.known.chain.open_handoffs():
            assert handoff.escalated or handoff.due is not None
        for step in self.known.chain.steps.values():
            if step.phase == "waiting":
                assert step.escalated or step.due is not None
            if step.phase == "open":
                current = self.known.chain.current(step)
                assert current is not None
                assert current.is_open

    @invariant()
    def nothing_wanted_is_forgotten(self) -> None:
        case, steps = self.known.case, self.known.chain.steps
        if case.ended or not case.consents.general:
            return
        for plan in case.steps:
            begun = plan.step in steps and steps[plan.step].phase != "dropped"
            wanted = {each.step for each in case.steps}
            blocked = any(each in wanted and (each not in steps or steps[each].phase != "done") for each in plan.after)
            assert begun or blocked, f"{plan.step} was forgotten"

    @invariant()
    def the_end_is_the_end(self) -> None:
        if is_ended(self.known):
            assert not self.known.chain.open_handoffs()


Walk.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestWalk = Walk.TestCase
