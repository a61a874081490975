"""How a row of the board is told to a page or a program: codes, and beside them the French words.

Used by the API and the live stream alike. It reads no database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import orjson

from relais_contracts import labels
from relais_contracts.transitions import allowed
from relais_notifications.board.places import name_of

LISTS: Final[dict[str, str]] = {
    "overdue": "En retard",
    "escalated": "À reprendre",
    "awaiting-answer": "Réponse attendue",
    "to-schedule": "Rendez-vous à fixer",
    "no-show": "Absences",
    "to-report": "Compte rendu attendu",
    "to-cancel": "Annulations à confirmer",
    "person-to-choose": "Choix de la personne",
    "unmet": "Besoins non couverts",
    "delivery-failing": "Envois en échec",
    "open": "En cours",
    "ended": "Terminés",
}
"""What the worklists are called."""

LIST_HINTS: Final[dict[str, str]] = {
    "overdue": "Le délai est passé, quelle que soit la liste.",
    "escalated": "Un délai s’est épuisé : au coordinateur d’intervenir.",
    "awaiting-answer": "Un partenaire doit dire s’il accepte.",
    "to-schedule": "Le partenaire a accepté : il doit fixer un rendez-vous.",
    "no-show": "La personne n’est pas venue : un autre rendez-vous est à fixer.",
    "to-report": "Le partenaire doit dire ce qui s’est passé ou le résultat.",
    "to-cancel": "L’annulation est demandée : le partenaire doit la confirmer.",
    "person-to-choose": "L’opérateur doit recueillir le choix ou l’accord de la personne.",
    "unmet": "Aucune offre ne répond à ce besoin ici.",
    "delivery-failing": "Le système du partenaire ou de l’opérateur ne répond pas.",
    "open": "Tout ce qui n’est pas terminé, le plus pressant d’abord.",
    "ended": "Les derniers relais terminés.",
}

STEP_STATES: Final[dict[str, str]] = {
    "pursued": "en cours",
    "waiting": "en attente",
    "unmet": "non couvert",
    "done": "fait",
    "dropped": "abandonné",
    "planned": "à venir",
}
WAITING: Final[dict[str, str]] = {
    "choice": "la personne doit choisir",
    "consent": "l’accord de la personne manque",
    "outcome": "l’opérateur doit décider de la suite",
}
CAUSED_BY: Final[dict[str, str]] = {"person": "la personne", "partner": "le partenaire", "operator": "l’opérateur"}
SITUATIONS: Final[dict[str, str]] = {
    "employee": "salarié",
    "jobseeker": "demandeur d’emploi",
    "self-employed": "indépendant",
    "student": "étudiant",
    "young-adult": "jeune adulte",
    "public-servant": "agent public",
    "other": "autre situation",
}
PROJECTS: Final[dict[str, str]] = {
    "retraining": "reconversion",
    "training": "formation",
    "job-search": "recherche d’emploi",
    "business-creation": "création d’entreprise",
    "vae": "validation des acquis de l’expérience",
    "other": "autre projet",
}
MODES: Final[dict[str, str]] = {"in-person": "sur place", "remote": "à distance"}
STAGES: Final[dict[str, str]] = {
    "demand": "demande clarifiée",
    "project": "projet vérifié",
    "possibilities": "possibilités ouvertes",
    "strategy": "stratégie élaborée",
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message of an event stream, as its bytes."""

    body: bytes


def message(event: str, data: Mapping[str, Any], position: str | None = None) -> Message:
    """A message named `event`; `position` is what the browser sends back when it returns."""
    head = f"event: {event}\n" + (f"id: {position}\n" if position else "")
    return Message(head.encode() + b"data: " + orjson.dumps(data) + b"\n\n")


@cache
def commune_name(code: str) -> str:
    """The name of a commune, or its code."""
    return name_of(f"commune:{code}")


def present(row: Mapping[str, Any], role: str | None = None) -> dict[str, Any]:
    """An item with its French words; with a role, also what that role may do now."""
    item = {name: value for name, value in row.items() if name not in ("sort", "in_time", "answered")}
    for name in ("appointment", "request"):
        item[name] = orjson.loads(row[name]) if row[name] else None
    item["words"] = {
        "state": _state(row),
        "owner": labels.OWNERS.get(row["owner"], row["owner"]),
        "next": _next(row),
        "need": labels.NEEDS.get(row["need"], row["need"]),
        "actor": labels.ACTORS.get(row["actor"], row["actor"]),
        "commune": commune_name(row["commune"]),
        "reason": _reason(row),
        "outcome": labels.OUTCOMES.get(row["outcome"] or ""),
        "list": LISTS.get(row["list"] or ""),
    }
    item["words"]["request"] = request_words(item["request"])
    if role is not None and row["kind"] == "handoff":
        item["actions"] = list(allowed(row["state"], role, overdue=bool(row["escalated"])))
    return item


def _state(row: Mapping[str, Any]) -> str:
    state = str(row["state"])
    if row["kind"] == "handoff":
        return labels.STATES.get(state, state)
    if state == "waiting":
        return WAITING.get(row["reason"] or "", STEP_STATES["waiting"])
    return STEP_STATES.get(state, state)


def _next(row: Mapping[str, Any]) -> str | None:
    """What is awaited; after an outcome that was not achieved, a step awaits a decision, not the outcome again."""
    if row["kind"] == "step" and row["next"] == "outcome":
        return "décider de la suite"
    awaited: str | None = row["next"]
    return labels.NEXT.get(awaited or "", awaited)


def _reason(row: Mapping[str, Any]) -> str | None:
    if row["state"] == "waiting":
        return None
    words = labels.UNMET_REASONS if row["kind"] == "step" else labels.REASONS
    return words.get(row["reason"] or "")


def request_words(request: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """What a partner is told of the project, as lines of a label and a text."""
    if not request:
        return []
    project = request.get("project") or {}
    lines = [
        ("Projet", PROJECTS.get(project.get("kind", ""), "")),
        ("Métiers visés (ROME)", ", ".join(dict.fromkeys([*request.get("rome", ()), *project.get("rome", ())]))),
        (
            "Domaines de formation (Formacode)",
            ", ".join(dict.fromkeys([*request.get("formacode", ()), *project.get("formacode", ())])),
        ),
        ("Public", ", ".join(labels.AUDIENCES.get(code, code) for code in request.get("audiences", ()))),
    ]
    return [{"label": label, "text": text} for label, text in lines if text]
