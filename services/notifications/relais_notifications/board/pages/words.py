"""The French of buttons and choices on the pages.

Read by the templates; the scripts find them there. Which buttons show is the transition table's business.
"""

from dataclasses import dataclass
from typing import Final

CAUSES: Final = {
    "partner": "de votre côté",
    "person": "du côté de la personne",
    "operator": "du côté de l’opérateur CEP",
}
TERRITORY_KINDS: Final = {"region": "Régions", "departement": "Départements", "epci": "Intercommunalités"}


@dataclass(frozen=True, slots=True)
class Words:
    """An action's button, what was done once it is sent, and whether something must be filled in first."""

    button: str
    done: str
    asks: tuple[str, ...] = ()


ACTION_WORDS: Final[dict[str, Words]] = {
    "accept": Words("Accepter", "Vous avez accepté. Fixez maintenant un rendez-vous."),
    "schedule": Words("Fixer un rendez-vous", "Rendez-vous fixé.", ("appointment",)),
    "reschedule": Words("Fixer une autre date", "Nouvelle date fixée.", ("appointment",)),
    "report-attended": Words("La personne est venue", "Venue enregistrée."),
    "report-no-show": Words("La personne n’est pas venue", "Absence enregistrée. Proposez une autre date."),
    "complete": Words("Terminer", "Résultat enregistré. Merci.", ("outcome", "optional-note")),
    "confirm-cancellation": Words("Confirmer l’annulation", "Annulation confirmée."),
    "start": Words("Commencer sans rendez-vous", "Accompagnement commencé."),
    "note": Words("Laisser une note", "Note transmise.", ("note",)),
    "cancel-appointment": Words("Annuler le rendez-vous", "Rendez-vous annulé.", ("reason", "optional-note")),
    "decline": Words("Refuser", "Vous avez refusé. Un autre partenaire sera cherché.", ("reason", "optional-note")),
    "request-cancellation": Words(
        "Demander l’annulation", "Annulation demandée au partenaire.", ("reason", "replace", "optional-note")
    ),
}
"""In the order the buttons are shown; an action that is not here has no button."""
