"""The record says itself in French, to the person, adding nothing. Whole texts, as they are read."""

from typing import Any

from matching_builders import ANY, at, decided, index_of, named, offer, partner, remote, room
from relais_contracts.directory import Zone
from relais_routing.matching.explain import explain
from relais_routing.matching.reach import BANDS
from relais_routing.matching.reasons import BAND, REASONS, ROOM, UNMET
from relais_routing.matching.record import record
from relais_routing.matching.room import ROOMS
from relais_routing.matching.verdicts import STAGES, Verdict

ASKED = (
    "Le 2 mars 2026, nous avons cherché qui peut vous aider pour ce besoin : "
    "« Maîtriser les fondamentaux du numérique » (organisme de formation)."
)
PROOF = "Pour vérifier : règles version 3, annuaire version 1, tirage du 2 mars 2026, empreinte 630dcd2966c43366…"


def said(*events: Any, taken: dict[str, int] | None = None, **given: Any) -> list[str]:
    return explain(record(decided(index_of(*events), taken, **given)))


def test_every_verdict_and_every_unmet_reason_has_words() -> None:
    assert (set(BAND), {*ROOM, "full"}) == (set(BANDS), set(ROOMS))
    assert set(REASONS) == {verdict.value for verdict in Verdict}
    assert set(UNMET) == set(STAGES)


def test_the_only_one() -> None:
    assert said(offer("a"), room("a", number=1)) == [
        ASKED,
        "Nous vous proposons « Offre a » (A) : à environ 6 minutes, 1 place libre.",
        PROOF,
    ]


def test_equals_are_drawn_and_the_next_is_named() -> None:
    lines = said(offer("a"), offer("b"))
    first, second = ("a", "b") if "« Offre a »" in lines[1] else ("b", "a")
    assert lines == [
        ASKED,
        f"Nous vous proposons « Offre {first} » ({first.upper()}) : à environ 6 minutes.",
        "2 offres étaient à égalité (à un quart d’heure au plus) : un tirage au sort vérifiable a décidé.",
        f"Si ce partenaire ne peut pas vous recevoir, la suivante est à ce jour « Offre {second} » ({second.upper()}), "
        "à environ 6 minutes.",
        PROOF,
    ]


def test_free_places_are_said_to_weigh() -> None:
    lines = said(offer("a"), room("a", number=5), offer("b"), room("b", number=5), remote("r"))
    assert lines[2].endswith("a décidé. Plus une offre a de places libres, plus elle a de chances.")
    assert lines[3].startswith(
        "Si ce partenaire ne peut pas vous recevoir, les suivantes sont à ce jour, dans l’ordre : « Offre "
    )
    assert lines[3].endswith("; « Offre r » (R), à distance.")


def test_many_others_are_counted() -> None:
    assert said(*(offer(name) for name in "abcdefg"))[3].endswith("; puis une autre.")
    assert said(*(offer(name) for name in "abcdefgh"))[3].endswith("; puis 2 autres.")
    crowd = [*(offer(f"n{number:02}") for number in range(40)), *(remote(f"r{number:02}") for number in range(40))]
    assert said(*crowd)[3].endswith("; puis 74 autres.")


def test_the_persons_choice_is_said_to_be_one() -> None:
    far = offer("far", at=at("71076"))
    lines = said(far, partner("far", group="AFPA"), options=(named("far"),), operator_group="AFPA", reach_minutes=9)
    assert lines[2:5] == [
        "C’est votre choix : il passe avant tout classement.",
        "Ce partenaire et votre conseil font partie du même groupe ; vous l’avez choisi par son nom.",
        "Le trajet dépasse ce que vous aviez indiqué ; nous avons suivi votre choix.",
    ]


def test_a_later_choice_is_said_to_be_one() -> None:
    lines = said(offer("a"), options=(named("gone"), ANY))
    assert lines[2:4] == [
        "C’est votre choix n° 2 : le premier n’était pas possible.",
        "Non retenue : « gone.offer ». Elle n’est pas ou plus dans l’annuaire.",
    ]
    lines = said(offer("a"), options=(named("gone"), named("away"), ANY))
    assert "C’est votre choix n° 3 : les précédents n’étaient pas possibles." in lines


def test_a_plan_b_is_said_to_be_one() -> None:
    lines = said(offer("a"), offer("b"), excluded=("b.offer",))
    assert lines[1] == "Pour cette étape, une offre a déjà été sollicitée sans suite : voici la proposition suivante."
    assert "Non retenue : « Offre b » (B). Elle a déjà été sollicitée pour cette étape." in lines
    lines = said(offer("a"), excluded=("b.offer", "c.offer"))
    assert lines[1].startswith("Pour cette étape, 2 offres ont déjà été sollicitées sans suite")
    assert said(offer("b"), excluded=("b.offer",))[1:3] == [
        "Pour cette étape, une offre a déjà été sollicitée sans suite.",
        "Toutes les offres qui vous conviennent ont déjà été sollicitées.",
    ]


def test_ways_and_rooms_have_words() -> None:
    assert "à distance, l’entrée se fait après une évaluation" in said(remote("a"), room("a", state="assessment"))[1]
    assert "il y a une liste d’attente" in said(offer("a"), room("a", state="waiting-list"))[1]
    assert "des places sont ouvertes" in said(offer("a"), room("a", state="open", number=None))[1]
    assert "2 places libres" in said(offer("a"), room("a", number=2))[1]
    sea = offer("a", at=at("2A004"), zone=Zone(kind="country", codes=("FR",)))
    assert "trajet non estimé" in said(sea, options=(named("a"),))[1]
    stored = record(decided(index_of(offer("a"))))
    stored["candidates"][0]["minutes"] = 1
    assert "tout près" in explain(stored)[1]


def test_what_was_set_aside_is_said_with_its_reasons() -> None:
    assert said(offer("a", audiences=("femmes",)), room("a", state="full")) == [
        ASKED,
        "Des offres sont à votre portée, mais aucune ne peut vous être proposée.",
        "Non retenue : « Offre a » (A). Elle s’adresse à un autre public et n’a plus de place.",
        "Pour vérifier : règles version 3, annuaire version 1.",
    ]


def test_many_set_aside_are_counted_by_reason() -> None:
    full = [event for n in range(4) for event in (offer(f"f{n}"), room(f"f{n}", state="full"))]
    women = [offer(f"w{n}", audiences=("femmes",)) for n in range(3)]
    assert said(*full, *women)[2] == (
        "7 autres offres n’ont pas été retenues : 4 n’ont plus de place ; 3 s’adressent à un autre public."
    )
    assert said(*full, *women[:1], *women[1:2])[2].endswith("4 n’ont plus de place ; 2 s’adressent à un autre public.")
    crowd = [offer(f"w{n}", audiences=("femmes",)) for n in range(60)]
    assert said(*crowd)[2] == "60 autres offres n’ont pas été retenues : elles s’adressent à un autre public."


def test_a_service_listed_twice_is_said_to_count_once() -> None:
    twice = [
        partner("x--p", name="Envol"), offer("x--p", offer="x--1", partner="x--p", name="Atelier numérique"),
        partner("y--p", name="Envol"), offer("y--p", offer="y--9", partner="y--p", name="Atelier numérique"),
    ]  # fmt: skip
    lines = said(*twice)
    assert (
        "Non retenue : « Atelier numérique » (Envol). Elle semble être le même service qu’une offre déjà comptée."
        in lines
    )
    late = said(*twice, excluded=("x--1",))
    assert "Cette offre ressemble à une offre déjà sollicitée : c’est pourquoi elle vient après les autres." in late


def test_the_first_of_a_month_is_written_as_people_do() -> None:
    stored = record(decided(index_of(offer("a"))))
    stored["day"], stored["request"]["now"] = "2026-04-01", "2026-03-31T22:30:00+00:00"
    lines = explain(stored)
    assert lines[0].startswith("Le 1er avril 2026,")
    assert "tirage du 1er avril 2026" in lines[-1]
