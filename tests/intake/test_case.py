"""What may be said of a case, and when: the decider's rules as sentences."""

from datetime import date
from typing import Any

import pytest

import builders as a
from relais_chassis.decider import Refused
from relais_contracts import cases
from relais_contracts.cases import AnyOption, CasePayload, PartnerOption
from relais_intake.case.decider import Case, Question, Tell, decide, evolve
from specification import Situation, Specification, nothing_after_the_end

TODAY = date(2026, 3, 2)


def _is_an_answer(question: Question) -> bool:
    return not isinstance(question, Tell) or isinstance(question.event, cases.CaseOptionChosen)


CASE: Specification[Case, Question] = Specification(
    Case(), evolve, decide, ended=lambda case: case.erased, counts_each_time=_is_an_answer
)


def tell(event: CasePayload, by: str = a.OPERATOR, **known: Any) -> Tell:
    """The case's operator says it today, without naming itself."""
    return Tell(by, event.model_copy(update={"operator": None}), TODAY, **known)


def a_complete(*more: CasePayload, **given: Any) -> Situation[Case, Question]:
    return CASE.given(*a.a_case(*more, **given))


def test_a_case_opens_with_its_operator_written_in() -> None:
    assert CASE.given().when(tell(a.opened())) == [a.opened(operator=a.OPERATOR)]


def test_a_pupil_is_refused_with_that_reason() -> None:
    refused = CASE.given().refuses(tell(a.opened(situation="pupil")))
    assert (refused.code, refused.status) == ("pupil", 422)
    assert refused.help["errors"] == [{"pointer": "/data/situation", "detail": refused.detail}]


def test_an_open_case_is_not_opened_with_other_facts() -> None:
    assert CASE.given(a.opened()).refuses(tell(a.opened(situation="student"))).code == "already-open"


def test_nothing_is_said_of_a_case_before_it_is_open() -> None:
    refused = CASE.given().refuses(tell(a.clarified()))
    assert (refused.code, refused.help["expected"]) == ("not-opened", "opened")


def test_the_four_stages_pass_in_their_order() -> None:
    stages = [tell(event) for event in (a.opened(), a.clarified(), a.verified(), a.possibilities())]
    assert CASE.given().after(*stages).when(tell(a.strategy())) == [a.strategy()]


@pytest.mark.parametrize(
    ("told", "event", "expected"),
    [
        ((), a.verified(), "demand"),
        ((), a.possibilities(), "demand"),
        ((), a.strategy(), "demand"),
        ((a.clarified(),), a.possibilities(), "project"),
        ((a.clarified(),), a.strategy(), "project"),
        ((a.clarified(), a.verified()), a.strategy(), "possibilities"),
    ],
)
def test_a_stage_out_of_order_is_refused_naming_the_one_expected(
    told: tuple[CasePayload, ...], event: CasePayload, expected: str
) -> None:
    refused = CASE.given(a.opened(), *told).refuses(tell(event))
    assert (refused.code, refused.status, refused.help["expected"]) == ("stage-out-of-order", 409, expected)
    assert str(refused.help["expected_type"]).startswith("org.relais.case.")


def test_a_revised_stage_opens_those_after_it_again_while_the_last_strategy_keeps_running() -> None:
    revised = a_complete().after(tell(a.clarified(needs=(a.TRAINING,))))
    assert len(revised.state.stages) == 1
    assert revised.state.version == 1
    assert set(revised.state.steps) == {"digital"}
    assert revised.refuses(tell(a.strategy(2))).help["expected"] == "project"


def test_the_versions_of_a_strategy_never_restart() -> None:
    stages = (a.clarified(needs=(a.TRAINING,)), a.verified(), a.possibilities())
    revised = a_complete().after(*(tell(stage) for stage in stages))
    assert revised.refuses(tell(a.strategy(1))).help["expected"] == 2
    assert revised.when(tell(a.strategy(2))) == [a.strategy(2)]


def test_a_strategy_skips_no_version() -> None:
    refused = a_complete().refuses(tell(a.strategy(3)))
    assert (refused.code, refused.help["expected"]) == ("version", 2)


def test_the_same_stage_again_reopens_nothing() -> None:
    assert a_complete().when(tell(a.clarified())) == []


def test_two_equal_options_are_one() -> None:
    one = a.possibilities().options[:1] * 2
    assert CASE.given(a.opened(), a.clarified(), a.verified()).refuses(tell(a.possibilities(options=one))).status == 422


@pytest.mark.parametrize(
    ("steps", "pointer"),
    [
        ((a.a_step("one"), a.a_step("one")), "/data/steps/1/step"),
        ((a.a_step("one", after=("two",)),), "/data/steps/0/after/0"),
        ((a.a_step("one", after=("one",)),), "/data/steps/0/after"),
        ((a.a_step("one", after=("two",)), a.a_step("two", after=("one",)), a.a_step("three")), "/data/steps/0/after"),
    ],
)
def test_a_road_map_that_makes_no_sense_is_refused_at_the_place(steps: Any, pointer: str) -> None:
    refused = a_complete().refuses(tell(a.strategy(2, *steps)))
    assert (refused.code, refused.status) == ("road-map", 422)
    errors: Any = refused.help["errors"]
    assert errors[0]["pointer"] == pointer


def test_steps_may_wait_for_several_others() -> None:
    steps = (a.a_step("last", after=("one", "two")), a.a_step("one"), a.a_step("two", after=("one",)))
    assert len(a_complete().when(tell(a.strategy(2, *steps)))) == 1


def test_another_operator_finds_no_such_case() -> None:
    refused = a_complete().refuses(tell(a.consent(), by=a.OTHER_OPERATOR))
    assert (refused.code, refused.status) == ("unknown-case", 404)
    assert CASE.given(a.opened()).refuses(tell(a.opened(), by=a.OTHER_OPERATOR)).status == 404


def test_after_a_transfer_rights_follow_at_once() -> None:
    transfer = tell(cases.CaseTransferred(to=a.OTHER_OPERATOR), organisations=frozenset({a.OTHER_OPERATOR}))
    moved = a_complete().after(transfer)
    assert moved.refuses(tell(a.strategy(2))).status == 404
    assert len(moved.when(tell(a.strategy(2), by=a.OTHER_OPERATOR))) == 1
    assert moved.when(tell(a.clarified(), by=a.OTHER_OPERATOR)) == []


def test_a_transfer_to_oneself_is_nothing() -> None:
    assert a_complete().when(tell(cases.CaseTransferred(to=a.OPERATOR))) == []


def test_a_transfer_to_a_name_that_the_directory_does_not_have_is_refused_and_the_case_stays() -> None:
    slip = tell(cases.CaseTransferred(to="cep-arra"), organisations=frozenset({a.OTHER_OPERATOR}))
    refused = a_complete().refuses(slip)
    errors: Any = refused.help["errors"]
    assert (refused.code, refused.status, errors[0]["pointer"]) == ("unknown-operator", 409, "/data/to")
    assert "'cep-arra'" in refused.detail


def test_a_consent_is_for_all_steps_or_for_a_known_one() -> None:
    assert a_complete().refuses(tell(a.consent(step="nowhere"))).help["expected"] == ["digital"]
    assert len(a_complete().when(tell(a.consent(step="digital")))) == 1
    assert len(a_complete().when(tell(a.consent(step="onward-1"), onward=frozenset({"onward-1"})))) == 1


def test_a_consent_that_is_over_is_refused() -> None:
    assert a_complete().refuses(tell(a.consent(until=date(2026, 3, 1)))).help["errors"]
    assert len(a_complete().when(tell(a.consent(until=TODAY)))) == 1


def test_the_same_consent_again_is_nothing_new_unless_it_takes_a_steps_own_word_back() -> None:
    assert a_complete().when(tell(a.consent())) == []
    without = cases.CaseConsentWithdrawn(step="digital")
    assert len(a_complete().after(tell(without)).when(tell(a.consent()))) == 1


def test_a_consent_is_withdrawn_for_all_or_for_a_step() -> None:
    for step in (None, "digital"):
        withdrawn = a_complete().after(tell(cases.CaseConsentWithdrawn(step=step)))
        assert withdrawn.state.consents.holding("digital", TODAY) is None


def test_what_was_never_agreed_need_not_be_taken_back() -> None:
    assert CASE.given(a.opened()).when(tell(cases.CaseConsentWithdrawn())) == []
    assert CASE.given(a.opened()).when(tell(cases.CaseConsentWithdrawn(step="digital"))) == []


def test_the_person_chooses_for_a_step_of_the_road_map() -> None:
    chosen = cases.CaseOptionChosen(operator=a.OPERATOR, step="digital", option=AnyOption(any=True))
    assert a_complete().when(tell(chosen)) == [chosen]
    assert a_complete().after(tell(chosen)).when(tell(chosen)) == [chosen], "each answers another question"
    assert a_complete().refuses(tell(cases.CaseOptionChosen(step="other"))).code == "unknown-step"


def test_a_step_given_up_is_forgotten() -> None:
    chosen = cases.CaseOptionChosen(step="digital", option=PartnerOption(partner=a.PARTNER))
    given_up = a_complete().after(tell(chosen), tell(cases.CaseOptionChosen(step="digital")))
    assert given_up.state.chosen == {}


def test_the_person_says_what_happened_at_a_handoff_of_the_case() -> None:
    said = cases.CaseAttested(operator=a.OPERATOR, handoff=a.handoff(), outcome="achieved")
    known = frozenset({a.handoff()})
    attested = a_complete().after(tell(said, handoffs=known))
    assert attested.state.attested == {a.handoff(): "achieved"}
    other = said.model_copy(update={"outcome": "partly"})
    assert attested.when(tell(other, handoffs=known)) == [other]
    assert a_complete().refuses(tell(said)).status == 404


def test_of_a_closed_case_only_the_persons_rights_and_word_are_heard() -> None:
    closed = a_complete().after(tell(cases.CaseClosed(reason="done")))
    assert closed.when(tell(cases.CaseClosed(reason="done again"))) == []
    assert closed.refuses(tell(a.strategy(2))).code == "case-closed"
    assert len(closed.when(tell(cases.CaseConsentWithdrawn()))) == 1
    assert len(closed.when(tell(cases.CaseErased(reason="asked")))) == 1


def test_erasure_is_the_end_and_keeps_nothing_of_the_person() -> None:
    erased = a_complete().after(tell(cases.CaseErased(reason="asked")))
    assert erased.state == Case(operator=a.OPERATOR, closed=True, erased=True)
    assert erased.when(tell(cases.CaseErased(reason="asked again"))) == []
    assert erased.refuses(tell(a.opened())).code == "case-erased"
    for event in (*a.a_case(), cases.CaseClosed(reason="-"), cases.CaseTransferred(to=a.OTHER_OPERATOR)):
        assert isinstance(event, CasePayload)
        nothing_after_the_end(CASE, erased.state, tell(event))


def test_what_intake_writes_itself_is_not_said_by_anybody() -> None:
    forged = cases.CaseContactDisclosed(handoff=a.handoff(), partner=a.PARTNER, data=("contact",))
    with pytest.raises(Refused, match="not-yours-to-say"):
        decide(a_complete().state, tell(forged))


def test_a_snapshot_gives_back_the_same_case() -> None:
    withdrawn = cases.CaseConsentWithdrawn(step="digital")
    case = a_complete().after(tell(withdrawn), tell(cases.CaseOptionChosen(step="digital", option=AnyOption(any=True))))
    assert Case.read(case.state.written()) == case.state
