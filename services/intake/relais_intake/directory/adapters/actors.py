"""Which kind of partner a service is: by its network first, else by the needs it serves.

A committed table, because data·inclusion has no such field. Every actor found here is marked in `assumed`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from relais_contracts.vocabularies import Actor

BY_NETWORK: Final[dict[str, Actor]] = {
    "france-travail": "employment-service",
    "mission-locale": "employment-service",
    "cap-emploi-reseau-cheops": "employment-service",
    "maisons-de-l-emploi": "employment-service",
    "plie": "employment-service",
    "alliance-villes-emploi": "employment-service",
    "carif-oref": "training-body",
    "afpa": "training-body",
    "cnam": "training-body",
    "ecoles-de-la-deuxieme-chance": "training-body",
    "epide": "training-body",
    "grandes-ecoles-du-numerique": "training-body",
    "reseau-alpha": "training-body",
    "adie": "business-creation-support",
    "egee": "business-creation-support",
    "france-active": "business-creation-support",
    "initiative-france": "business-creation-support",
    "les-premieres": "business-creation-support",
    "french-tech": "business-creation-support",
    "60000-rebonds": "business-creation-support",
    "agefiph": "funding-body",
    "action-logement": "funding-body",
}
"""data·inclusion's `reseaux_porteurs` (and, where a file has none, its `source`)."""

BY_THEME: Final[dict[str, Actor]] = {
    "choisir-un-metier": "guidance-centre",
    "creer-une-entreprise": "business-creation-support",
    "se-former": "training-body",
    "lecture-ecriture-calcul": "training-body",
    "preparer-sa-candidature": "employment-service",
    "trouver-un-emploi": "employment-service",
    "souvrir-a-linternational": "employment-service",
    "difficultes-administratives-ou-juridiques": "social-support",
    "difficultes-financieres": "social-support",
    "equipement-et-alimentation": "social-support",
    "famille": "social-support",
    "logement-hebergement": "social-support",
    "mobilite": "social-support",
    "numerique": "social-support",
    "remobilisation": "social-support",
    "sante": "social-support",
}
"""The part of a thématique before `--`."""


def actor_of(networks: Iterable[str], needs: Sequence[str]) -> Actor:
    """The first network in the table; else the actor most of the needs ask for (ties: the table's order)."""
    for network in networks:
        if network in BY_NETWORK:
            return BY_NETWORK[network]
    asked = Counter(BY_THEME.get(need.partition("--")[0], "social-support") for need in needs)
    order = list(dict.fromkeys(BY_THEME.values()))
    return min(order, key=lambda actor: (-asked[actor], order.index(actor)))
