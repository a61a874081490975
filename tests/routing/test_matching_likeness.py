"""Likely duplicates are found by declared facts, shown with the reason, and never merged."""

from itertools import chain
from typing import Any

import pytest

from builders import MACON, TRAINING
from matching_builders import at, index_of, offer, partner
from relais_contracts.directory import At, OfferWithdrawn
from relais_contracts.envelope import Payload
from relais_routing.matching.likeness import Alike, Link, Why, clusters, plain

NAME, REGISTER, POINT, AGAIN = Why.NAME, Why.REGISTER, Why.POINT, Why.AGAIN
SIRET = "12345678901234"
HERE, THERE = at(MACON), At(commune=MACON, latitude=46.35, longitude=4.9)


def listed(source: str, name: str = "Atelier CV", of: str = "Cité des métiers", **given: Any) -> list[Payload]:
    """An offer in Mâcon, as a source lists it."""
    siret, commune = given.pop("siret", None), given.pop("commune", MACON)
    return [
        partner(source, name=of, siret=siret, commune=commune),
        offer(source, offer=f"{source}--1", name=name, **{"at": HERE, **given}),
    ]


def links(*listings: list[Payload]) -> list[Link]:
    return [link for cluster in index_of(*chain.from_iterable(listings)).clusters() for link in cluster.links]


@pytest.mark.parametrize(("one", "other"), [
    ("Association L’ENVOL", "L'Envol (asso.)"), ("Métiers, cité des", "CITE DES METIERS"),
    ("Café-emploi St Laurent", "cafe emploi saint laurent"), ("SARL Formation et Conseil", "Conseil Formation"),
])  # fmt: skip
def test_names_are_compared_by_the_words_that_tell(one: str, other: str) -> None:
    assert plain(one) == plain(other)


def test_a_name_of_small_words_alone_keeps_them() -> None:
    assert (plain("Pour les"), plain("À la une"), plain("…")) == ("les pour", "a la une", "")


def test_the_same_words_in_the_same_commune_are_alike() -> None:
    assert links(listed("dora"), listed("carif", "ATELIER - CV", "La cité des métiers", at=THERE)) == [
        Link("carif--1", "dora--1", (NAME,))
    ]
    assert links(listed("dora"), listed("carif", at=at("71076"))) == []
    assert links(listed("dora", at=None), listed("carif", at=None)) == [Link("carif--1", "dora--1", (NAME,))]


def test_the_same_establishment_and_service_are_alike_whatever_the_organisation_is_called() -> None:
    one, other = listed("dora", siret=SIRET), listed("carif", of="Maison de l’emploi", siret=SIRET, at=THERE)
    assert links(one, other) == [Link("carif--1", "dora--1", (REGISTER,))]
    assert links(listed("dora"), listed("carif", of="Maison de l’emploi")) == []


def test_the_same_door_organisation_and_needs_are_alike_whatever_the_service_is_called() -> None:
    assert links(listed("dora"), listed("carif", "Écrire un CV")) == [Link("carif--1", "dora--1", (POINT,))]
    assert links(listed("dora"), listed("carif", "Écrire un CV", needs=(TRAINING,))) == []
    assert links(listed("dora"), listed("carif", "Écrire un CV", actor="social-support")) == []


def test_a_point_that_was_assumed_tells_nothing() -> None:
    assert links(listed("dora", assumed=("at",)), listed("carif", "Écrire un CV", assumed=("at",))) == []


def test_a_name_of_signs_alone_tells_nothing() -> None:
    assert links(listed("dora", "…", "!"), listed("carif", "…", "!", siret=SIRET)) == []


def test_all_that_makes_two_alike_is_said() -> None:
    assert links(listed("dora", siret=SIRET), listed("carif", siret=SIRET)) == [
        Link("carif--1", "dora--1", (NAME, POINT, REGISTER))
    ]


def test_a_source_that_lists_different_services_is_believed() -> None:
    elsewhere = offer("dora", offer="dora--2", name="Atelier CV", at=THERE)
    for_others = offer("dora", offer="dora--3", name="Atelier CV", at=HERE, needs=(TRAINING,))
    assert links(listed("dora"), [elsewhere, for_others]) == []
    assert links(listed("dora"), [elsewhere, for_others], listed("carif")) == [Link("carif--1", "dora--1", (POINT,))]


def test_a_partner_that_lists_one_service_again_is_found_within_one_source() -> None:
    again: list[Payload] = [offer("dora", offer="dora--2", name="Atelier CV", at=HERE)]
    assert links(listed("dora"), again) == [Link("dora--1", "dora--2", (AGAIN,))]
    nowhere: list[Payload] = [
        offer("dora", offer=f"dora--{n}", name="Visio", at=None, modes=("remote",)) for n in (3, 4)
    ]
    assert links(listed("dora", "Autre"), nowhere) == [Link("dora--3", "dora--4", (AGAIN,))]


def test_without_a_prefix_whoever_declared_it_is_the_source() -> None:
    here = {"name": "Atelier CV", "at": HERE}
    one, other = offer("a", declared_by="a", **here), offer("b", declared_by="b", **here)
    organisations = [partner(name, name="Cité des métiers") for name in "ab"]
    assert [each.members for each in index_of(*organisations, one, other).clusters()] == [("a.offer", "b.offer")]
    unsaid = [each.model_copy(update={"declared_by": None}) for each in (one, other)]
    assert index_of(*organisations, *unsaid).clusters() == []


def test_a_cluster_grows_by_links() -> None:
    one, other = Alike("b", "x", ("same-name|1",)), Alike("a", "y", ("same-name|1", "same-siret|2"))
    third = Alike("c", "z", ("same-siret|2",))
    (cluster,) = clusters([third, one, other])
    assert (cluster.members, cluster.key) == (("a", "b", "c"), "a")
    assert cluster.links == (Link("a", "b", (NAME,)), Link("a", "c", (REGISTER,)))
    far = [Alike(name, name, (f"same-name|{key}",)) for key in "pq" for name in (f"{key}1", f"{key}2")]
    assert [each.key for each in clusters([*far, third])] == ["p1", "q1"]


def test_the_cluster_of_an_offer() -> None:
    index = index_of(*listed("dora"), *listed("carif"), *listed("soliguide", "Autre", "Autre", at=THERE))
    found = index.cluster_of("dora--1")
    assert found == index.clusters()[0] == index.cluster_of("carif--1")
    assert index.cluster_of("soliguide--1") is None
    assert index.cluster_of("nobody") is None


def test_clusters_follow_the_directory() -> None:
    index = index_of(*listed("dora"), *listed("carif"))
    assert all(each.alike for each in index.offers_of("dora"))
    assert [each.offer for each in index.apply([OfferWithdrawn(offer="carif--1")], 2)] == ["dora--1"]
    assert index.clusters() == []
    index.apply(listed("carif"), 3)
    assert len(index.clusters()) == 1
    index.apply([partner("carif", name="Une autre")], 4)
    assert index.clusters() == []


def test_both_stay_offers() -> None:
    index = index_of(*listed("dora"), *listed("carif"))
    assert len(index) == 2
    assert {each.offer for each in index.offers_of("dora") + index.offers_of("carif")} == {"dora--1", "carif--1"}
