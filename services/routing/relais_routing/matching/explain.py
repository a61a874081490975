"""A decision record in plain French, for the person: why this partner, who else could have been, what was set aside.

Made of the record alone, so that it says the same in ten years. It adds no reason that the record does not hold.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from relais_contracts.labels import ACTORS, NEEDS
from relais_routing.matching.verdicts import Verdict

REASONS: Final[dict[str, str]] = {
    Verdict.UNKNOWN: "n’existe pas ou n’existe plus dans l’annuaire",
    Verdict.OTHER_NEED: "ne répond pas à ce besoin",
    Verdict.OTHER_OCCUPATION: "concerne d’autres métiers ou d’autres domaines de formation",
    Verdict.OTHER_ACTOR: "n’est pas le type de partenaire demandé",
    Verdict.OUT_OF_TERRITORY: "n’intervient pas là où vous habitez",
    Verdict.ENDED: "est terminée",
    Verdict.OTHER_MODE: "ne reçoit pas de la façon demandée",
    Verdict.REMOTE_REFUSED: "n’existe qu’à distance, ce que vous ne souhaitez pas",
    Verdict.TOO_FAR: "est trop loin avec vos moyens de déplacement",
    Verdict.NO_ROAD: "n’est pas joignable par la route depuis chez vous",
    Verdict.PLACE_UNKNOWN: "n’a pas d’adresse connue, le trajet n’a pas pu être estimé",
    Verdict.OTHER_AUDIENCE: "s’adresse à un autre public",
    Verdict.SELF_REFERRAL: "se demande par la personne elle-même, sans passer par un professionnel",
    Verdict.OWN_GROUP: "fait partie du même groupe que votre conseil en évolution professionnelle",
    Verdict.NOT_YET_OPEN: "n’est pas encore ouverte",
    Verdict.CLOSED: "est fermée en ce moment",
    Verdict.SUSPENDED: "est suspendue en ce moment",
    Verdict.FULL: "n’a plus de place",
    Verdict.ALREADY_TRIED: "a déjà été sollicitée pour cette étape",
    Verdict.DUPLICATE: "est sans doute le même service qu’une autre offre, sous un autre nom de l’annuaire",
}

UNMET: Final[dict[str, str]] = {
    "no-offer": "Aucune offre ne répond à ce besoin là où vous habitez.",
    "out-of-reach": "Des offres existent, mais aucune n’est à votre portée avec vos moyens de déplacement.",
    "not-eligible": "Des offres sont à votre portée, mais aucune ne peut vous être proposée : public ou indépendance.",
    "no-capacity": "Des offres vous conviennent, mais aucune n’a de place en ce moment.",
    "all-declined": "Toutes les offres qui vous conviennent ont déjà été sollicitées.",
}

ROOM: Final[dict[str, str]] = {
    "open": "des places sont ouvertes",
    "assessment": "l’entrée se fait après une évaluation",
    "waiting-list": "il y a une liste d’attente",
}


def explain(record: Mapping[str, Any]) -> list[str]:
    """The record in sentences, one a line."""
    request = record["request"]
    need = NEEDS.get(request["need"], request["need"])
    actor = ACTORS.get(request["actor"], request["actor"])
    day = _day(request["now"][:10])
    lines = [f"Le {day}, nous avons cherché un partenaire ({actor}) pour ce besoin : « {need} »."]
    candidates = record["candidates"]
    if candidates:
        lines += _chosen(candidates, request, record)
    else:
        lines.append(UNMET[record["unmet"]])
    return [*lines, *_aside(record), _proof(record)]


def _chosen(
    candidates: Sequence[Mapping[str, Any]], request: Mapping[str, Any], record: Mapping[str, Any]
) -> list[str]:
    first, others = candidates[0], candidates[1:]
    marks = first.get("marks", ())
    lines = [f"Nous proposons « {first['name']} », de {first['partner_name']} : {_way(first)}, {_room(first)}."]
    if "any" not in request["options"][first["option"]]:
        lines.append("C’est vous qui l’avez choisi par son nom : votre choix passe avant tout classement.")
    elif first["option"]:
        lines.append(f"C’est votre choix n° {first['option'] + 1} : les précédents n’étaient pas possibles.")
    if "own-group" in marks:
        lines.append("Ce partenaire et votre conseil font partie du même groupe ; vous l’avez choisi en le sachant.")
    if "beyond-reach" in marks:
        lines.append("Le trajet dépasse ce que vous aviez indiqué ; nous avons suivi votre choix.")
    equals = [c for c in others if _rank(c) == _rank(first)]
    if equals:
        lines.append(
            f"{len(equals) + 1} offres étaient à égalité ; un tirage au sort vérifiable les a départagées"
            f"{', en proportion des places libres' if first['free'] else ''}."
        )
    if others:
        names = " ; ".join(f"« {c['name']} », de {c['partner_name']} ({_way(c)})" for c in others[:5])
        more = f" ; et {len(others) - 5} de plus" if len(others) > 5 else ""
        lines.append(f"Auraient aussi pu être proposées, dans cet ordre : {names}{more}.")
    return lines


def _aside(record: Mapping[str, Any]) -> list[str]:
    """What was set aside: by name while it is few, else counted by reason."""
    entries = record.get("aside")
    if entries is None:
        counts = record["aside_counts"]
    elif len(entries) <= 5:
        return [
            f"Écartée : « {entry['name'] or entry['offer']} »"
            f"{', de ' + entry['partner_name'] if entry['partner_name'] else ''} : "
            f"{', et '.join(REASONS[verdict] for verdict in entry['verdicts'])}."
            for entry in entries
        ]
    else:
        counts = Counter(entry["verdicts"][0] for entry in entries)
    total = sum(counts.values())
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    reasons = " ; ".join(f"{number} : {REASONS[verdict]}" for verdict, number in ordered)
    return [f"{total} autres offres ont été écartées ({reasons})."]


def _proof(record: Mapping[str, Any]) -> str:
    return (
        f"Vérifiable : règles version {record['rules']}, annuaire version {record['directory']}, "
        f"tirage du {_day(record['day'])} engagé par l’empreinte {record['commitment'][:16]}…"
    )


def _rank(candidate: Mapping[str, Any]) -> tuple[Any, ...]:
    return candidate["option"], candidate["band"], candidate["room"]


def _way(candidate: Mapping[str, Any]) -> str:
    if candidate["band"] == "remote":
        return "à distance"
    if candidate["minutes"] is None:
        return "trajet non estimé"
    return f"à environ {candidate['minutes']} minutes"


def _room(candidate: Mapping[str, Any]) -> str:
    free = candidate["free"]
    if candidate["room"] == "open" and free:
        return f"{free} place{'s' if free > 1 else ''} libre{'s' if free > 1 else ''}"
    return ROOM[candidate["room"]]


def _day(iso: str) -> str:
    return date.fromisoformat(iso).strftime("%d/%m/%Y")
