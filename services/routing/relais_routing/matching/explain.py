"""A decision record in plain French, for the person: why this partner, who else could have been, what was set aside.

Made of the record alone, so that it says the same in ten years. It adds no reason that the record does not hold.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from relais_contracts.labels import ACTORS, NEEDS
from relais_routing.matching.reasons import BAND, REASONS, ROOM, UNMET
from relais_routing.matching.record import in_order
from relais_routing.matching.request import PARIS

FEW: Final = 5
"""So many others, and so many set aside, are named; beyond, they are counted."""
MONTHS: Final = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip

Record = Mapping[str, Any]


def explain(record: Record) -> list[str]:
    """The record in sentences, one a line."""
    request = record["request"]
    need, actor = NEEDS.get(request["need"], request["need"]), ACTORS.get(request["actor"], request["actor"])
    day = _day(datetime.fromisoformat(request["now"]).astimezone(PARIS).date().isoformat())
    lines = [f"Le {day}, nous avons cherché qui peut vous aider pour ce besoin : « {need} » ({actor})."]
    lines += _tried(len(request["excluded"]), bool(record["candidates"]))
    lines += _chosen(record) if record["candidates"] else [UNMET[record["unmet"]]]
    return [*lines, *_aside(record), *_proof(record)]


def _tried(number: int, goes_on: bool) -> list[str]:
    """A plan B says that it is one."""
    if not number:
        return []
    asked = "une offre a déjà été sollicitée" if number == 1 else f"{number} offres ont déjà été sollicitées"
    return [f"Pour cette étape, {asked} sans suite{' : voici la proposition suivante' if goes_on else ''}."]


# Why this one


def _chosen(record: Record) -> list[str]:
    request, (first, *others) = record["request"], in_order(record)
    lines = [f"Nous vous proposons {_named(first)} : {way(first)}{_room(first)}."]
    lines += _by_choice(first, request["options"])
    lines += [MARKED[mark] for mark in first.get("marks", ())]
    equals = 1 + sum(_rank(each) == _rank(first) for each in others)
    if equals > 1:
        lines.append(_drawn(equals, first["band"], any(each["free"] for each in [first, *others][:equals])))
    return lines + _others(others, sum(rest["count"] for rest in record.get("more", ())))


MARKED: Final[dict[str, str]] = {
    "own-group": "Ce partenaire et votre conseil font partie du même groupe ; vous l’avez choisi par son nom.",
    "beyond-reach": "Le trajet dépasse ce que vous aviez indiqué ; nous avons suivi votre choix.",
    "like-one-tried": "Cette offre ressemble à une offre déjà sollicitée : c’est pourquoi elle vient après les autres.",
}


def _by_choice(first: Record, options: Sequence[Record]) -> list[str]:
    lines = []
    if "any" not in options[first["option"]]:
        lines.append("C’est votre choix : il passe avant tout classement.")
    if first["option"]:
        one = first["option"] == 1
        before = "le premier n’était pas possible" if one else "les précédents n’étaient pas possibles"
        lines.append(f"C’est votre choix n° {first['option'] + 1} : {before}.")
    return lines


def _drawn(equals: int, band: str, counted: bool) -> str:
    chances = " Plus une offre a de places libres, plus elle a de chances." if counted else ""
    return f"{equals} offres étaient à égalité ({BAND[band]}) : un tirage au sort vérifiable a décidé.{chances}"


def _others(others: Sequence[Record], more: int) -> list[str]:
    """Who else could have been, in order; the next one is the plan B."""
    if not others:
        return []
    names = " ; ".join(f"{_named(each)}, {way(each)}" for each in others[:FEW])
    left = len(others[FEW:]) + more
    rest = "" if not left else " ; puis une autre" if left == 1 else f" ; puis {left} autres"
    if len(others) + more == 1:
        return [f"Si ce partenaire ne peut pas vous recevoir, la suivante est à ce jour {names}."]
    return [f"Si ce partenaire ne peut pas vous recevoir, les suivantes sont à ce jour, dans l’ordre : {names}{rest}."]


# What was set aside


def _aside(record: Record) -> list[str]:
    """By name while it is few, else counted by reason."""
    entries = record.get("aside")
    if entries is not None and len(entries) <= FEW:
        return [f"Non retenue : {_named(entry)}. Elle {_reasons(entry)}." for entry in entries]
    counts = Counter(entry["verdicts"][0] for entry in entries) if entries is not None else record["aside_counts"]
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    total = sum(counts.values())
    if len(ordered) == 1:
        return [f"{_offers(total)} : {'elle' if total == 1 else 'elles'} {_said(ordered[0][0], total)}."]
    return [f"{_offers(total)} : {' ; '.join(f'{number} {_said(verdict, number)}' for verdict, number in ordered)}."]


def _offers(number: int) -> str:
    return "1 autre offre n’a pas été retenue" if number == 1 else f"{number} autres offres n’ont pas été retenues"


def _said(verdict: str, number: int) -> str:
    return REASONS[verdict][number > 1]


def _reasons(entry: Record) -> str:
    said = [REASONS[verdict][0] for verdict in entry["verdicts"]]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} et {said[-1]}"


# How to check it


def _proof(record: Record) -> list[str]:
    versions = f"règles version {record['rules']}, annuaire version {record['directory']}"
    if not record["candidates"]:
        return [f"Pour vérifier : {versions}."]
    return [f"Pour vérifier : {versions}, tirage du {_day(record['day'])}, empreinte {record['commitment'][:16]}…"]


# Words


def _named(each: Record) -> str:
    name = f"« {each['name'] or each['offer']} »"
    return f"{name} ({each['partner_name']})" if each["partner_name"] else name


def _rank(candidate: Record) -> tuple[Any, ...]:
    return candidate["option"], "like-one-tried" in candidate.get("marks", ()), candidate["band"], candidate["room"]


def way(candidate: Record) -> str:
    """How far it is."""
    minutes = candidate["minutes"]
    if candidate["band"] == "remote":
        return "à distance"
    if minutes is None:
        return "trajet non estimé"
    return "tout près" if minutes < 2 else f"à environ {minutes} minutes"


def _room(candidate: Record) -> str:
    """What its partner says of places; nothing where it says nothing."""
    free = candidate["free"]
    if candidate["place"] is None:
        return ""
    if candidate["room"] == "open" and free:
        return ", 1 place libre" if free == 1 else f", {free} places libres"
    return f", {ROOM[candidate['room']]}"


def _day(iso: str) -> str:
    year, month, day = (int(part) for part in iso.split("-"))
    return f"{'1er' if day == 1 else day} {MONTHS[month - 1]} {year}"
