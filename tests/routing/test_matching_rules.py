"""Each rule sets aside what it should, says why, and lets pass what it should."""

from datetime import date
from typing import Any

import pytest

from builders import NEED, TRAINING
from matching_builders import (
    ANY,
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
from relais_contracts.directory import ClosureDeclared, ClosureWithdrawn, Mobilisation, Session, Zone
from relais_routing.matching.rules import RULES
from relais_routing.matching.verdicts import STAGE, Verdict


def test_every_verdict_has_a_stage_and_every_rule_a_sentence() -> None:
    assert set(STAGE) == set(Verdict)
    assert all(rule.__doc__ for rule in RULES)
    names = (
        "serves_need is_actor serves_territory is_reachable welcomes_audience takes_referrals is_independent is_open"
    )
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
    assert alone(specialised, options=(named("a"),), **{field: (asked,)}) == ([], {"a": ["other-occupation"]})
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


def closed(first: int, last: int, **given: Any) -> ClosureDeclared:
    days = {"from": date(2026, 3, first), "until": date(2026, 3, last)}
    return ClosureDeclared.model_validate({"partner": "a", **days, **given})


def test_outside_the_partners_closures() -> None:
    assert alone(offer("a"), closed(2, 2)) == ([], {"a": ["closed"]})
    assert alone(offer("a"), closed(1, 1), closed(3, 9))[0] == ["a"]


def test_a_suspended_offer_alone_is_set_aside() -> None:
    other, suspended = offer("a", offer="a.other"), closed(1, 9, offer="a.offer")
    index = index_of(offer("a"), other, suspended)
    assert [each.offer.offer for each in decided(index).ranking] == ["a.other"]
    assert against(decided(index)) == {"a": ["suspended"]}
    assert index.closures_of("a") == ()
    assert alone(offer("a"), closed(3, 9, offer="a.offer"))[0] == ["a"]
    assert alone(offer("a"), suspended, closed(2, 2)) == ([], {"a": ["closed"]})
    assert alone(offer("a", open_until=date(2026, 3, 1)), suspended) == ([], {"a": ["ended"]})


def test_a_closure_or_a_suspension_may_be_lifted() -> None:
    index = index_of(offer("a"), closed(1, 9), closed(2, 9, offer="a.offer"))
    lifted = {"partner": "a", "from": date(2026, 3, 1)}
    index.apply([ClosureWithdrawn.model_validate(lifted)], 2)
    assert against(decided(index)) == {"a": ["suspended"]}
    suspension = {"partner": "a", "offer": "a.offer", "from": date(2026, 3, 2)}
    index.apply([ClosureWithdrawn.model_validate(suspension), ClosureWithdrawn.model_validate(lifted)], 3)
    assert ranking(decided(index)) == ["a"]


def test_an_offer_that_only_the_person_may_ask_for_takes_no_referral() -> None:
    def asked_by(*by: Any) -> Any:
        return offer("a", mobilisation=Mobilisation(by=by))

    assert alone(asked_by("usagers")) == ([], {"a": ["self-referral"]})
    assert alone(asked_by("usagers"), options=(named("a"),)) == ([], {"a": ["self-referral"]})
    assert alone(asked_by("usagers", "professionnels"))[0] == ["a"]
    assert alone(asked_by("professionnels"))[0] == ["a"]
    assert alone(asked_by())[0] == ["a"]


def test_how_fresh_and_how_complete_an_entry_is_never_counts() -> None:
    poor, rich = offer("a", quality=0.0, updated=date(2019, 1, 1)), offer("a", quality=1.0, updated=date(2026, 3, 1))
    (one,), (other,) = decided(index_of(poor)).ranking, decided(index_of(rich)).ranking
    assert (one.order, one.offer, one.way, one.room) == (other.order, other.offer, other.way, other.room)
    listing = index_of(rich).declared("a.offer")
    assert listing
    assert (listing.quality, listing.updated, listing.source) == (1.0, date(2026, 3, 1), "")


def test_what_only_a_lack_of_places_sets_aside_is_told() -> None:
    full = [event for name in "cab" for event in (offer(name), room(name, state="full"))]
    women = offer("w", audiences=("femmes",))
    decision = decided(index_of(*full, women, room("w", state="full")), options=(named("c"), ANY))
    assert [each.offer for each in decision.only_full()] == ["a.offer", "b.offer", "c.offer"]
    named_alone = decided(index_of(*full), options=(named("c"),))
    assert [each.offer for each in named_alone.only_full()] == ["c.offer"]
    assert decided(index_of(offer("a"))).only_full() == ()


def test_how_far_those_are_that_only_the_distance_sets_aside_is_told() -> None:
    towns = {"m": "71270", "l": "71263", "c": "71076"}
    offers = [offer(name, at=at(code), zone=Zone(kind="country", codes=("FR",))) for name, code in towns.items()]
    index = index_of(*offers, offer("w", at=at("71076"), audiences=("femmes",)))
    minutes = decided(index, reach_minutes=10).beyond()
    assert len(minutes) == 2
    assert minutes == sorted(minutes)
    assert 30 < minutes[0] < minutes[1] < 90
    assert decided(index, reach_minutes=600).beyond() == []


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
    for options in ((ANY,), (named("a"),)):
        assert alone(offer("a"), room("a", session=past), options=options) == ([], {"a": ["full"]})
    both = (room("a", session=session) for session in (past, past.model_copy(update={"starts": date(2026, 2, 1)})))
    assert alone(offer("a"), *both) == ([], {"a": ["full"]})
    index = index_of(offer("a"), *(room("a", session=session, number=3) for session in (later, past, coming)))
    best = decided(index).ranking[0].room
    assert (best.free, best.place) == (6, "a.offer/2026-03-09")
    best = decided(index, {"a.offer/2026-03-09": 3}).ranking[0].room
    assert (best.free, best.place) == (3, "a.offer/2026-05-04")


def test_the_operators_own_organisation_and_group_are_set_aside() -> None:
    own = {"a": ["own-group"]}
    assert alone(offer("a"), operator="a") == ([], own)
    assert alone(offer("a"), operator="a", options=(named("a"),))[0] == ["a"]
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
