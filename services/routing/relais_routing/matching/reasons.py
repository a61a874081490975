"""The words for verdicts, rooms and needs that stay unmet: of an offer, for the person, in French.

`explain` puts them into sentences. Each verdict for one offer and for several, so that sentences agree.
"""

from typing import Final

from relais_routing.matching.verdicts import Verdict

REASONS: Final[dict[str, tuple[str, str]]] = {
    Verdict.UNKNOWN: ("n’est pas ou plus dans l’annuaire", "ne sont pas ou plus dans l’annuaire"),
    Verdict.OTHER_NEED: ("ne répond pas à ce besoin", "ne répondent pas à ce besoin"),
    Verdict.OTHER_OCCUPATION: (
        "concerne d’autres métiers ou d’autres domaines de formation",
        "concernent d’autres métiers ou d’autres domaines de formation",
    ),
    Verdict.OTHER_ACTOR: ("vient d’un autre type de partenaire", "viennent d’un autre type de partenaire"),
    Verdict.OUT_OF_TERRITORY: ("ne couvre pas votre commune", "ne couvrent pas votre commune"),
    Verdict.ENDED: ("est terminée", "sont terminées"),
    Verdict.OTHER_MODE: ("ne reçoit pas de la façon demandée", "ne reçoivent pas de la façon demandée"),
    Verdict.REMOTE_REFUSED: (
        "n’existe qu’à distance, ce que vous ne souhaitez pas",
        "n’existent qu’à distance, ce que vous ne souhaitez pas",
    ),
    Verdict.TOO_FAR: (
        "est trop loin avec vos moyens de déplacement",
        "sont trop loin avec vos moyens de déplacement",
    ),
    Verdict.NO_ROAD: ("n’est pas joignable par la route", "ne sont pas joignables par la route"),
    Verdict.PLACE_UNKNOWN: (
        "n’a pas d’adresse connue : le trajet n’a pas pu être estimé",
        "n’ont pas d’adresse connue : le trajet n’a pas pu être estimé",
    ),
    Verdict.OTHER_AUDIENCE: ("s’adresse à un autre public", "s’adressent à un autre public"),
    Verdict.SELF_REFERRAL: (
        "se demande soi-même, sans passer par un professionnel",
        "se demandent soi-même, sans passer par un professionnel",
    ),
    Verdict.OWN_GROUP: (
        "appartient au même groupe que votre conseil en évolution professionnelle",
        "appartiennent au même groupe que votre conseil en évolution professionnelle",
    ),
    Verdict.NOT_YET_OPEN: ("n’est pas encore ouverte", "ne sont pas encore ouvertes"),
    Verdict.CLOSED: ("est fermée en ce moment", "sont fermées en ce moment"),
    Verdict.SUSPENDED: ("est suspendue en ce moment", "sont suspendues en ce moment"),
    Verdict.FULL: ("n’a plus de place", "n’ont plus de place"),
    Verdict.ALREADY_TRIED: ("a déjà été sollicitée pour cette étape", "ont déjà été sollicitées pour cette étape"),
    Verdict.DUPLICATE: (
        "semble être le même service qu’une offre déjà comptée",
        "semblent être le même service qu’une offre déjà comptée",
    ),
}

UNMET: Final[dict[str, str]] = {
    "no-offer": "Aucune offre ne répond à ce besoin là où vous habitez.",
    "out-of-reach": "Des offres existent, mais aucune n’est à votre portée avec vos moyens de déplacement.",
    "not-eligible": "Des offres sont à votre portée, mais aucune ne peut vous être proposée.",
    "no-capacity": "Des offres vous conviennent, mais aucune n’a de place en ce moment.",
    "all-declined": "Toutes les offres qui vous conviennent ont déjà été sollicitées.",
}

ROOM: Final[dict[str, str]] = {
    "open": "des places sont ouvertes",
    "assessment": "l’entrée se fait après une évaluation",
    "waiting-list": "il y a une liste d’attente",
}

BAND: Final[dict[str, str]] = {
    "0-15": "à un quart d’heure au plus",
    "15-30": "entre un quart d’heure et une demi-heure",
    "30-60": "entre une demi-heure et une heure",
    "60+": "plus loin que ce que vous aviez indiqué",
    "remote": "à distance",
}
