"""The record says itself in French, to the person, adding nothing."""

from typing import Any

from matching_builders import ANY, at, decided, index_of, named, offer, partner, remote, room
from relais_contracts.directory import Zone
from relais_routing.matching.explain import REASONS, UNMET, explain
from relais_routing.matching.record import record
from relais_routing.matching.verdicts import STAGES, Verdict


def said(*events: Any, taken: dict[str, int] | None = None, **given: Any) -> list[str]:
    return explain(record(decided(index_of(*events), taken, **given)))


def test_every_verdict_and_every_unmet_reason_has_words() -> None:
    assert set(REASONS) == {verdict.value for verdict in Verdict}
    assert set(UNMET) == set(STAGES)


def test_the_only_one() -> None:
    assert said(offer("a"), room("a", number=1)) == [
        "Le 02/03/2026, nous avons cherché un partenaire (organisme de formation) pour ce besoin : "
        "« Maîtriser les fondamentaux du numérique ».",
        "Nous proposons « Offre a », de A : à environ 6 minutes, 1 place libre.",
        "Vérifiable : règles version 2, annuaire version 1, tirage du 02/03/2026 engagé par l’empreinte "
        "630dcd2966c43366…",
    ]


def test_equals_are_drawn_and_the_others_named() -> None:
    lines = said(offer("a"), room("a", number=5), offer("b"), room("b", number=5), remote("r"))
    assert (
        "2 offres étaient à égalité ; un tirage au sort vérifiable les a départagées, en proportion des places libres."
        in lines
    )
    assert lines[3].startswith("Auraient aussi pu être proposées, dans cet ordre : « Offre ")
    assert lines[3].endswith("; « Offre r », de R (à distance).")
    assert "2 offres étaient à égalité ; un tirage au sort vérifiable les a départagées." in said(
        offer("a"), offer("b")
    )


def test_many_others_are_counted() -> None:
    lines = said(*(offer(name) for name in "abcdefgh"))
    assert lines[3].endswith("; et 2 de plus.")


def test_the_persons_choice_is_said_to_be_one() -> None:
    far = offer("far", at=at("71076"))
    lines = said(far, partner("far", group="AFPA"), options=(named("far"),), operator_group="AFPA", reach_minutes=9)
    assert "C’est vous qui l’avez choisi par son nom : votre choix passe avant tout classement." in lines
    assert "Ce partenaire et votre conseil font partie du même groupe ; vous l’avez choisi en le sachant." in lines
    assert "Le trajet dépasse ce que vous aviez indiqué ; nous avons suivi votre choix." in lines


def test_a_later_choice_is_said_to_be_one() -> None:
    lines = said(offer("a"), options=(named("gone"), ANY))
    assert "C’est votre choix n° 2 : les précédents n’étaient pas possibles." in lines
    assert "Écartée : « gone.offer » : n’existe pas ou n’existe plus dans l’annuaire." in lines


def test_ways_and_rooms_have_words() -> None:
    assert "à distance, l’entrée se fait après une évaluation" in said(remote("a"), room("a", state="assessment"))[1]
    assert "il y a une liste d’attente" in said(offer("a"), room("a", state="waiting-list"))[1]
    assert "des places sont ouvertes" in said(offer("a"))[1]
    sea = offer("a", at=at("2A004"), zone=Zone(kind="country", codes=("FR",)))
    assert "trajet non estimé" in said(sea, options=(named("a"),))[1]


def test_what_was_set_aside_is_said_with_its_reasons() -> None:
    lines = said(offer("a", audiences=("femmes",)), room("a", state="full"))
    assert lines[1] == UNMET["not-eligible"]
    assert lines[2] == "Écartée : « Offre a », de A : s’adresse à un autre public, et n’a plus de place."


def test_many_set_aside_are_counted_by_reason() -> None:
    full = [event for n in range(4) for event in (offer(f"f{n}"), room(f"f{n}", state="full"))]
    women = [offer(f"w{n}", audiences=("femmes",)) for n in range(3)]
    assert said(*full, *women)[2] == (
        "7 autres offres ont été écartées (4 : n’a plus de place ; 3 : s’adresse à un autre public)."
    )
    crowd = [offer(f"w{n}", audiences=("femmes",)) for n in range(60)]
    assert said(*crowd)[2] == "60 autres offres ont été écartées (60 : s’adresse à un autre public)."
