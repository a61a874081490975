"""One round: an offer of ten places, fifty people who want it, and what its partner and their operators will do.

Follows the hand-offs as they are told and says who has something to do. It sends nothing and judges nothing.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Final, Literal, get_args
from uuid import UUID, uuid5

from relais_contracts.directory import At, OfferDeclared, PartnerDeclared, Zone
from relais_contracts.handoffs import (
    HandoffAccepted,
    HandoffCancellationRequested,
    HandoffDeclined,
    HandoffLapsed,
    HandoffPayload,
    HandoffProposed,
    StepUnmet,
)
from relais_contracts.vocabularies import Need
from relais_territories import FRANCE

PLACES: Final = 10
PEOPLE: Final = 50
NAMESPACE: Final = UUID("2c1f5a52-5b1f-4f0e-9d2c-6a4d3b0e7f11")
NEEDS: Final[tuple[Need, ...]] = get_args(Need)

Answer = Literal["accept", "decline", "silence", "cancel", "accept-then-cancel"]
MOODS: Final[tuple[tuple[int, ...], ...]] = ((60, 15, 5, 10, 10), (25, 30, 10, 15, 20), (4, 40, 16, 20, 20))
"""Chances in a hundred of each answer, by round: some fill soon, some give every place back again and again."""
GIVES_BACK: Final = (HandoffDeclined, HandoffLapsed, HandoffCancellationRequested)


@dataclass(slots=True)
class Course:
    """A round on its way."""

    number: int
    seed: int
    cases: list[str] = field(init=False)
    answers: dict[str, Answer] = field(init=False)
    state: dict[str, str] = field(init=False)
    """By case: `sent`, `unmet`, `proposed`, `accepted` or `over`; who has had a place waits for none again."""

    def __post_init__(self) -> None:
        chance = Random(f"{self.seed}/{self.number}")
        mood = MOODS[self.number % len(MOODS)]
        self.cases = [str(uuid5(NAMESPACE, f"{self.seed}/{self.number}/{person}")) for person in range(PEOPLE)]
        self.answers = {case: chance.choices(get_args(Answer), mood)[0] for case in self.cases}
        self.state = dict.fromkeys(self.cases, "sent")

    @property
    def partner(self) -> str:
        """The partner of this round."""
        return f"partner-{self.seed}-{self.number}"

    @property
    def offer(self) -> str:
        """Its offer."""
        return f"{self.partner}.places"

    @property
    def need(self) -> Need:
        """What everybody in it needs; rounds at the same time differ."""
        return NEEDS[self.number % len(NEEDS)]

    def entries(self, commune: str) -> tuple[PartnerDeclared, OfferDeclared]:
        """What the directory says of it."""
        known = FRANCE.commune(commune)
        assert known is not None
        assert known.latitude is not None
        assert known.longitude is not None
        offer = OfferDeclared(
            offer=self.offer,
            partner=self.partner,
            name=f"Round {self.number}",
            actor="training-body",
            needs=(self.need,),
            zone=Zone(kind="commune", codes=(commune,)),
            at=At(commune=commune, latitude=known.latitude / 100_000, longitude=known.longitude / 100_000),
            modes=("in-person",),
        )
        return PartnerDeclared(partner=self.partner, name=self.partner, commune=commune), offer

    # What is told

    def hear(self, case: str, told: HandoffPayload | StepUnmet) -> None:
        """An event of one of its chains."""
        match told:
            case StepUnmet():
                self.state[case] = "unmet" if self.state[case] in ("sent", "unmet") else "over"
            case HandoffProposed():
                self.state[case] = "proposed"
            case HandoffAccepted():
                self.state[case] = "accepted"
            case _ if isinstance(told, GIVES_BACK):
                self.state[case] = "over"

    @property
    def is_run(self) -> bool:
        """Whether nothing more will happen by itself: all is answered, and the places are full or nobody waits."""
        states = list(self.state.values())
        if "sent" in states or "proposed" in states:
            return False
        if any(self.state[case] == "accepted" and self.answers[case] == "accept-then-cancel" for case in self.cases):
            return False
        return states.count("accepted") == PLACES or "unmet" not in states

    def __str__(self) -> str:
        states = list(self.state.values())
        return f"round {self.number}: " + ", ".join(f"{states.count(each)} {each}" for each in sorted(set(states)))
