"""Invented names: of organisations and networks, of offers, and the other spellings that a second source gives them.

Words are made of syllables: no organisation is meant, and none is copied.
"""

import unicodedata
from random import Random
from typing import Final

from relais_contracts.labels import NEEDS

SYLLABLES: Final = (
    *("ba", "bri", "cal", "cor", "dou", "fa", "flo", "gue", "jau", "la", "li", "lou", "ma", "mé", "mo", "na", "né"),
    *("or", "pa", "quin", "ra", "ri", "sa", "sil", "ta", "ti", "val", "ve", "vi", "ya", "zé", "zou"),
)
ENDINGS: Final = ("belle", "dière", "gnol", "lane", "lise", "mont", "nelle", "rande", "rine", "tane", "vert", "zac")
HOUSES: Final = (
    *("Association", "Atelier", "Centre", "Espace", "Maison", "Passerelle", "Point d’appui", "Relais local"),
    *("Centre social", "Coopérative", "Institut", "Pôle"),
)
FORMATS: Final = (
    *("Accompagnement", "Atelier", "Entretien individuel", "Information collective", "Parcours", "Permanence"),
)
SENTENCES: Final = (
    "Un premier entretien permet de faire le point sur la situation et les attentes de la personne.",
    "L’accompagnement se fait en individuel, puis en petit groupe de six à huit personnes.",
    "Les rendez-vous ont lieu du lundi au vendredi, sur place ou à distance selon les offres.",
    "Un bilan est remis à la personne à la fin du parcours, avec les prochaines étapes.",
    "Aucun prérequis n’est demandé ; une pièce d’identité est utile au premier rendez-vous.",
    "L’équipe travaille avec les autres services du territoire et oriente vers eux si besoin.",
    "Les locaux sont accessibles aux personnes à mobilité réduite et desservis par les transports en commun.",
    "La durée s’adapte au rythme de chacun, de quelques semaines à plusieurs mois.",
)


def word(random: Random) -> str:
    """A word that means nothing."""
    return (random.choice(SYLLABLES) + random.choice(SYLLABLES) + random.choice(ENDINGS)).capitalize()


def house(random: Random) -> str:
    """The name of an organisation."""
    return f"{random.choice(HOUSES)} {word(random)}"


def offer(random: Random, need: str) -> str:
    """The name of an offer, by the first need it serves."""
    what = NEEDS[need]
    return f"{random.choice(FORMATS)} : {what[0].lower()}{what[1:]}"


def text(random: Random, length: int) -> str | None:
    """A description of about so many characters; none for none."""
    sentences = random.sample(SENTENCES, len(SENTENCES))
    full = " ".join(sentences * (length // 600 + 1))
    return full[: full.rfind(".", 0, length) + 1] or None


def respelled(random: Random, name: str) -> str:
    """The same name as somebody else would type it."""
    return random.choice((_plain, _loud, _straight, _short, _slipped))(name)


def _plain(name: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))


def _loud(name: str) -> str:
    return _plain(name).upper()


def _straight(name: str) -> str:
    return name.replace("’", "'").replace(" : ", " - ")


def _short(name: str) -> str:
    return name.replace("Accompagnement", "Accomp.").replace("Association", "Asso").replace("Centre", "Ctre")


def _slipped(name: str) -> str:
    """Two letters in the middle change places."""
    middle = len(name) // 2
    return name[:middle] + name[middle + 1] + name[middle] + name[middle + 2 :]
