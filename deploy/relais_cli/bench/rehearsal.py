"""What routing has to answer to each message, decided beforehand in memory with the same pure decider.

Partners' actions follow from whom the decider proposes, and the log that every variant has to leave behind is known
before the first measurement. It touches neither broker nor database.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from relais_cli.bench.world import Story
from relais_contracts.actions import ActionRequested, Appointment, By
from relais_contracts.cases import CasePayload
from relais_contracts.directory import DirectoryPayload
from relais_contracts.envelope import Payload
from relais_contracts.handoffs import HandoffProposed
from relais_routing.chain import decider
from relais_routing.chain.case import UNKNOWN, learn
from relais_routing.chain.commands import ChainCommand
from relais_routing.chain.commands import World as Known
from relais_routing.chain.evolve import evolve
from relais_routing.chain.policy import Policy
from relais_routing.chain.state import NO_CHAIN, Handoff
from relais_routing.choosing import Choosing
from relais_routing.matching.draw import Draw
from relais_routing.matching.index import Index
from relais_routing.matching.taken import Taken
from relais_routing.stream import NOT_OURS

SECRET: Final = bytes(range(32))
MOST_ACTIONS: Final = 12


class Rehearsal:
    """One day of routing in memory: `play` a story, then `act` on what came of it."""

    def __init__(self, directory: list[DirectoryPayload], policy: Policy, now: datetime, days: list[date]) -> None:
        self.now, self._policy, self._random = now, policy, Random(2)
        self._index = Index()
        self._index.apply(directory, 1)
        self._draws = {day: Draw(day, SECRET) for day in days}
        self._taken = Taken()

    def play(self, story: Story) -> "Chain":
        """The chain of a case after its story."""
        chain = Chain(self, story)
        for event in story.events:
            chain.ask(event)
        return chain

    def known(self) -> tuple[Known, Choosing]:
        """What a decision may look at."""
        choosing = Choosing(self._index, self._draws, self._taken, self._policy.version)
        return Known(self.now, self._policy, choosing.choose, choosing.closures, choosing.reopened), choosing

    def act(self, chain: "Chain") -> list[ActionRequested]:
        """What partners and operators do about a chain's hand-offs, one action after the other."""
        return list(self._acts(chain))

    def _acts(self, chain: "Chain") -> Iterator[ActionRequested]:
        for _ in range(MOST_ACTIONS):
            running = chain.chain.open_handoffs()
            if not running or self._random.random() < 0.03:
                return
            action = self._action(self._random.choice(running), chain.story.operator)
            chain.ask(action)
            yield action
            if self._random.random() < 0.01:  # asked twice
                chain.ask(action)
                yield action

    def _action(self, handoff: Handoff, operator: str) -> ActionRequested:
        random = self._random
        by: dict[str, Any] = {"by": By(role="partner", org=handoff.partner)}
        reason: dict[str, Any] = {"reason": "no-capacity", "caused_by": "partner"}
        likely: dict[str, list[tuple[int, str, dict[str, Any]]]] = {
            "proposed": [
                (82, "accept", by),
                (15, "decline", by | reason),
                (3, "request-cancellation", {"by": By(role="operator", org=operator), "replace": True}),
            ],
            "accepted": [(80, "schedule", by | self._meeting()), (18, "note", by), (2, "reschedule", by)],
            "active": [(1, "schedule", by | self._meeting())],
            "scheduled": [(85, "report-attended", by), (10, "report-no-show", by), (5, "note", by)],
            "no-show": [(1, "reschedule", by | self._meeting())],
            "attended": [
                (80, "complete", by | {"outcome": "achieved"}),
                (10, "complete", by | {"outcome": "not-achieved"}),
                (10, "schedule", by | self._meeting()),
            ],
            "cancellation-requested": [(1, "confirm-cancellation", by)],
        }
        weights, names, contents = zip(*likely[handoff.state], strict=True)
        chosen = random.choices(range(len(names)), weights)[0]
        return ActionRequested(handoff=handoff.id, action=names[chosen], received=self.now, **contents[chosen])

    def _meeting(self) -> dict[str, Any]:
        at = self.now + timedelta(days=self._random.randint(2, 20))
        return {"appointment": Appointment(at=at, place="Agence", mode="in-person")}

    def take(self, place: str) -> None:
        """A place is reserved."""
        self._taken[place] = self._taken.get(place, 0) + 1


class Chain:
    """One case and its chain as they go on; `events` is all that routing has said."""

    def __init__(self, rehearsal: Rehearsal, story: Story) -> None:
        self._rehearsal, self.story = rehearsal, story
        self._case, self.chain = UNKNOWN, NO_CHAIN
        self.events: list[Payload] = []

    def ask(self, command: ChainCommand) -> None:
        """Decide one message."""
        if isinstance(command, NOT_OURS):
            return
        known, choosing = self._rehearsal.known()
        events = decider.decide(self.story.case, self._case, self.chain, command, known)
        if isinstance(command, CasePayload):
            self._case = learn(self._case, command)
        for event in events:
            self.chain = evolve(self.chain, event)
            place = choosing.place(event.decision) if isinstance(event, HandoffProposed) else None
            if place is not None:
                self._rehearsal.take(place)
        self.events += events
