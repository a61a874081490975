"""Answers that anybody who knows the place can check: Louhans, Lille, Corsica, La Réunion, a border, Paris.

Minutes are held to the trips that people make, and reckoned by hand from the table of speeds: lost minutes + crow's
metres x circuity / speed, rounded up.
"""

import json
from collections import Counter
from math import ceil
from typing import Any

import pytest

from intake.directory_files import turned
from matching_builders import against, at, decided, index_of, offer, partner, ranking, remote
from reference import reference
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

TRIPS = [
    ("Louhans–Lons-le-Saunier", LOUHANS, LONS, "car", 35),
    ("Louhans–Lons-le-Saunier", LOUHANS, LONS, "public-transport", 75),
    ("Louhans–Chalon-sur-Saône", LOUHANS, CHALON, "car", 42),
    ("Louhans–Mâcon", LOUHANS, MACON, "car", 60),
    ("Chalon-sur-Saône–Mâcon, A6", CHALON, MACON, "car", 45),
    ("Chalon-sur-Saône–Mâcon, TER", CHALON, MACON, "public-transport", 55),
    ("Mende–Saint-Chély-d’Apcher", "48095", "48140", "car", 45),
    ("Gap–Briançon", "05061", "05023", "car", 95),
    ("Grenoble–Briançon", "38185", "05023", "car", 130),
    ("Mende–Alès", "48095", "30007", "car", 120),
    ("Foix–Ax-les-Thermes", "09122", "09032", "car", 42),
    ("Chambéry–Albertville", "73065", "73011", "car", 45),
    ("Nantes–Saint-Nazaire", "44109", "44184", "car", 70),
    ("Brest–Quimper", "29019", "29232", "car", 65),
    ("Toulouse–Montauban", "31555", "82121", "car", 45),
    ("Strasbourg–Colmar", "67482", "68066", "car", 55),
    ("Clermont-Ferrand–Riom, TER", "63113", "63300", "public-transport", 35),
    ("Lyon–Grenoble, TER", "69123", "38185", "public-transport", 115),
    ("Lyon–Saint-Étienne, TER", "69123", "42218", "public-transport", 75),
    ("Lille–Dunkerque, TER", LILLE, "59183", "public-transport", 75),
    ("Lille–Saint-Omer, TER", LILLE, "62765", "public-transport", 75),
    ("Lille–Roubaix, métro", LILLE, ROUBAIX, "public-transport", 35),
    ("Lille–Roubaix", LILLE, ROUBAIX, "car", 25),
    ("Lille–Villeneuve-d’Ascq, métro", LILLE, VILLENEUVE, "public-transport", 28),
    ("Lyon–Villeurbanne, métro", "69123", "69266", "public-transport", 25),
    ("Paris–Nanterre, RER", "75056", "92050", "public-transport", 35),
    ("Paris 12e–Saint-Denis, RER", "75112", "93066", "public-transport", 35),
    ("Paris 12e–Paris 18e, métro", "75112", "75118", "public-transport", 35),
    ("Rennes–Bruz, bus", "35238", "35047", "public-transport", 45),
    ("Bordeaux–Bègles, tram", "33063", "33039", "public-transport", 35),
    ("Marseille–Aix-en-Provence", "13055", "13001", "car", 40),
    ("Marseille–Aix-en-Provence, bus", "13055", "13001", "public-transport", 55),
    ("Ajaccio–Porto-Vecchio", AJACCIO, "2A247", "car", 160),
    ("Ajaccio–Corte", AJACCIO, "2B096", "car", 110),
    ("Ajaccio–Bastia", AJACCIO, BASTIA, "car", 165),
    ("Ajaccio–Bastia, train", AJACCIO, BASTIA, "public-transport", 250),
    ("Bastia–Corte", BASTIA, "2B096", "car", 75),
    ("Bastia–Porto-Vecchio, by the plain", BASTIA, "2A247", "car", 135),
    ("Calvi–L’Île-Rousse", "2B050", "2B134", "car", 33),
    ("Basse-Terre–Pointe-à-Pitre", "97105", "97120", "car", 70),
    ("Fort-de-France–Le Marin", "97209", "97217", "car", 55),
    ("Fort-de-France–Le Lamentin", "97209", "97213", "car", 30),
    ("Saint-Denis–Saint-Pierre", "97411", "97416", "car", 80),
    ("Saint-Denis–Saint-Paul", "97411", "97415", "car", 40),
    ("Cayenne–Kourou", "97302", "97304", "car", 55),
]
"""Well-known trips and the minutes they take from door to door on an ordinary day, to five or so: by car with the
usual traffic and a place to park, by public transport with the way to the stop, the wait and the way from the stop."""


def zone(kind: ZoneKind, *codes: str) -> Zone:
    return Zone(kind=kind, codes=codes)


def minutes(home: str, there: str, means: str) -> int | None:
    """Of a way that nobody limits."""
    offers = index_of(offer("a", at=at(there), zone=EVERYWHERE))
    return decided(offers, commune=home, means=(means,), reach_minutes=600).ranking[0].way.minutes


@pytest.mark.parametrize(("trip", "home", "there", "means", "real"), TRIPS)
def test_a_well_known_trip_is_estimated_within_a_third(trip: str, home: str, there: str, means: str, real: int) -> None:
    estimated = minutes(home, there, means)
    assert estimated is not None
    assert 2 * real <= 3 * estimated <= 4 * real, f"{trip}: {estimated} minutes for {real}"


@pytest.mark.parametrize(
    ("home", "there", "means", "expected"),
    [
        (LOUHANS, LONS, "car", ceil(3 + 26.056 * 1.30 / 55 * 60)),
        (LOUHANS, CHALON, "car", ceil(12 + 32.880 * 1.30 / 70 * 60)),
        (CHALON, MACON, "car", ceil(18 + 53.101 * 1.25 / 100 * 60)),
        (LILLE, ROUBAIX, "public-transport", ceil(30 + 9.900 * 1.20 / 90 * 60)),
        (LILLE, VILLENEUVE, "public-transport", ceil(10 + 4.433 * 1.25 / 24 * 60)),
        (AJACCIO, "2B096", "car", ceil(3 + 55.058 * 1.55 / 50 * 60)),
        (AJACCIO, BASTIA, "car", ceil(55 + 105.088 * 1.25 / 80 * 60)),
        ("97411", "97416", "car", ceil(18 + 51.536 * 1.25 / 100 * 60)),
        ("75112", "75118", "public-transport", ceil(10 + 7.155 * 1.25 / 24 * 60)),
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


def test_the_real_services_of_lille_by_public_transport() -> None:
    """Within 30 minutes in the métropole: (30 - 10) minutes at 24 km/h, 25 % longer than the crow: 6.4 km."""
    events, _ = turned(json.loads(reference("services", "services_sample_lille_auteuil.json").read_text("utf-8")))
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
        if metres(home.latitude, home.longitude, each.spot.latitude, each.spot.longitude) <= 6_400:
            expected.add(each.offer)
    twins = {entry.name for entry in decision.aside if "duplicate" in entry.verdicts}
    on_site = {each.offer.offer for each in decision.ranking if each.way.minutes is not None}
    assert len(expected) > 5
    assert on_site | (twins & expected) == expected
