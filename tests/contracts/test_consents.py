"""Which consent holds for a step: the last word counts, a step's own before the one it comes from, that before all."""

from datetime import date

import pytest

import builders as a
from relais_contracts.cases import AnyOption, CaseConsentWithdrawn, OfferOption, PartnerOption
from relais_contracts.consents import Consents, reaches

DAY = date(2026, 3, 2)
ALL, HERE = a.consent(), a.consent(step="digital", data=("need",))


def test_nothing_said_nothing_holds() -> None:
    assert Consents().holding("digital", DAY) is None
    assert Consents().is_empty()


def test_a_steps_own_word_goes_before_the_general_one_until_all_is_said_again() -> None:
    both = Consents().given(ALL).given(HERE)
    assert both.holding("digital", DAY) == HERE
    assert both.holding("other", DAY) == ALL
    assert both.given(ALL).holding("digital", DAY) == ALL


def test_what_is_taken_back_for_a_step_is_taken_back_whatever_was_agreed_for_all() -> None:
    without = Consents().given(ALL).withdrawn(CaseConsentWithdrawn(step="digital"))
    assert without.holding("digital", DAY) is None
    assert without.holding("other", DAY) == ALL
    assert not without.is_empty()
    assert without.withdrawn(CaseConsentWithdrawn()).is_empty()


def test_what_is_handed_on_follows_its_first_step_unless_something_is_said_of_it() -> None:
    here = Consents().given(HERE)
    assert here.holding("digital-on-1", DAY) is None
    assert here.holding("digital-on-1", DAY, root="digital") == HERE
    assert here.withdrawn(CaseConsentWithdrawn(step="digital-on-1")).holding("digital-on-1", DAY, "digital") is None
    taken_back = Consents().given(ALL).withdrawn(CaseConsentWithdrawn(step="digital"))
    assert taken_back.holding("digital-on-1", DAY, "digital") is None


def test_a_consent_holds_on_its_last_day_and_no_longer() -> None:
    consents = Consents().given(a.consent(until=DAY))
    assert consents.holding("digital", DAY) is not None
    assert consents.holding("digital", date(2026, 3, 3)) is None
    assert consents.last_word("digital") is not None


@pytest.mark.parametrize(
    ("recipients", "options", "reached"),
    [
        ("matching", (), True),
        ("chosen", (), False),
        ("chosen", (AnyOption(any=True),), False),
        ("chosen", (PartnerOption(partner=a.PARTNER),), True),
        ("chosen", (OfferOption(offer=a.OFFER),), True),
        ("chosen", (PartnerOption(partner=a.OTHER_PARTNER), OfferOption(offer="other")), False),
        ((a.PARTNER,), (), True),
        ((a.OTHER_PARTNER,), (OfferOption(offer=a.OFFER),), False),
    ],
)
def test_whom_a_consent_reaches(recipients: object, options: tuple[object, ...], reached: bool) -> None:
    assert reaches(a.consent(recipients=recipients), a.PARTNER, a.OFFER, options) is reached  # type: ignore[arg-type]


def test_consents_survive_being_stored() -> None:
    consents = Consents().given(ALL).withdrawn(CaseConsentWithdrawn(step="digital"))
    assert Consents.model_validate_json(consents.model_dump_json()) == consents
