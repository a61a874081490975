"""Who may read a person's contact: after acceptance, within the consent, each reading on the record."""

from datetime import date
from typing import Any

import pytest

import builders as a
from relais_contracts import cases
from relais_contracts.cases import AnyOption, CaseContactDisclosed, CasePayload, OfferOption, PartnerOption
from relais_contracts.transitions import ENDS
from relais_intake.case.decider import Case, Question, decide, evolve
from relais_intake.case.disclosure import Disclose
from specification import Situation, Specification

CASE: Specification[Case, Question] = Specification(Case(), evolve, decide, counts_each_time=lambda question: True)
LAST_DAY = date(2026, 12, 31)


def reading(**given: Any) -> Disclose:
    """The partner that accepted reads, on the consent's last day."""
    usual: dict[str, Any] = {
        "handoff": a.handoff(),
        "partner": a.PARTNER,
        "offer": a.OFFER,
        "step": "digital",
        "root": "digital",
        "state": "accepted",
        "today": LAST_DAY,
        "is_kept": True,
    }
    return Disclose(**{**usual, **given})


def under(*events: CasePayload, options: tuple[Any, ...] = (AnyOption(any=True),)) -> Situation[Case, Question]:
    """A complete case with this said after its first consent."""
    return CASE.given(*a.a_case(*events, steps=(a.a_step(options=options),)))


def test_each_reading_is_on_the_record() -> None:
    read = CaseContactDisclosed(
        operator=a.OPERATOR, handoff=a.handoff(), partner=a.PARTNER, data=("identity", "contact")
    )
    assert under().when(reading()) == [read]
    assert under(read).when(reading()) == [read]


@pytest.mark.parametrize("state", ["proposed", "cancellation-requested", *sorted(ENDS)])
def test_nothing_is_shown_before_acceptance_or_after_the_end(state: str) -> None:
    assert under().refuses(reading(state=state)).code == "not-accepted"


def test_nothing_is_shown_once_the_consent_is_over_or_taken_back() -> None:
    assert under().refuses(reading(today=date(2027, 1, 1))).status == 403
    assert under(cases.CaseConsentWithdrawn()).refuses(reading()).code == "no-consent"
    assert under(cases.CaseConsentWithdrawn(step="digital")).refuses(reading()).code == "no-consent"
    assert len(under(cases.CaseConsentWithdrawn(step="other")).when(reading())) == 1


def test_only_what_was_agreed_is_shown() -> None:
    read: Any = under(a.consent(data=("need", "identity"))).when(reading())
    assert read[0].data == ("identity",)
    assert under(a.consent(data=("need", "project"))).refuses(reading()).code == "no-consent"


def test_recipients_by_name_are_those_alone() -> None:
    assert len(under(a.consent(recipients=(a.PARTNER,))).when(reading())) == 1
    assert under(a.consent(recipients=(a.OTHER_PARTNER,))).refuses(reading()).status == 403


@pytest.mark.parametrize("option", [PartnerOption(partner=a.PARTNER), OfferOption(offer=a.OFFER)])
def test_chosen_recipients_are_those_the_person_named(option: Any) -> None:
    chosen = a.consent(recipients="chosen")
    assert len(under(chosen, options=(option,)).when(reading())) == 1
    assert under(chosen).refuses(reading()).code == "no-consent", "any partner that fits is not a named one"
    later = cases.CaseOptionChosen(step="digital", option=option)
    assert len(under(chosen, later).when(reading())) == 1


def test_a_consent_for_a_step_goes_before_the_general_one() -> None:
    only_here = a.consent(step="digital", data=("identity",))
    read: Any = under(only_here).when(reading())
    assert read[0].data == ("identity",)
    again: Any = under(only_here, a.consent()).when(reading())
    assert again[0].data == ("identity", "contact"), "the person's last word was for all steps"


def test_what_was_handed_on_stands_under_the_consent_of_the_step_it_comes_from() -> None:
    onward: dict[str, Any] = {"step": "digital-on-1", "handoff": a.handoff("digital-on-1")}
    only_here = CASE.given(*a.a_case()[:-1], a.consent(step="digital"))
    assert len(only_here.when(reading(**onward))) == 1
    assert under(cases.CaseConsentWithdrawn(step="digital")).refuses(reading(**onward)).code == "no-consent"


def test_of_what_was_handed_on_the_person_has_a_word_of_its_own() -> None:
    onward: dict[str, Any] = {"step": "digital-on-1", "handoff": a.handoff("digital-on-1")}
    taken_back = under(cases.CaseConsentWithdrawn(step="digital-on-1"))
    assert taken_back.refuses(reading(**onward)).code == "no-consent"
    assert len(taken_back.when(reading())) == 1


def test_without_a_contact_there_is_nothing_to_read() -> None:
    assert under().refuses(reading(is_kept=False)).code == "no-contact"


def test_after_erasure_nothing_is_left_to_read() -> None:
    assert under(cases.CaseErased(reason="asked")).refuses(reading()).code == "no-consent"


def test_a_case_without_a_strategy_names_nobody() -> None:
    early = CASE.given(a.opened(), a.consent(recipients="chosen"))
    assert early.refuses(reading()).code == "no-consent"
