"""Tells a case's timeline in plain French, one sentence an event.

Read by the case panel of the board. Pure: it looks nothing up but names it was given, and says nothing of the person.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from relais_contracts import labels
from relais_contracts.envelope import PREFIX
from relais_notifications.board.present import CAUSED_BY, MODES, WAITING

PARIS: Final = ZoneInfo("Europe/Paris")
_MONTHS: Final = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_CLOCKS: Final = {
    "answer": "répondre",
    "schedule": "fixer le rendez-vous",
    "report": "dire si le rendez-vous a eu lieu",
    "outcome": "dire le résultat",
    "cancellation": "confirmer l’annulation",
    "choice": "choisir la suite",
}
_ROLES: Final = {
    "operator": "l’opérateur",
    "partner": "le partenaire",
    "coordinator": "le coordinateur",
    "system": "Relais",
    "admin": "l’administrateur",
}
_STAGES: Final = {
    "case.opened": "Dossier ouvert",
    "case.project-verified": "Projet vérifié",
    "case.possibilities-opened": "Possibilités ouvertes",
    "case.consent-given": "Accord de la personne donné",
    "case.consent-withdrawn": "Accord de la personne retiré",
    "case.closed": "Dossier clos",
    "case.erased": "Données de la personne effacées",
    "chain.done": "Tous les relais du dossier ont une fin",
}


def tell(event_type: str, data: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The sentence of an event; `names` gives organisations by id."""
    kind = event_type.removeprefix(PREFIX).removesuffix(".v1")
    subject = kind.partition(".")[0]
    if kind in _STAGES:
        return _STAGES[kind] + _interview(data)
    if subject == "case":
        return _case(kind, data, names)
    return _handoff(kind, data, names) if subject == "handoff" else _step(kind, data)


def day(moment: datetime) -> str:
    """A date and time as French people write them, in the time of Paris."""
    local = moment.astimezone(PARIS)
    first = "1er" if local.day == 1 else str(local.day)
    return f"{first} {_MONTHS[local.month - 1]} {local.year} à {local.hour} h {local.minute:02}"


def _interview(data: Mapping[str, Any]) -> str:
    interview = data.get("interview")
    if not interview:
        return ""
    place = "en face à face" if interview.get("mode") == "in-person" else "à distance"
    return f" (entretien {interview.get('number')}, {place}, {interview.get('minutes')} min)"


def _case(kind: str, data: Mapping[str, Any], names: Mapping[str, str]) -> str:
    match kind:
        case "case.demand-clarified":
            masked = set(data.get("stated", ())) != set(data.get("needs", ()))
            need = ", ".join(labels.NEEDS.get(code, code) for code in data.get("needs", ()))
            differs = " — différent de la demande de départ" if masked else ""
            return f"Demande clarifiée : {need}{differs}{_interview(data)}"
        case "case.strategy-elaborated":
            number, version = len(data.get("steps", ())), data.get("version", 1)
            again = "" if version == 1 else f", version {version}"
            return f"Stratégie élaborée : {number} étape{'s' if number > 1 else ''}{again}{_interview(data)}"
        case "case.option-chosen":
            return "La personne a choisi la suite" if data.get("option") else "La personne renonce à cette étape"
        case "case.attested":
            return f"La personne confirme : {labels.OUTCOMES.get(data.get('outcome', ''), '')}"
        case "case.transferred":
            return f"Dossier transféré à {_name(data.get('to'), names)}"
        case "case.contact-disclosed":
            return f"{_name(data.get('partner'), names)} a consulté les coordonnées de la personne"
        case _:
            return kind


def _name(organisation: object, names: Mapping[str, str]) -> str:
    return names.get(str(organisation), str(organisation))


def _handoff(kind: str, data: Mapping[str, Any], names: Mapping[str, str]) -> str:
    partner = _name(data.get("partner"), names)
    match kind:
        case "handoff.scheduled" | "handoff.rescheduled":
            verb = "fixe un rendez-vous" if kind == "handoff.scheduled" else "déplace le rendez-vous"
            return f"{partner} {verb} : {appointment(data['appointment'])}"
        case "handoff.declined":
            return f"{partner} refuse{_why(data)}"
        case "handoff.appointment-cancelled":
            return f"{partner} annule le rendez-vous{_why(data)}"
        case "handoff.cancellation-requested":
            asker = _ROLES.get((data.get("by") or {}).get("role", ""), "l’opérateur")
            return f"Annulation demandée à {partner} par {asker}{_why(data)}"
        case "handoff.completed":
            return f"{partner} a terminé : {labels.OUTCOMES.get(data.get('outcome', ''), '')}"
        case "handoff.escalated":
            return f"Délai épuisé pour {_CLOCKS.get(data.get('clock', ''), 'agir')} : au coordinateur d’intervenir"
        case "handoff.action-refused":
            return f"Demande de {partner} non retenue : arrivée trop tard ou impossible à ce stade"
        case _:
            return _SENTENCES.get(kind, "{partner} : " + kind).format(partner=partner)


_SENTENCES: Final = {
    "handoff.proposed": "Proposé à {partner}",
    "handoff.reminded": "Rappel envoyé à {partner}",
    "handoff.accepted": "{partner} accepte",
    "handoff.lapsed": "{partner} n’a pas répondu dans le délai",
    "handoff.started": "{partner} commence l’accompagnement",
    "handoff.noted": "{partner} a laissé une note",
    "handoff.no-show": "La personne n’est pas venue au rendez-vous de {partner}",
    "handoff.attended": "La personne est venue au rendez-vous de {partner}",
    "handoff.cancelled": "Relais annulé avec {partner}",
    "handoff.handed-on": "{partner} confie une partie du travail à un autre partenaire",
}


def appointment(given: Mapping[str, Any]) -> str:
    """An appointment as a sentence: when, how, where."""
    place = f", {given['place']}" if given.get("place") else ""
    return f"{day(datetime.fromisoformat(given['at']))}, {MODES.get(given.get('mode', ''), 'sur place')}{place}"


def _why(data: Mapping[str, Any]) -> str:
    reason, by = labels.REASONS.get(data.get("reason") or ""), CAUSED_BY.get(data.get("caused_by") or "")
    if not reason:
        return ""
    return f" : {reason}" + (f" (du fait de {by})" if by else "").replace("de le ", "du ")


def _step(kind: str, data: Mapping[str, Any]) -> str:
    match kind:
        case "step.unmet":
            return f"Aucun partenaire possible : {labels.UNMET_REASONS.get(data.get('reason', ''), '')}"
        case "step.waiting":
            return f"En attente : {WAITING.get(data.get('for', ''), 'la suite est à décider')}"
        case "step.done":
            outcome = labels.OUTCOMES.get(data.get("outcome") or "")
            return f"Étape faite : {outcome}" if outcome else "La personne a renoncé à cette étape"
        case "step.dropped":
            return "Étape retirée de la feuille de route"
        case "step.escalated":
            return f"Délai épuisé pour {_CLOCKS.get(data.get('clock', ''), 'agir')} : au coordinateur d’intervenir"
        case _:
            return kind
