"""The world of `bench routing`: a directory of invented partners in 24 départements, and people who need them.

Everything follows from one seed, so that each run and each variant meets the same offers and the same cases. No
organisation or person here exists. It sends and stores nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random
from typing import Final
from uuid import UUID

from relais_cli.counselling import counselled
from relais_contracts.cases import (
    AnyOption,
    CaseConsentGiven,
    CaseOpened,
    CasePayload,
    Interview,
    Mobility,
    OfferOption,
    Option,
    PartnerOption,
    Possibility,
    Project,
    Step,
)
from relais_contracts.directory import At, DirectoryPayload, OfferDeclared, PartnerDeclared, PlacesDeclared, Zone
from relais_contracts.vocabularies import Actor, Means, Need, ZoneKind
from relais_territories import FRANCE
from relais_territories.commune import Commune

DEPARTEMENTS: Final = (
    *("21", "25", "39", "58", "70", "71", "89", "90", "01", "38", "42", "69"),
    *("02", "08", "10", "51", "52", "54", "55", "57", "59", "60", "62", "80"),
)
"""With four thousand offers, about as many for one need in one département as data·inclusion counts in France: 100,000
services, two needs each out of 69, in 101 départements make some thirty."""
OPERATORS: Final = tuple(f"cep-{number}" for number in range(12))
GROUPS: Final = tuple(f"reseau-{number}" for number in range(10))
DECLARED: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
FOREVER: Final = date(2099, 12, 31)

WORK: Final[dict[Actor, tuple[Need, ...]]] = {
    "employment-service": (
        "preparer-sa-candidature--realiser-un-cv-et-ou-une-lettre-de-motivation",
        "preparer-sa-candidature--developper-son-reseau",
        "trouver-un-emploi--repondre-a-des-offres-demploi",
    ),
    "training-body": (
        "se-former--trouver-sa-formation",
        "numerique--maitriser-les-fondamentaux-du-numerique",
        "lecture-ecriture-calcul--maitriser-le-francais",
    ),
    "business-creation-support": (
        "creer-une-entreprise--definir-son-projet-de-creation-dentreprise",
        "creer-une-entreprise--structurer-son-projet-de-creation-dentreprise",
        "creer-une-entreprise--developper-son-entreprise",
    ),
    "guidance-centre": (
        "choisir-un-metier--confirmer-son-choix-de-metier",
        "choisir-un-metier--identifier-ses-points-forts-et-ses-competences",
        "choisir-un-metier--decouvrir-un-metier-ou-un-secteur-dactivite",
    ),
}
COUNTED: Final[tuple[Actor, Need]] = ("vae-relay-point", "se-former--monter-son-dossier-de-formation")
"""These partners count their places; people name them, so that who is chosen never hangs on who came first."""

MEANS: Final[tuple[tuple[Means, ...], ...]] = (("car",), ("car", "walk"), ("public-transport", "walk"), ("bicycle",))
KINDS: Final[tuple[ZoneKind, ...]] = ("departement", "epci", "region", "country")
ROMES: Final = ("M1607", "K1302", "N1103", "G1602", "D1106", "H2913")


@dataclass(frozen=True, slots=True)
class Story:
    """A case up to its strategy and its consent."""

    case: str
    operator: str
    events: tuple[CasePayload, ...]


class World:
    """Offers and cases of one seed; `offers` says how many there are for this work in these départements."""

    def __init__(self, offers: int) -> None:
        self._random = Random(1)
        communes = (each for each in FRANCE.communes() if each.departement in DEPARTEMENTS)
        self._communes = [each for each in communes if each.latitude is not None and each.epci]
        self._entries = list(self._directory(offers))
        declared = [entry for entry in self._entries if isinstance(entry, OfferDeclared)]
        self._counted = [offer for offer in declared if offer.actor == COUNTED[0]]
        self._others = [offer for offer in declared if offer.actor != COUNTED[0]]

    @property
    def directory(self) -> Sequence[DirectoryPayload]:
        """The directory, in an order that can be taken in."""
        return self._entries

    def stories(self, count: int) -> list[Story]:
        """As many people, each with a road map of one to three steps."""
        return [self._story() for _ in range(count)]

    # The directory

    def _directory(self, offers: int) -> Iterator[DirectoryPayload]:
        random = self._random
        for number, operator in enumerate(OPERATORS):
            group = GROUPS[number] if number < len(GROUPS) else None
            yield PartnerDeclared(partner=operator, name=f"CEP {number}", commune=self._commune().code, group=group)
        for number in range(offers):
            partner, home = f"p--{number // 3}", self._commune()
            if number % 3 == 0:
                group = random.choice(GROUPS) if random.random() < 0.3 else None
                yield PartnerDeclared(partner=partner, name=f"Partenaire {number // 3}", commune=home.code, group=group)
            offer = self._offer(f"{partner}--o{number % 3}", partner, home, counted=number % 10 == 0)
            yield offer
            if offer.actor == COUNTED[0]:
                yield PlacesDeclared(offer=offer.offer, state="open", number=100_000, at=DECLARED)

    def _offer(self, name: str, partner: str, home: Commune, *, counted: bool) -> OfferDeclared:
        random = self._random
        actor: Actor = COUNTED[0] if counted else random.choice(list(WORK))
        needs = (COUNTED[1],) if counted else tuple(random.sample(WORK[actor], random.choice((1, 2, 2, 3))))
        kind: ZoneKind = random.choices(KINDS, (65, 25, 9, 1))[0]
        codes = {"departement": home.departement, "epci": home.epci, "region": home.region, "country": "FR"}
        near = kind != "country"
        return OfferDeclared(
            offer=name,
            partner=partner,
            name=f"Offre {name}",
            actor=actor,
            needs=needs,
            audiences=("demandeurs-emploi", "jeunes", "actifs") if random.random() < 0.3 else (),
            zone=Zone(kind=kind, codes=(codes[kind],)),
            at=_at(home) if near else None,
            modes=random.choice((("in-person",), ("in-person", "remote"))) if near else ("remote",),
            rome=tuple(random.sample(ROMES, 3)) if random.random() < 0.2 else (),
            updated=date(2026, 1, 5),
        )

    def _commune(self) -> Commune:
        return self._random.choice(self._communes)

    # People

    def _story(self) -> Story:
        random, operator = self._random, self._random.choice(OPERATORS)
        case = str(UUID(int=random.getrandbits(128), version=4))
        steps = tuple(self._steps())
        one, two = (Interview(number=n, mode="in-person", minutes=random.randint(45, 90)) for n in (1, 2))
        ways = [Possibility(option=f"Piste {n}", actor=step.actor, need=step.need) for n, step in enumerate(steps)]
        *stages, consent, strategy = counselled(
            self._opened(),
            (one, two),
            stated=(steps[0].need,),
            project=Project(kind=random.choice(("retraining", "training", "job-search")), rome=(ROMES[0],)),
            verdict=random.choice(("confirmed", "amended")),
            possibilities=(ways * 2)[: max(2, len(ways))],
            consent=CaseConsentGiven(
                recipients="matching", data=("need", "project", "identity", "contact"), until=FOREVER
            ),
            steps=steps,
        )
        told = (*stages, strategy, consent)  # the consent last: routing keeps a strategy that has to wait for it
        return Story(case, operator, tuple(fact.model_copy(update={"operator": operator}) for fact in told))

    def _opened(self) -> CaseOpened:
        random = self._random
        return CaseOpened(
            commune=self._commune().code,
            audiences=random.choice((("demandeurs-emploi",), ("actifs",), ("jeunes", "demandeurs-emploi"))),
            situation=random.choice(("employee", "jobseeker", "young-adult")),
            mobility=Mobility(
                means=random.choice(MEANS),
                reach_minutes=random.choice((15, 30, 45, 60)),
                remote=random.choices(("accepted", "preferred", "refused"), (6, 2, 2))[0],
            ),
        )

    def _steps(self) -> Iterator[Step]:
        random = self._random
        for number in range(random.choices((1, 2, 3), (5, 4, 2))[0]):
            actor, need, options = self._wish()
            yield Step(
                step=f"step-{number}",
                actor=actor,
                need=need,
                rome=(ROMES[0],) if random.random() < 0.1 else (),
                after=(f"step-{number - 1}",) if number and random.random() < 0.5 else (),
                options=options,
                on_refusal="next" if random.random() < 0.6 else "ask",
            )

    def _wish(self) -> tuple[Actor, Need, tuple[Option, ...]]:
        random = self._random
        if random.random() < 0.2:
            return (*COUNTED, tuple(OfferOption(offer=each.offer) for each in random.sample(self._counted, 2)))
        if random.random() < 0.25:
            wanted = random.choice(self._others)
            return (
                wanted.actor,
                random.choice(wanted.needs),
                (PartnerOption(partner=wanted.partner), AnyOption(any=True)),
            )
        actor = random.choice(list(WORK))
        return actor, random.choice(WORK[actor]), (AnyOption(any=True),)


def _at(home: Commune) -> At:
    assert home.latitude is not None
    assert home.longitude is not None
    return At(commune=home.code, latitude=home.latitude / 100_000, longitude=home.longitude / 100_000)
