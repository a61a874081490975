"""How far a person gets: estimated minutes by means and setting, bands, distance accepted or not, known geography."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
)
from relais_contracts.cases import AnyOption
from relais_contracts.directory import At, Zone
from relais_routing.matching.columns import Codes
from relais_routing.matching.index import Index
from relais_routing.matching.match import Decision
from relais_routing.matching.offers import Spot, spot_of
from relais_routing.matching.reach import MOUNTAINS, PARTS, SPEEDS, UNKNOWN, band, estimate, is_mountainous, setting
from relais_routing.matching.reach import minutes as minutes_of
from relais_routing.matching.table import Table
from relais_territories import FRANCE as BUILT_IN
from relais_territories import commune

LOUHANS, MACON, CHALON, AUTUN, LONS = "71263", "71270", "71076", "71014", "39300"
LILLE, ROUBAIX, VILLENEUVE, DUNKERQUE = "59350", "59512", "59009", "59183"
AJACCIO, BASTIA, CORTE, NICE = "2A004", "2B033", "2B096", "06088"
SAINT_DENIS, SAINT_PIERRE = "97411", "97416"
MEANS = ("walk", "bicycle", "public-transport", "car")
FRANCE = Zone(kind="country", codes=("FR",))


def minutes(home: str, there: str, *means: str) -> int | None:
    return estimate(spot_of(home, commune(home)), spot_of(there, commune(there)), means)


def from_home(home: str, *places: str, **given: Any) -> Decision:
    offers = [offer(f"p{place}", at=at(place), zone=FRANCE) for place in places]
    return decided(index_of(*offers), commune=home, **given)


def test_minutes_are_rounded_up() -> None:
    def metres_north(metres: int, *means: str) -> int | None:
        home = spot_of(LOUHANS, commune(LOUHANS))
        there = home._replace(latitude=(home.latitude or 0) + metres * 1000 // 1112)
        return estimate(home, there, means)

    assert [metres_north(0, name) for name in ("walk", "bicycle", "public-transport", "car")] == [0, 2, 35, 3]
    assert metres_north(1_000, "walk") == 15
    assert metres_north(1_100, "walk") == 17


def test_bands_have_their_upper_minute_inside() -> None:
    assert [band(m) for m in (0, 15, 16, 30, 31, 60, 61, 600)] == [0, 0, 1, 1, 2, 2, 4, 4]


def test_louhans_without_a_car_is_louhans() -> None:
    decision = from_home(LOUHANS, LOUHANS, LONS, CHALON, MACON, means=("walk", "public-transport"))
    assert ranking(decision) == ["p71263"]
    assert against(decision) == {"p39300": ["too-far"], "p71076": ["too-far"], "p71270": ["too-far"]}


def test_louhans_with_a_car_reaches_three_towns() -> None:
    decision = from_home(LOUHANS, LOUHANS, LONS, CHALON, MACON, means=("car",))
    assert ranking(decision)[0] == "p71263"
    assert {"p39300", "p71076"} <= set(ranking(decision))
    assert against(from_home(LOUHANS, CHALON, means=("car",), reach_minutes=20)) == {"p71076": ["too-far"]}


def test_lille_by_public_transport_reaches_the_metropole() -> None:
    decision = from_home(LILLE, LILLE, ROUBAIX, VILLENEUVE, DUNKERQUE, means=("walk", "public-transport"))
    assert set(ranking(decision)) == {"p59350", "p59512", "p59009"}
    assert against(decision) == {"p59183": ["too-far"]}
    assert 20 < (minutes(LILLE, ROUBAIX, "public-transport") or 0) < 50


def test_there_is_no_road_across_the_sea() -> None:
    assert against(from_home(AJACCIO, NICE, means=("car",), reach_minutes=600)) == {"p06088": ["no-road"]}
    assert ranking(from_home(AJACCIO, BASTIA, means=("car",), reach_minutes=180)) == ["p2B033"]
    assert ranking(from_home(SAINT_DENIS, SAINT_PIERRE, means=("car",), reach_minutes=120)) == ["p97416"]
    assert against(from_home("56069", "56121", means=("car",), reach_minutes=600)) == {"p56121": ["no-road"]}


def test_a_border_between_two_departements_is_no_border_to_travel() -> None:
    near = offer("m", at=at("01306"), zone=Zone(kind="departement", codes=("01", "71")))
    assert ranking(decided(index_of(near), commune=MACON, means=("bicycle",))) == ["m"]


def test_the_fastest_of_the_means_counts() -> None:
    by_all = minutes(LILLE, ROUBAIX, "walk", "bicycle", "public-transport", "car")
    assert by_all == min(minutes(LILLE, ROUBAIX, m) or 999 for m in ("walk", "bicycle", "public-transport", "car"))


def test_between_towns_the_train_is_faster_than_the_bus_and_the_road_than_the_street() -> None:
    """The bus would take 263 minutes, the streets 109, the road 72."""
    assert minutes(CHALON, MACON, "public-transport") == 73
    assert minutes(CHALON, MACON, "car") == 58


def network(home: str, there: str) -> int:
    return setting(spot_of(home, commune(home)), spot_of(there, commune(there)))


def test_the_network_is_the_one_both_ends_share() -> None:
    assert [network(LILLE, there) for there in (ROUBAIX, DUNKERQUE, LOUHANS)] == [2, 1, 0]
    assert [network(LOUHANS, there) for there in (LOUHANS, CHALON)] == [0, 0]
    assert [network(CHALON, there) for there in (CHALON, MACON, LOUHANS)] == [1, 1, 0]


def test_on_a_mountain_island_roads_wind_outside_ones_own_town() -> None:
    assert [network(AJACCIO, there) for there in (AJACCIO, BASTIA, CORTE)] == [1, MOUNTAINS, MOUNTAINS]
    assert [network(CORTE, there) for there in (CORTE, AJACCIO)] == [MOUNTAINS, MOUNTAINS]


def test_mountain_islands_are_corsica_and_two_of_the_antilles_with_the_small_ones_around() -> None:
    lands = {True: set[str](), False: set[str]()}
    for each in BUILT_IN.communes():
        if each.latitude is not None and each.longitude is not None:
            lands[is_mountainous(each.latitude, each.longitude)].add(each.land)
    saintes = {"terre-de-haut", "terre-de-bas"}
    assert lands[True] == {"corse", "971", "972", "marie-galante", "desirade"} | saintes
    assert lands[True].isdisjoint(lands[False])


def test_every_speed_is_whole_in_parts_of_a_minute() -> None:
    speeds = [speed for means in SPEEDS for several in means.values() for speed in several]
    assert [speed for speed in speeds if speed.circuity * 60 * PARTS % (speed.kmh * 100_000)] == []
    half_around_the_earth = 20_100_000
    longest = max(speed.circuity * 60 * PARTS // (speed.kmh * 100_000) for speed in speeds) * half_around_the_earth
    assert longest + max(speed.lost for speed in speeds) * PARTS < 2**63


def test_an_unknown_place_is_reached_in_ones_own_commune_only() -> None:
    assert minutes("98735", "98735", "walk") == 0
    assert minutes("98735", "98736", "walk") is None
    assert minutes(LILLE, "98735", "car") is None
    nowhere = offer("a", at=None, zone=FRANCE)
    index = index_of(partner("a", commune="99999"), nowhere)
    assert against(decided(index)) == {"a": ["place-unknown"]}
    assert ranking(decided(index, options=(named("a"),))) == ["a"]


def test_an_unknown_home_is_served_by_its_commune_and_the_name_alone() -> None:
    index = index_of(offer("a", zone=Zone(kind="commune", codes=("99999",))), offer("b"), remote("c"))
    assert against(decided(index, commune="99999")) == {
        "a": ["place-unknown"], "b": ["out-of-territory"], "c": ["out-of-territory"]
    }  # fmt: skip


def test_an_offer_without_a_place_is_given_where_its_partner_is() -> None:
    index = index_of(partner("a", commune=LOUHANS), offer("a", at=None))
    decision = decided(index, commune=LOUHANS, means=("walk",))
    assert decision.ranking[0].way.minutes == 0


def test_near_bands_come_first_then_distance_then_beyond_an_hour() -> None:
    offers = [
        remote("remote"),
        offer("hour", at=at(AUTUN), zone=FRANCE),
        offer("half", at=At(commune="71270", latitude=46.40, longitude=4.83)),
        offer("near"),
    ]
    index = index_of(*offers)
    assert ranking(decided(index, reach_minutes=120)) == ["near", "half", "remote", "hour"]
    assert [c.way.band for c in decided(index, reach_minutes=120).ranking] == [0, 1, 3, 4]
    assert ranking(decided(index, reach_minutes=120, remote="preferred")) == ["remote", "near", "half", "hour"]
    refused = decided(index, reach_minutes=120, remote="refused")
    assert ranking(refused) == ["near", "half", "hour"]
    assert against(refused) == {"remote": ["remote-refused"]}


def test_an_offer_of_both_modes_takes_the_better_way() -> None:
    both = offer("a", modes=("in-person", "remote"), zone=FRANCE)
    index = index_of(both)
    assert decided(index).ranking[0].way.minutes == 6
    assert decided(index, remote="preferred").ranking[0].way.minutes is None
    assert decided(index, commune=LILLE).ranking[0].way.band == 3
    assert against(decided(index, commune=LILLE, remote="refused")) == {"a": ["too-far"]}
    far = decided(index, commune=LILLE, remote="refused", options=(named("a"),)).ranking[0].way
    assert (far.band, far.beyond) == (4, True)


def test_an_option_says_how_to_meet_and_how_far() -> None:
    index = index_of(offer("here"), remote("away"), offer("far", at=at(AUTUN)))
    in_person, at_distance = AnyOption(any=True, modes=("in-person",)), AnyOption(any=True, modes=("remote",))
    assert ranking(decided(index, options=(in_person,))) == ["here"]
    assert against(decided(index, options=(in_person,)))["away"] == ["other-mode"]
    assert against(decided(index, options=(in_person,), remote="refused"))["away"] == ["remote-refused"]
    assert ranking(decided(index, options=(at_distance,), remote="refused")) == ["away"]
    assert against(decided(index, options=(at_distance,)))["here"] == ["other-mode"]
    assert ranking(decided(index, options=(AnyOption(any=True, within_minutes=120),)))[-1] == "far"
    assert "here" in ranking(decided(index, reach_minutes=0, options=(AnyOption(any=True, within_minutes=6),)))


def test_whom_the_person_names_the_person_reaches() -> None:
    index = index_of(offer("far", at=at(CHALON)), remote("away"), offer("sea", at=at(AJACCIO), zone=FRANCE))
    for option in (named("far"), at_partner("far")):
        chosen = decided(index, options=(option,), reach_minutes=10).ranking[0]
        assert (chosen.offer.partner, chosen.way.beyond) == ("far", True)
        assert (chosen.way.minutes or 0) > 10
    assert ranking(decided(index, options=(named("away"),), remote="refused")) == ["away"]
    by_sea = decided(index, options=(named("sea"),)).ranking[0].way
    assert (by_sea.minutes, by_sea.beyond) == (None, True)


def test_the_persons_order_beats_every_ranking() -> None:
    index = index_of(offer("near"), offer("far", at=at(CHALON)), remote("away"))
    decision = decided(index, options=(named("far"), at_partner("away"), ANY))
    assert ranking(decision) == ["far", "away", "near"]
    assert [c.option for c in decision.ranking] == [0, 1, 2]


@pytest.mark.parametrize("means", [("walk",), ("bicycle",), ("public-transport",), ("car",)])
def test_further_is_never_faster(means: tuple[str, ...]) -> None:
    for home, near, far in ((LOUHANS, LONS, "39198"), (LILLE, VILLENEUVE, "59017"), (MACON, CHALON, "21231")):
        assert (minutes(home, near, *means) or 0) <= (minutes(home, far, *means) or 0)


@st.composite
def spots(draw: st.DrawFn) -> Spot:
    """Anywhere in France, overseas too; perhaps nowhere."""
    code = draw(st.sampled_from(["A", "B"]))
    if draw(st.integers(0, 9)) == 0:
        return Spot(code, None, None, "", 0, None)
    latitude, longitude = draw(st.integers(-2_200_000, 5_110_000)), draw(st.integers(-6_200_000, 5_600_000))
    bresse = 4_630_000 + latitude % 9_000, 480_000 + longitude % 9_000
    corsica = 4_130_000 + latitude % 180_000, 850_000 + longitude % 120_000
    near = draw(st.sampled_from([(latitude, longitude), bresse, corsica]))
    return Spot(code, *near, draw(st.sampled_from("EF")), draw(st.integers(0, 2)), "")


@given(spots(), st.lists(spots(), min_size=1), st.sets(st.sampled_from(MEANS), min_size=1))
def test_many_minutes_are_those_of_one_by_one(home: Spot, there: list[Spot], means: set[Any]) -> None:
    codes, table = Codes(), Table()
    whole = index_of(offer("a")).offer("a.offer")
    assert whole
    views = [replace(whole, spot=spot) for spot in there]
    places = table.block(np.array([table.put(view, codes.row(view)) for view in views], np.int64)).places
    expected = [estimate(home, spot, tuple(means)) for spot in there]
    found = minutes_of(codes.home(home), places, tuple(means)).tolist()
    assert found == [UNKNOWN if each is None else each for each in expected]


def test_another_way_to_tell_minutes_may_be_put_in() -> None:
    index = Index(travel=lambda home, places, means: np.full(len(places.latitude), 44))
    index.apply([partner("a"), offer("a")], 1)
    assert [each.way.minutes for each in decided(index).ranking] == [44]
    assert [each.way.minutes for each in decided(index, options=(named("a"),)).ranking] == [44]
    assert decided(index, reach_minutes=43).beyond() == [44]
