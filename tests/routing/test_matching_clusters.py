"""A service that two sources list has one chance in a choice, and none of its listings is hidden."""

from collections import Counter
from typing import Any

from matching_builders import ANY, against, at, decided, index_of, named, offer, partner, ranking, room
from relais_contracts.envelope import Payload
from relais_routing.matching.record import record


def twins(*names: str, **given: Any) -> list[Payload]:
    """One service, listed by as many sources."""
    return [
        event
        for name in names
        for event in (partner(name, name="Cité des métiers"), offer(name, name="Atelier", declared_by=name, **given))
    ]


def test_one_of_a_cluster_is_a_candidate_and_the_others_are_said_to_be_duplicates() -> None:
    decision = decided(index_of(*twins("a", "b", "c"), offer("z")))
    ranked = ranking(decision)
    assert len(ranked) == 2
    (first,) = set(ranked) - {"z"}
    assert against(decision) == {name: ["duplicate"] for name in "abc" if name != first}
    assert decision.counts == {"duplicate": 2}
    found = {each["offer"]: each.get("cluster") for each in record(decision)["candidates"]}
    assert found == {f"{first}.offer": ["a.offer", "b.offer", "c.offer"], "z.offer": None}


def test_a_cluster_has_the_chance_of_one_and_each_listing_its_share_of_it() -> None:
    index = index_of(*twins("a", "b", "c"), offer("x"), offer("y"), offer("z"))
    won = Counter(ranking(decided(index, case=f"case-{case}"))[0] for case in range(4_000))
    expected = {"a": 1 / 12, "b": 1 / 12, "c": 1 / 12, "x": 1 / 4, "y": 1 / 4, "z": 1 / 4}
    chi = sum((won[name] - 4_000 * share) ** 2 / (4_000 * share) for name, share in expected.items())
    # 5 degrees of freedom: above 20.5 in one of a thousand fair draws; the outcome is fixed by the secret
    assert chi < 20.5


def test_listings_with_more_places_come_first() -> None:
    index = index_of(*twins("a", "b"), room("a", number=1), room("b", number=9))
    assert ranking(decided(index)) == ["b"]


def test_the_nearer_room_and_band_settle_which_listing_it_is() -> None:
    index = index_of(*twins("a", "b"), room("a", state="waiting-list"))
    assert (ranking(decided(index)), against(decided(index))) == (["b"], {"a": ["duplicate"]})


def test_another_listing_of_one_that_was_tried_comes_after_all_others() -> None:
    index = index_of(*twins("a", "b"), offer("far", at=at("71014")), room("far", state="waiting-list"))
    decision = decided(index, excluded=("a.offer",), reach_minutes=600)
    assert ranking(decision) == ["far", "b"]
    assert record(decision)["candidates"][1]["marks"] == ["like-one-tried"]
    assert against(decision) == {"a": ["already-tried"]}
    assert ranking(decided(index, excluded=("a.offer", "far.offer"))) == ["b"]


def test_whom_the_person_names_after_one_that_was_tried_is_asked() -> None:
    index = index_of(*twins("a", "b"), offer("z"))
    decision = decided(index, excluded=("a.offer",), options=(named("a"), named("b"), ANY))
    assert ranking(decision) == ["b", "z"]
    assert decision.ranking[0].late


def test_a_listing_that_does_not_fit_stands_for_nobody() -> None:
    index = index_of(*twins("a"), *twins("b", audiences=("femmes",)), offer("z"))
    decision = decided(index)
    assert set(ranking(decision)) == {"a", "z"}
    assert against(decision) == {"b": ["other-audience"]}
    assert all(candidate.cluster == () for candidate in decision.ranking)


def test_named_and_anybody_meet_in_one_cluster() -> None:
    index = index_of(*twins("a", "b"), offer("z"))
    decision = decided(index, options=(named("b"), ANY))
    assert ranking(decision) == ["b", "z"]
    assert against(decision) == {"a": ["duplicate"]}


def test_beyond_fifty_candidates_twins_are_still_counted_once() -> None:
    far = {"at": at("71014")}
    many = [offer(f"n{number:02}") for number in range(60)]
    index = index_of(*many, *twins("a", "b", **far), offer("c", **far), room("c", state="assessment"))
    found = record(decided(index, reach_minutes=120))
    assert (len(found["candidates"]), len(found["equals"])) == (20, 40)
    assert [(each["band"], each["room"], each["count"]) for each in found["more"]] == [
        ("60+", "open", 1), ("60+", "assessment", 1)
    ]  # fmt: skip
    assert against(decided(index, reach_minutes=120)) in ({"a": ["duplicate"]}, {"b": ["duplicate"]})
