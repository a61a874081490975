"""The coded values of the language: needs, audiences, actors, situations, reasons.

Needs and audiences are data·inclusion's v1 reference lists (Licence Ouverte 2.0); the rest is the field's own.
It holds words only: French labels for pages are in `labels.py`.
"""

from typing import Literal

Need = Literal[
    "choisir-un-metier--confirmer-son-choix-de-metier",
    "choisir-un-metier--connaitre-les-opportunites-demploi",
    "choisir-un-metier--decouvrir-un-metier-ou-un-secteur-dactivite",
    "choisir-un-metier--identifier-ses-points-forts-et-ses-competences",
    "creer-une-entreprise--definir-son-projet-de-creation-dentreprise",
    "creer-une-entreprise--developper-son-entreprise",
    "creer-une-entreprise--structurer-son-projet-de-creation-dentreprise",
    "difficultes-administratives-ou-juridiques--accompagnement-aux-demarches-administratives",
    "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-a-la-citoyennete",
    "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits",
    "difficultes-administratives-ou-juridiques--beneficier-dune-mesure-daccompagnement-adapte",
    "difficultes-administratives-ou-juridiques--connaitre-ses-droits-face-a-une-discrimination",
    "difficultes-administratives-ou-juridiques--prendre-en-compte-une-problematique-judiciaire",
    "difficultes-financieres--acquerir-une-autonomie-budgetaire",
    "difficultes-financieres--ameliorer-sa-gestion-budgetaire",
    "difficultes-financieres--mettre-en-place-une-mesure-de-protection-financiere",
    "difficultes-financieres--prevenir-une-degradation-de-la-situation-financiere",
    "difficultes-financieres--situation-dendettement-surendettement",
    "equipement-et-alimentation--aide-menagere",
    "equipement-et-alimentation--alimentation",
    "equipement-et-alimentation--electromenager",
    "equipement-et-alimentation--habillement",
    "famille--garde-denfants",
    "famille--prise-en-charge-personne-dependante",
    "famille--soutien-a-la-parentalite-et-a-leducation",
    "famille--soutien-aidants",
    "famille--surmonter-conflits-separation-violence",
    "lecture-ecriture-calcul--maitriser-le-calcul",
    "lecture-ecriture-calcul--maitriser-le-francais",
    "logement-hebergement--acheter-un-logement",
    "logement-hebergement--changer-de-logement",
    "logement-hebergement--louer-un-logement",
    "logement-hebergement--rechercher-une-solution-dhebergement-temporaire",
    "logement-hebergement--reduire-les-impayes-de-loyer",
    "logement-hebergement--se-maintenir-dans-le-logement",
    "logement-hebergement--sinformer-sur-les-demarches-liees-a-lacces-au-logement",
    "mobilite--acceder-a-un-vehicule",
    "mobilite--entretenir-reparer-son-vehicule",
    "mobilite--etre-accompagne-dans-son-parcours-mobilite",
    "mobilite--financer-ma-mobilite",
    "mobilite--mobilite-douce-partagee-collective",
    "mobilite--preparer-un-permis",
    "numerique--acceder-a-des-services-en-ligne",
    "numerique--acceder-a-une-connexion-internet",
    "numerique--acquerir-un-equipement",
    "numerique--maitriser-les-fondamentaux-du-numerique",
    "preparer-sa-candidature--developper-son-reseau",
    "preparer-sa-candidature--organiser-ses-demarches-de-recherche-demploi",
    "preparer-sa-candidature--realiser-un-cv-et-ou-une-lettre-de-motivation",
    "preparer-sa-candidature--valoriser-ses-competences",
    "remobilisation--activites-sportives-et-culturelles",
    "remobilisation--benevolat-action-citoyenne",
    "remobilisation--bien-etre-confiance-en-soi",
    "remobilisation--lien-social",
    "sante--acces-aux-soins",
    "sante--addictions",
    "sante--constituer-un-dossier-mdph-invalidite",
    "sante--sante-mentale",
    "sante--sante-sexuelle",
    "se-former--monter-son-dossier-de-formation",
    "se-former--trouver-sa-formation",
    "souvrir-a-linternational--connaitre-les-opportunites-demploi-a-letranger",
    "souvrir-a-linternational--sinformer-sur-les-aides-pour-travailler-a-letranger",
    "souvrir-a-linternational--sorganiser-suite-a-son-retour-en-france",
    "trouver-un-emploi--convaincre-un-recruteur-en-entretien",
    "trouver-un-emploi--faire-des-candidatures-spontanees",
    "trouver-un-emploi--maintien-dans-lemploi",
    "trouver-un-emploi--repondre-a-des-offres-demploi",
    "trouver-un-emploi--suivre-ses-candidatures-et-relancer-les-employeurs",
]
"""data·inclusion v1 thématiques: what a person needs, what an offer serves."""

Audience = Literal[
    "actifs",
    "beneficiaires-des-minimas-sociaux",
    "demandeurs-emploi",
    "etudiants",
    "familles",
    "femmes",
    "jeunes",
    "personnes-en-situation-de-handicap",
    "personnes-en-situation-durgence",
    "personnes-en-situation-juridique-specifique",
    "personnes-exilees",
    "residents-qpv-frr",
    "seniors",
    "tous-publics",
]
"""data·inclusion v1 publics: whom an offer welcomes, who the person is."""

Actor = Literal[
    "training-body",
    "employment-service",
    "business-creation-support",
    "vae-relay-point",
    "guidance-centre",
    "social-support",
    "funding-body",
]
"""Who carries a step of the strategy out."""

Situation = Literal[
    "employee",
    "jobseeker",
    "self-employed",
    "student",
    "young-adult",
    "public-servant",
    "other",
    "pupil",
]
"""What the person does today; `pupil` is refused by intake: schoolchildren have their own service."""

Mode = Literal["in-person", "remote"]
"""How people meet."""

Means = Literal["walk", "bicycle", "public-transport", "car"]
"""How the person travels."""

Remote = Literal["accepted", "preferred", "refused"]
"""What the person thinks of being helped at a distance."""

ProjectKind = Literal[
    "retraining",
    "training",
    "job-search",
    "business-creation",
    "vae",
    "other",
]
"""What the verified project is."""

ConsentData = Literal["need", "project", "identity", "contact"]
"""What a consent lets a recipient see."""

Role = Literal["operator", "partner", "coordinator", "directory", "admin", "system"]
"""Who speaks, as in the token; `system` is Relais itself."""

Reason = Literal[
    "no-capacity",
    "not-eligible",
    "out-of-territory",
    "not-reachable",
    "missed-appointment",
    "not-interested",
    "in-employment",
    "in-training",
    "not-mobile",
    "other-barriers",
    "duplicate",
    "other",
]
"""Why a hand-off is declined or cancelled."""

CausedBy = Literal["person", "partner", "operator"]
"""On whose side the reason lies."""

Outcome = Literal["achieved", "partly", "not-achieved"]
"""What a finished hand-off achieved."""

UnmetReason = Literal[
    "no-offer",
    "out-of-reach",
    "not-eligible",
    "no-capacity",
    "all-declined",
]
"""Why nobody can be proposed for a step: how far the best offer came."""

WaitingFor = Literal["choice", "consent", "outcome"]
"""What a step waits for."""

Owner = Literal["partner", "operator", "person", "coordinator", "nobody"]
"""Who must act next."""

PlacesState = Literal["open", "waiting-list", "assessment", "full"]
"""Whether an offer takes people."""

ZoneKind = Literal[
    "commune",
    "epci",
    "departement",
    "region",
    "country",
    "bassin-de-vie",
    "zone-emploi",
]
"""The kind of territory an offer serves."""

ServiceKind = Literal["accompagnement", "aide-financiere", "aide-materielle", "atelier", "formation", "information"]
"""data·inclusion v1 types-de-services: what is given."""

Fees = Literal["gratuit", "payant"]
"""data·inclusion v1 frais: whether the person pays."""

Mobiliser = Literal["professionnels", "usagers"]
"""data·inclusion v1 personnes-mobilisatrices: who may ask for the service."""

MobilisationWay = Literal["envoyer-un-courriel", "se-presenter", "telephoner", "utiliser-lien-mobilisation"]
"""data·inclusion v1 modes-mobilisation: how one asks for the service."""
