"""The options in French, in short sentences, for a counsellor who talks them over with the person.

Made of the answer alone; it adds nothing to it and ranks nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from relais_contracts.labels import ACTORS, NEEDS
from relais_routing.matching.explain import MONTHS, way
from relais_routing.matching.reasons import REASONS, ROOM
from relais_routing.matching.verdicts import Verdict
from relais_routing.options.wishes import Wanted
from relais_territories import FRANCE

NAMED: Final = 5
"""So many offers are named; beyond, they are counted."""
NUMBERS: Final = ("rien", "une", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix")

ASIDE: Final[dict[str, tuple[str, str]]] = {
    **REASONS,
    Verdict.OUT_OF_TERRITORY: ("ne couvre pas sa commune", "ne couvrent pas sa commune"),
    Verdict.REMOTE_REFUSED: (
        "n’existe qu’à distance, ce que la personne ne souhaite pas",
        "n’existent qu’à distance, ce que la personne ne souhaite pas",
    ),
    Verdict.TOO_FAR: ("est trop loin", "sont trop loin"),
    Verdict.OWN_GROUP: ("appartient au même groupe que vous", "appartiennent au même groupe que vous"),
}
UNMET: Final[dict[str, str]] = {
    "no-offer": "Aucune offre ne répond à ce besoin là où la personne habite.",
    "out-of-reach": "Des offres existent, mais aucune n’est à sa portée.",
    "not-eligible": "Des offres sont à sa portée, mais aucune ne peut lui être proposée.",
    "no-capacity": "Des offres lui conviennent, mais aucune n’a de place en ce moment.",
}
WAYS: Final = {
    "envoyer-un-courriel": "envoyer un courriel",
    "se-presenter": "se présenter",
    "telephoner": "téléphoner",
    "utiliser-lien-mobilisation": "utiliser le lien",
}
WHO: Final = {"professionnels": "un professionnel", "usagers": "la personne elle-même"}

Answer = Mapping[str, Any]


def said(wanted: Wanted, answers: Sequence[Answer]) -> list[str]:
    """Each wish in sentences, one a line, an empty line between two."""
    place = FRANCE.name_of(f"commune:{wanted.commune}") or wanted.commune
    lines: list[str] = []
    for answer in answers:
        lines += ["", *_wish(answer, place, wanted.mobility.reach_minutes)]
    return lines[1:]


def _wish(answer: Answer, place: str, reach: int) -> list[str]:
    need, actor = NEEDS[answer["need"]], ACTORS[answer["actor"]]
    candidates = answer["candidates"]
    more = sum(each["count"] for each in answer.get("more", ())) + len(candidates[NAMED:])
    lines = [f"{need} ({actor}), pour une personne qui habite {place}.", _distances(answer, reach)]
    lines += [UNMET[answer["unmet"]]] if answer["unmet"] else []
    lines += [_candidate(each) for each in candidates[:NAMED]]
    lines += [f"Et {_count(more)} autre{'s' if more > 1 else ''}."] if more else []
    return lines + _aside(answer["aside_counts"])


def _distances(answer: Answer, reach: int) -> str:
    """« Rien à moins de 30 minutes, quatre à moins de 45. »"""
    within = {int(most): number for most, number in answer["within"].items()}
    near = within[reach]
    text = f"{_count(near).capitalize()} à moins de {reach} minutes"
    farther = next((most for most in sorted(within) if most > reach and within[most] > near), None)
    if farther:
        text += f", {_count(within[farther])} à moins de {farther}"
    remote = sum(each["band"] == "remote" for each in answer["candidates"])
    remote += sum(each["count"] for each in answer.get("more", ()) if each["band"] == "remote")
    return f"{text}{f', {_count(remote)} à distance' if remote else ''}."


def _candidate(each: Answer) -> str:
    parts = [f"– « {each['name']} » ({each['partner_name']}) : {way(each)}{_room(each)}."]
    if each["mobilisation"]:
        parts += _asked(each["mobilisation"])
    parts.append(f"Fiche du {day(date.fromisoformat(each['updated']))}." if each["updated"] else "Fiche non datée.")
    if each["alike"]:
        parts.append("Semble être listée deux fois ; ne compte qu’une fois.")
    return " ".join(parts)


def _asked(mobilisation: Answer) -> list[str]:
    ways = " ou ".join(WAYS[way] for way in mobilisation.get("ways", ()))
    who = " ou ".join(WHO[each] for each in mobilisation.get("by", ()))
    told = [f"Pour la demander : {ways}."] if ways else []
    return [*told, f"Peut la demander : {who}."] if who else told


def _room(each: Answer) -> str:
    """Nothing where the partner has not declared its places."""
    free = each["free"]
    if each["place"] is None:
        return ""
    if each["room"] == "open" and free:
        return f", {free} place{'s' if free > 1 else ''} libre{'s' if free > 1 else ''}"
    return f", {ROOM[each['room']]}"


def _aside(counts: Mapping[str, int]) -> list[str]:
    if not counts:
        return []
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    reasons = " ; ".join(f"{number} {ASIDE[verdict][number > 1]}" for verdict, number in ordered)
    total = sum(counts.values())
    return [f"Écartée{'s' if total > 1 else ''} : {reasons}."]


def _count(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def day(when: date) -> str:
    """« 3 mars 2026 »"""
    return f"{'1er' if when.day == 1 else when.day} {MONTHS[when.month - 1]} {when.year}"
