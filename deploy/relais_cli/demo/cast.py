"""Who plays: two operators, and invented partners with their offers, each with a way of behaving.

Pure data for the demo's directory and its actors. No organisation here exists; names say so.
"""

from dataclasses import dataclass
from typing import Final, Literal

from relais_contracts.vocabularies import Actor, Mode, Need

Behaviour = Literal["prompt", "choosy", "silent", "down", "page"]
"""prompt answers; choosy often declines; silent never answers; down answers later, its webhook is out of order at
first; page has no system of its own and reads its feed."""

CV: Final[Need] = "preparer-sa-candidature--realiser-un-cv-et-ou-une-lettre-de-motivation"
TRAINING: Final[Need] = "se-former--trouver-sa-formation"
CREATION: Final[Need] = "creer-une-entreprise--definir-son-projet-de-creation-dentreprise"
VAE: Final[Need] = "se-former--monter-son-dossier-de-formation"
GUIDANCE: Final[Need] = "choisir-un-metier--confirmer-son-choix-de-metier"
LICENCE: Final[Need] = "mobilite--preparer-un-permis"
"""Nobody in the demo offers this: it stays unmet."""

ACTOR_OF: Final[dict[Need, Actor]] = {
    CV: "employment-service",
    TRAINING: "training-body",
    CREATION: "business-creation-support",
    VAE: "vae-relay-point",
    GUIDANCE: "guidance-centre",
    LICENCE: "social-support",
}

BOTH: Final[tuple[Mode, ...]] = ("in-person", "remote")
DIRECTORY: Final = "demo"
COORDINATOR: Final = "coordination-demo"


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner, its one offer, where it stands, whom it serves, and how it behaves."""

    id: str
    name: str
    commune: str
    need: Need
    departement: str
    behaviour: Behaviour
    modes: tuple[Mode, ...] = ("in-person",)
    places: int | None = None

    @property
    def offer(self) -> str:
        """Its offer's id."""
        return f"{self.id}-offre"


@dataclass(frozen=True, slots=True)
class Territory:
    """An operator, where its people live, and who can help there."""

    name: str
    departement: str
    operator: str
    operator_name: str
    operator_commune: str
    communes: tuple[str, ...]
    partners: tuple[Partner, ...]


def _partner(id: str, name: str, commune: str, need: Need, behaviour: Behaviour, **more: object) -> Partner:
    departement = commune[:2]
    return Partner(f"demo--{id}", f"{name} (démonstration)", commune, need, departement, behaviour, **more)  # type: ignore[arg-type]


LOUHANS: Final = Territory(
    name="Saône-et-Loire, autour de Louhans",
    departement="71",
    operator="cep-bresse",
    operator_name="CEP Bresse (démonstration)",
    operator_commune="71263",
    communes=("71263", "71056", "71157", "71158", "71318", "71419", "71351"),
    partners=(
        _partner("emploi-louhans", "Service emploi de Louhans", "71263", CV, "prompt", modes=BOTH),
        _partner("emploi-cuisery", "Service emploi de Cuisery", "71158", CV, "choosy"),
        _partner("formation-louhans", "Formation de la Bresse", "71263", TRAINING, "choosy", places=6),
        _partner("formation-chalon", "Formation du Chalonnais", "71076", TRAINING, "page", modes=BOTH),
        _partner("creer-louhans", "Créer en Bresse", "71263", CREATION, "down"),
        _partner("creer-distance", "Créer à distance", "71270", CREATION, "prompt", modes=("remote",)),
        _partner("vae-louhans", "Relais VAE de la Bresse", "71263", VAE, "silent"),
        _partner("vae-distance", "Relais VAE à distance", "71270", VAE, "prompt", modes=("remote",)),
        _partner("orientation-louhans", "Orientation de la Bresse", "71263", GUIDANCE, "prompt"),
    ),
)
LILLE: Final = Territory(
    name="Lille",
    departement="59",
    operator="cep-deule",
    operator_name="CEP de la Deûle (démonstration)",
    operator_commune="59350",
    communes=("59350", "59512", "59599", "59009", "59560"),
    partners=(
        _partner("emploi-lille", "Service emploi de Lille", "59350", CV, "prompt"),
        _partner("emploi-roubaix", "Service emploi de Roubaix", "59512", CV, "silent"),
        _partner("emploi-tourcoing", "Service emploi de Tourcoing", "59599", CV, "prompt"),
        _partner("formation-lille", "Formation de Lille", "59350", TRAINING, "prompt", places=10),
        _partner("formation-ascq", "Formation d’Ascq", "59009", TRAINING, "choosy"),
        _partner("creer-lille", "Créer à Lille", "59350", CREATION, "page", modes=BOTH),
        _partner("creer-roubaix", "Créer à Roubaix", "59512", CREATION, "choosy"),
        _partner("vae-lille", "Relais VAE de Lille", "59350", VAE, "down"),
        _partner("orientation-lille", "Orientation de Lille", "59350", GUIDANCE, "silent"),
        _partner("orientation-roubaix", "Orientation de Roubaix", "59512", GUIDANCE, "prompt"),
    ),
)
TERRITORIES: Final = (LOUHANS, LILLE)
PARTNERS: Final = {partner.id: partner for territory in TERRITORIES for partner in territory.partners}
