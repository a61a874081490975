"""Answers that anybody who knows the place can check: Louhans, Lille, Corsica, La Réunion, a border, Paris.

Minutes are reckoned by hand from the table of speeds: lost minutes + crow's metres x circuity / speed, rounded up.
"""

import json
from collections import Counter
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from intake.directory_files import turned
from matching_builders import against, at, decided, index_of, offer, partner, ranking, remote
from relais_contracts.directory import Zone
from relais_contracts.envelope import Payload
from relais_contracts.vocabularies import ZoneKind
from relais_routing.matching.index import Index
from relais_routing.matching.match import Decision
from relais_territories import FRANCE, France, metres
from relais_territories.zoning import Zoning

LOUHANS, MACON, CHALON, LONS = "71263", "71270", "71076", "39300"
LILLE, ROUBAIX, VILLENEUVE = "59350", "59512", "59009"
AJACCIO, BASTIA, NICE = "2A004", "2B033", "06088"
SAINT_LAURENT = "01370"
EVERYWHERE = Zone(kind="country", codes=("FR",))
SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "data" / "services" / "services_sample_lille_auteuil.json"


def zone(kind: ZoneKind, *codes: str) -> Zone:
    return Zone(kind=kind, codes=codes)


def minutes(home: str, there: str, means: str) -> int | None:
    """Of a way that nobody limits."""
    offers = index_of(offer("a", at=at(there), zone=EVERYWHERE))
    return decided(offers, commune=home, means=(means,), reach_minutes=600).ranking[0].way.minutes


@pytest.mark.parametrize(
    ("home", "there", "means", "expected"),
    [
        (LOUHANS, LONS, "car", ceil(3 + 26.056 * 1.30 / 55 * 60)),
        (LOUHANS, CHALON, "car", ceil(12 + 32.880 * 1.30 / 70 * 60)),
        (LILLE, ROUBAIX, "public-transport", ceil(8 + 9.900 * 1.25 / 24 * 60)),
        (LILLE, VILLENEUVE, "public-transport", ceil(8 + 4.433 * 1.25 / 24 * 60)),
        (AJACCIO, BASTIA, "car", ceil(12 + 105.088 * 1.30 / 70 * 60)),
        ("97411", "97416", "car", ceil(12 + 51.536 * 1.30 / 70 * 60)),
        ("75112", "75118", "public-transport", ceil(8 + 7.155 * 1.25 / 24 * 60)),
    ],
)
def test_minutes_are_those_of_the_table(home: str, there: str, means: str, expected: int) -> None:
    assert minutes(home, there, means) == expected


def test_louhans_without_a_car_has_louhans_and_what_is_remote() -> None:
    """Lons by coach: 35 minutes lost + 26.056 km x 1.30 at 40 km/h = 86; on foot more than six hours."""
    offers = [offer(f"p{code}", at=at(code), zone=EVERYWHERE) for code in (LOUHANS, LONS, CHALON)]
    index = index_of(*offers, remote("away"))
    without = decided(index, commune=LOUHANS, means=("walk", "public-transport"), reach_minutes=60)
    assert ranking(without) == [f"p{LOUHANS}", "away"]
    assert without.beyond()[0] == ceil(35 + 26.056 * 1.30 / 40 * 60)
    refused = decided(index, commune=LOUHANS, means=("walk",), reach_minutes=60, remote="refused")
    assert ranking(refused) == [f"p{LOUHANS}"]
    assert against(refused)["away"] == ["remote-refused"]
    assert ranking(decided(index, commune=LOUHANS, means=("walk",), remote="preferred"))[0] == "away"


def test_corsica_has_no_road_to_the_mainland_but_a_line() -> None:
    both = offer("nice", at=at(NICE), modes=("in-person", "remote"), zone=EVERYWHERE)
    index = index_of(both, offer("bastia", at=at(BASTIA), zone=zone("region", "94")))
    asked: dict[str, Any] = {"commune": AJACCIO, "means": ("car",), "reach_minutes": 180}
    assert ranking(decided(index, **asked)) == ["nice", "bastia"], "at a distance before more than an hour on the road"
    on_site = decided(index, **asked, remote="refused")
    assert ranking(on_site) == ["bastia"]
    assert against(on_site) == {"nice": ["no-road"]}


def test_corsicas_old_departement_serves_both_of_todays() -> None:
    index = index_of(offer("a", at=at(AJACCIO), zone=zone("departement", "20")))
    for home in (AJACCIO, BASTIA):
        assert ranking(decided(index, commune=home, reach_minutes=600)) == ["a"]


def test_la_reunion_is_served_by_its_region_and_not_by_the_mainland() -> None:
    index = index_of(
        offer("here", at=at("97416"), zone=zone("region", "04")), offer("paris", at=at("75112"), zone=EVERYWHERE)
    )
    decision = decided(index, commune="97411", means=("car",), reach_minutes=90)
    assert (ranking(decision), against(decision)) == (["here"], {"paris": ["no-road"]})


def laid(*events: Payload) -> Index:
    """An index where Mâcon's bassin de vie crosses the Saône into the Ain."""
    bassins = Zoning({MACON: MACON, SAINT_LAURENT: MACON, LOUHANS: LOUHANS}, {MACON: "Mâcon"})
    index = Index(France(zonings={"bassin-de-vie": bassins}, overlay="test"))
    index.apply([partner("a"), *events], 1)
    return index


def over_the_bridge(where: Zone) -> Decision:
    return decided(laid(offer("a", at=at(MACON), zone=where)), commune=SAINT_LAURENT, means=("bicycle",))


def test_a_zone_that_ends_at_the_border_is_not_for_the_neighbour_over_the_bridge() -> None:
    """Saint-Laurent-sur-Saône (Ain) faces Mâcon (Saône-et-Loire): a few minutes by bicycle."""
    assert against(over_the_bridge(zone("departement", "71"))) == {"a": ["out-of-territory"]}
    near = over_the_bridge(zone("departement", "71", "01")).ranking[0].way.minutes
    assert near is not None
    assert near <= 15


def test_a_bassin_de_vie_crosses_the_border() -> None:
    decision = over_the_bridge(zone("bassin-de-vie", MACON))
    assert ranking(decision) == ["a"]
    assert decision.territories.endswith("+test"), "the record says which data this was decided with"
    assert against(over_the_bridge(zone("bassin-de-vie", LOUHANS))) == {"a": ["out-of-territory"]}


def test_a_bassin_de_vie_of_another_edition_is_the_one_its_centre_lies_in() -> None:
    assert ranking(over_the_bridge(zone("bassin-de-vie", SAINT_LAURENT))) == ["a"]


@pytest.mark.parametrize(
    ("home", "served", "answer"),
    [
        ("75112", "75056", ["a"]),
        ("75112", "75112", ["a"]),
        ("75112", "75118", []),
        ("75056", "75056", ["a"]),
        ("75056", "75112", []),
        ("69383", "69123", ["a"]),
        ("13202", "13055", ["a"]),
    ],
)
def test_the_city_serves_its_arrondissements_and_each_arrondissement_itself(
    home: str, served: str, answer: list[str]
) -> None:
    """Who is said to live in Paris lives in no arrondissement in particular."""
    index = index_of(offer("a", at=at(served), zone=zone("commune", served)))
    assert ranking(decided(index, commune=home, means=("public-transport",), reach_minutes=90)) == answer


def test_a_person_of_a_commune_merged_since_is_served_as_todays() -> None:
    index = index_of(offer("a", at=at(LILLE), zone=zone("commune", "59298")))
    assert ranking(decided(index, commune="59355", means=("walk",))) == ["a"], "Lomme and Hellemmes are Lille"


@pytest.mark.skipif(not SAMPLE.exists(), reason="no reference data beside the checkout")
def test_the_real_services_of_lille_by_public_transport() -> None:
    """Within 30 minutes in the métropole: (30 - 8) minutes at 24 km/h, 25 % longer than the crow: 7.04 km."""
    events, _ = turned(json.loads(SAMPLE.read_text("utf-8")))
    index = Index()
    index.apply(events, 1)
    home = FRANCE.commune(LILLE)
    assert home is not None
    assert home.latitude is not None
    assert home.longitude is not None
    offers = [found for event in events if (found := index.offer(getattr(event, "offer", "")))]
    (actor, need), _ = Counter((each.actor, need) for each in offers for need in each.needs).most_common(1)[0]
    decision = decided(
        index, commune=LILLE, means=("public-transport",), reach_minutes=30, actor=actor, need=need, operator="cep-hdf"
    )
    expected = set()
    for each in offers:
        if each.actor != actor or need not in each.needs or not each.in_person or each.spot.epci != home.epci:
            continue
        assert each.spot.latitude is not None
        assert each.spot.longitude is not None
        if metres(home.latitude, home.longitude, each.spot.latitude, each.spot.longitude) <= 7_040:
            expected.add(each.offer)
    twins = {entry.name for entry in decision.aside if "duplicate" in entry.verdicts}
    on_site = {each.offer.offer for each in decision.ranking if each.way.minutes is not None}
    assert len(expected) > 5
    assert on_site | (twins & expected) == expected
