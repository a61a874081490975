"""Any series of statements against a small model of the case: hypothesis looks for one where they differ."""

from datetime import date, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import builders as a
from relais_chassis.decider import Refused
from relais_contracts import cases
from relais_contracts.cases import STAGES, CasePayload
from relais_contracts.envelope import Payload
from relais_intake.case.decider import Case, Tell, decide, evolve
from specification import Specification, any_history_folds

DECIDER: Specification[Case, Any] = Specification(Case(), evolve, decide)
TODAY = date(2026, 3, 2)
STAGE_EVENTS = (a.clarified, a.verified, a.possibilities)
operators = some.sampled_from([a.OPERATOR, a.OTHER_OPERATOR])


class TheCase(RuleBasedStateMachine):
    """The model: an owner, how many stages stand, the last version, whether it ended."""

    def __init__(self) -> None:
        super().__init__()
        self.history: list[Payload] = []
        self.case = Case()
        self.owner: str | None = None
        self.passed: list[str] = []
        self.version = 0
        self.closed = self.erased = self.agreed = False

    def tell(self, by: str, event: CasePayload, expected: str) -> bool:
        """Say it: `expected` is "news", "nothing" or a refusal's code; whether it was news."""
        if self.owner is None and not isinstance(event, cases.CaseOpened):
            expected = "not-opened"
        elif self.owner is not None and by != self.owner:
            expected = "unknown-case"
        elif self.erased and not isinstance(event, cases.CaseErased):
            expected = "case-erased"
        known = frozenset({a.OPERATOR, a.OTHER_OPERATOR})
        question = Tell(by, event.model_copy(update={"operator": None}), TODAY, organisations=known)
        try:
            events = decide(self.case, question)
            outcome = "news" if events else "nothing"
        except Refused as refused:
            events, outcome = [], refused.code
        assert outcome == expected, f"{event.TYPE}: {outcome} instead of {expected}"
        for new in events:
            assert getattr(new, "operator", None) == by
            self.case = evolve(self.case, new)
        self.history += events
        return outcome == "news"

    @initialize()
    def somebody_is_welcomed(self) -> None:
        self.open(a.OPERATOR)

    @rule(by=operators)
    def open(self, by: str) -> None:
        expected = "news" if self.owner is None else "case-closed" if self.closed else "nothing"
        if self.tell(by, a.opened(), expected):
            self.owner = by

    @rule(by=operators, stage=some.integers(0, 2), variant=some.booleans())
    def pass_a_stage(self, by: str, stage: int, variant: bool) -> None:
        interview = a.INTERVIEW.model_copy(update={"minutes": 60 if variant else 90})
        event = STAGE_EVENTS[stage](interview=interview)
        content = f"{STAGES[stage]}-{variant}"
        same = stage < len(self.passed) and self.passed[stage] == content
        expected = "case-closed" if self.closed else "stage-out-of-order" if stage > len(self.passed) else "news"
        if self.tell(by, event, "nothing" if same and not self.closed else expected):
            self.passed = [*self.passed[:stage], content]

    @rule(by=operators, version=some.integers(1, 4))
    def elaborate(self, by: str, version: int) -> None:
        content = f"strategy-{version}"
        if self.closed:
            expected = "case-closed"
        elif len(self.passed) < 3:
            expected = "stage-out-of-order"
        elif self.passed[3:] == [content]:
            expected = "nothing"
        else:
            expected = "news" if version == self.version + 1 else "version"
        if self.tell(by, a.strategy(version), expected):
            self.passed, self.version = [*self.passed[:3], content], version

    @rule(by=operators, ends=some.integers(-1, 1))
    def agree(self, by: str, ends: int) -> None:
        until = date(2026, 12, 31) if ends else TODAY - timedelta(days=1)
        expected = (
            "case-closed" if self.closed else "consent-over" if not ends else "nothing" if self.agreed else "news"
        )
        if self.tell(by, a.consent(until=until), expected):
            self.agreed = True

    @rule(by=operators)
    def take_back(self, by: str) -> None:
        if self.tell(by, cases.CaseConsentWithdrawn(), "news" if self.agreed else "nothing"):
            self.agreed = False

    @rule(by=operators, to=operators)
    def transfer(self, by: str, to: str) -> None:
        if self.tell(by, cases.CaseTransferred(to=to), "nothing" if to == self.owner else "news"):
            self.owner = to

    @rule(by=operators)
    def close(self, by: str) -> None:
        if self.tell(by, cases.CaseClosed(reason="done"), "nothing" if self.closed else "news"):
            self.closed = True

    @rule(by=operators, really=some.integers(0, 9))
    def erase(self, by: str, really: int) -> None:
        if really:  # most runs should live on
            return
        if self.tell(by, cases.CaseErased(reason="asked"), "nothing" if self.erased else "news"):
            self.closed = self.erased = True
            self.agreed, self.passed, self.version = False, [], 0

    @invariant()
    def the_state_is_what_the_history_says(self) -> None:
        assert DECIDER.fold(self.history) == self.case
        assert Case.read(self.case.written()) == self.case
        assert self.case.operator == self.owner
        assert len(self.case.stages) == len(self.passed)
        assert self.case.version == self.version

    @invariant()
    def any_history_folds(self) -> None:
        any_history_folds(DECIDER, self.history)


TestTheCase = TheCase.TestCase
TestTheCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
