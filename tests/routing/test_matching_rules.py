"""Each rule sets aside what it should, says why, and lets pass what it should."""

from datetime import date
from typing import Any

import pytest

from builders import NEED, TRAINING
from matching_builders import (
    against,
    at,
    at_partner,
    decided,
    index_of,
    named,
    offer,
    partner,
    ranking,
    remote,
    request,
    room,
)
from relais_contracts.cases import AnyOption
from relais_contracts.directory import ClosureDeclared, Session, Zone
from relais_routing.matching.rules import RULES
from relais_routing.matching.verdicts import STAGE, Verdict


def test_every_verdict_has_a_stage_and_every_rule_a_sentence() -> None:
    assert set(STAGE) == set(Verdict)
    assert all(rule.__doc__ for rule in RULES)
    names = "serves_need is_actor serves_territory is_reachable welcomes_audience takes_referrals is_independent is_open"
    assert [rule.__name__ for rule in RULES] == [*names.split(), "has_room", "is_untried"]


def alone(event_offer: Any, *more: Any, **given: Any) -> tuple[list[str], dict[str, list[str]]]:
    decision = decided(index_of(event_offer, *more), **given)
    return ranking(decision), against(decision)


def test_another_need_or_actor_is_not_even_looked_at() -> None:
    assert alone(offer("a", needs=(TRAINING,))) == ([], {})
    assert alone(offer("a", actor="social-support")) == ([], {})


def test_another_need_or_actor_is_said_of_an_offer_that_was_named() -> None:
    wrong = offer("a", needs=(TRAINING,), actor="social-support")
    assert alone(wrong, options=(named("a"),)) == ([], {"a": ["other-need", "other-actor"]})


@pytest.mark.parametrize(("field", "theirs", "asked"), [("rome", "M1602", "A1203"), ("formacode", "70332", "21547")])
def test_occupations_must_meet_where_both_name_some(field: str, theirs: str, asked: str) -> None:
    specialised, general = offer("a", **{field: (theirs,)}), offer("b")
    assert alone(specialised, general, **{field: (asked,)}) == (["b"], {"a": ["other-occupation"]})
    assert set(alone(specialised, general, **{field: (asked, theirs)})[0]) == {"a", "b"}
    assert set(alone(specialised, general)[0]) == {"a", "b"}


@pytest.mark.parametrize(("kind", "code", "served"), [
    ("commune", "71270", True), ("commune", "71076", False), ("epci", "200070308", True), ("epci", "200071579", False),
    ("departement", "71", True), ("departement", "01", False), ("region", "27", True), ("region", "84", False),
    ("country", "FR", True), ("bassin-de-vie", "71270", True), ("zone-emploi", "2604", True),
])  # fmt: skip
def test_the_person_lives_in_the_zone(kind: Any, code: str, served: bool) -> None:
    chosen, verdicts = alone(offer("a", zone=Zone(kind=kind, codes=("99", code))))
    assert (chosen, verdicts) == ((["a"], {}) if served else ([], {"a": ["out-of-territory"]}))


def test_without_audience_or_with_all_everybody_is_welcome() -> None:
    for audiences in ((), ("tous-publics",), ("jeunes", "tous-publics")):
        assert alone(offer("a", audiences=audiences))[0] == ["a"]


def test_one_of_the_persons_publics_must_be_welcome() -> None:
    young = offer("a", audiences=("jeunes", "femmes"))
    assert alone(young, audiences=("seniors",)) == ([], {"a": ["other-audience"]})
    assert alone(young) == ([], {"a": ["other-audience"]})
    assert alone(young, audiences=("seniors", "femmes"))[0] == ["a"]


def test_within_the_dates() -> None:
    assert alone(offer("a", open_from=date(2026, 3, 3))) == ([], {"a": ["not-yet-open"]})
    assert alone(offer("a", open_until=date(2026, 3, 1))) == ([], {"a": ["ended"]})
    assert alone(offer("a", open_from=date(2026, 3, 2), open_until=date(2026, 3, 2)))[0] == ["a"]


def test_outside_the_partners_closures() -> None:
    def closed(first: int, last: int) -> ClosureDeclared:
        return ClosureDeclared.model_validate_json(
            f'{{"partner": "a", "from": "2026-03-{first:02}", "until": "2026-03-{last:02}"}}'
        )

    assert alone(offer("a"), closed(2, 2)) == ([], {"a": ["closed"]})
    assert alone(offer("a"), closed(1, 1), closed(3, 9))[0] == ["a"]


def test_room() -> None:
    for state in ("open", "assessment", "waiting-list"):
        assert alone(offer("a"), room("a", state=state, number=None))[0] == ["a"]
    assert alone(offer("a"), room("a", state="full")) == ([], {"a": ["full"]})
    assert alone(offer("a"), room("a", state="open", number=0)) == ([], {"a": ["full"]})
    assert alone(offer("a"), room("a", state="waiting-list", number=0))[0] == ["a"]


def test_places_taken_since_are_counted() -> None:
    index = index_of(offer("a"), room("a", number=2))
    assert ranking(decided(index, {"a.offer": 1})) == ["a"]
    assert against(decided(index, {"a.offer": 2})) == {"a": ["full"]}
    assert against(decided(index, {"a.offer": 7})) == {"a": ["full"]}


def test_only_sessions_to_come_count() -> None:
    past = Session(starts=date(2026, 3, 1), ends=date(2026, 4, 1))
    coming = Session(starts=date(2026, 3, 9), ends=date(2026, 4, 9))
    later = Session(starts=date(2026, 5, 4), ends=date(2026, 6, 4))
    assert alone(offer("a"), room("a", session=past)) == ([], {"a": ["full"]})
    index = index_of(offer("a"), *(room("a", session=session, number=3) for session in (later, past, coming)))
    best = decided(index).ranking[0].room
    assert (best.free, best.place) == (6, "a.offer/2026-03-09")
    best = decided(index, {"a.offer/2026-03-09": 3}).ranking[0].room
    assert (best.free, best.place) == (3, "a.offer/2026-05-04")


def test_the_operators_own_organisation_and_group_are_set_aside() -> None:
    own = {"a": ["own-group"]}
    assert alone(offer("a"), operator="a") == ([], own)
    assert alone(offer("a"), partner("a", group="cep-bfc")) == ([], own)
    assert alone(offer("a"), partner("a", group="AFPA"), operator_group="AFPA") == ([], own)
    assert alone(offer("a"), operator_group="a") == ([], own)
    assert alone(offer("a"), partner("a", group="AFPA"), partner("cep-bfc", group="AFPA")) == ([], own)
    assert alone(offer("a"), partner("a", group="AFPA"), operator_group="GRETA")[0] == ["a"]


def test_own_group_passes_when_the_person_chose_it_by_name_and_is_marked() -> None:
    index = index_of(offer("a"), partner("a", group="AFPA"))
    for option in (named("a"), at_partner("a")):
        decision = decided(index, operator_group="AFPA", options=(option,))
        assert ranking(decision) == ["a"]
        assert decision.ranking[0].own_group


def test_what_was_tried_is_not_tried_again() -> None:
    assert alone(offer("a"), offer("b"), excluded=("a.offer",)) == (["b"], {"a": ["already-tried"]})


def test_all_verdicts_are_told() -> None:
    poor = offer("a", audiences=("seniors",), at=at("71076"), open_until=date(2026, 1, 1))
    verdicts = ["too-far", "other-audience", "ended", "full", "already-tried"]
    assert alone(poor, room("a", state="full"), reach_minutes=5, excluded=("a.offer",)) == ([], {"a": verdicts})


def test_what_was_named_and_is_not_known_is_said() -> None:
    decision = decided(index_of(offer("a")), options=(named("nobody"), at_partner("nobody-either")))
    assert against(decision) == {"nobody": ["unknown"], "nobody-either": ["unknown"]}
    assert decision.unmet == "no-offer"


@pytest.mark.parametrize(("events", "given", "reason"), [
    ((), {}, "no-offer"),
    ((offer("a", zone=Zone(kind="departement", codes=("01",))),), {}, "no-offer"),
    ((offer("a"),), {"reach_minutes": 0, "commune": "71076"}, "out-of-reach"),
    ((offer("b", audiences=("femmes",)), room("b", state="full")), {}, "not-eligible"),
    ((offer("a"), room("a", state="full"), offer("b", audiences=("femmes",))), {}, "no-capacity"),
    ((offer("a"), offer("b"), room("b", state="full")), {"excluded": ("a.offer",)}, "all-declined"),
])  # fmt: skip
def test_the_unmet_reason_is_how_far_the_best_offer_came(events: Any, given: Any, reason: str) -> None:
    assert decided(index_of(*events), **given).unmet == reason


def test_the_best_verdict_of_several_options_is_kept() -> None:
    near = AnyOption(any=True, within_minutes=1)
    options = (near, AnyOption(any=True, within_minutes=120), near)
    decision = decided(index_of(offer("a", at=at("71076"), audiences=("femmes",))), options=options)
    assert against(decision) == {"a": ["other-audience"]}


def test_a_request_goes_to_json_and_back() -> None:
    asked = request(options=(named("a"), at_partner("b"), AnyOption(any=True, modes=("remote",))), rome=("M1602",))
    assert type(asked).of_json(asked.to_json()) == asked
    assert asked.need == NEED


def test_a_remote_offer_needs_no_place() -> None:
    assert alone(remote("a"))[0] == ["a"]
