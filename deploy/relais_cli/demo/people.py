"""Who comes: invented people, their demands, needs and strategies, the same at every run.

Made from a fixed seed; eight in ten ask for something else than they need. It sends nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID, uuid5

from relais_cli.counselling import counselled
from relais_cli.demo.cast import ACTOR_OF, CREATION, CV, GUIDANCE, LICENCE, LILLE, LOUHANS, TRAINING, VAE, Territory
from relais_contracts.cases import (
    AnyOption,
    CaseConsentGiven,
    CaseOpened,
    CasePayload,
    Contact,
    Interview,
    Mobility,
    Possibility,
    Project,
    Step,
)
from relais_contracts.vocabularies import Means, Need, ProjectKind, Remote

NAMESPACE: Final = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
KINDS: Final[dict[Need, ProjectKind]] = {
    CV: "job-search",
    TRAINING: "training",
    CREATION: "business-creation",
    VAE: "vae",
    GUIDANCE: "retraining",
    LICENCE: "job-search",
}
MEANS: Final[dict[str, tuple[tuple[Means, ...], ...]]] = {
    "71": (("walk",), ("walk", "bicycle"), ("walk", "car")),
    "59": (("walk", "public-transport"),),
}
PLANS: Final[tuple[tuple[tuple[Need, ...], bool], ...]] = (
    ((CV,), False),
    ((TRAINING,), False),
    ((CV, TRAINING), True),
    ((CREATION,), False),
    ((GUIDANCE, TRAINING), True),
    ((VAE,), False),
    ((CV, CREATION), False),
    ((TRAINING, CV), True),
    ((GUIDANCE,), False),
    ((CV, LICENCE), False),
)
"""Needs of a strategy's steps, and whether each step waits for the one before it."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody's case and everything the counsellor will say of it."""

    case: str
    territory: Territory
    events: tuple[CasePayload, ...]


def people(number: int, now: datetime) -> list[Person]:
    """So many people, in both territories; consents hold for a year from `now`."""
    return [_person(index, now) for index in range(number)]


def _person(index: int, now: datetime) -> Person:
    chance = Random(index)
    territory = LOUHANS if index % 2 else LILLE
    needs, in_sequence = PLANS[index // 2 % len(PLANS)]
    case = str(uuid5(NAMESPACE, f"relais-demo/{index}"))
    return Person(case, territory, _story(chance, index, territory, needs, in_sequence, now))


def _story(
    chance: Random, index: int, territory: Territory, needs: tuple[Need, ...], in_sequence: bool, now: datetime
) -> tuple[CasePayload, ...]:
    masked = index % 10 < 8
    first = Interview(number=1, mode="in-person", minutes=chance.choice((60, 75, 90)))
    opened = CaseOpened(
        commune=chance.choice(territory.communes),
        audiences=("demandeurs-emploi",),
        situation="jobseeker",
        mobility=_mobility(chance, index, territory),
        contact=Contact(name=f"Personne {index} (démonstration)", phone="01 99 00 00 00", preferred="phone"),
    )
    ways = dict.fromkeys((*needs, CV, GUIDANCE))
    return counselled(
        opened,
        (first, Interview(number=2, mode="in-person", minutes=60)),
        stated=(next(need for need in ACTOR_OF if need not in needs),) if masked else needs,
        project=Project(kind=KINDS[needs[0]]),
        verdict="amended" if masked else "confirmed",
        possibilities=[Possibility(option="Une possibilité", actor=ACTOR_OF[need], need=need) for need in ways],
        consent=CaseConsentGiven(
            recipients="matching", data=("need", "project", "contact"), until=(now + timedelta(days=365)).date()
        ),
        steps=tuple(_steps(chance, needs, in_sequence)),
    )


def _mobility(chance: Random, index: int, territory: Territory) -> Mobility:
    means = chance.choice(MEANS[territory.departement])
    remote: Remote = "refused" if index % 7 == 0 else "accepted"
    return Mobility(means=means, reach_minutes=chance.choice((30, 45, 60)), remote=remote)


def _steps(chance: Random, needs: tuple[Need, ...], in_sequence: bool) -> Iterator[Step]:
    for number, need in enumerate(needs):
        yield Step(
            step=f"etape-{number + 1}",
            actor=ACTOR_OF[need],
            need=need,
            after=(f"etape-{number}",) if in_sequence and number else (),
            options=(AnyOption(any=True),),
            on_refusal="ask" if chance.random() < 0.25 else "next",
        )
