"""Whatever is proposed, answered and declared in whatever order, the places in the database are those of a small model.

A random walk through the real shell of routing on a real database: records in, one transaction each.
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from builders import OPERATOR, PARTNER, a_case, a_partner, a_step, an_offer, places, requested
from relais_chassis import clock
from relais_contracts.actions import By
from relais_contracts.cases import OfferOption
from relais_contracts.directory import Session
from relais_contracts.handoffs import HandoffProposed, StepUnmet
from relais_contracts.vocabularies import PlacesState
from routers import Router, router_on
from servers import Servers

SECOND = timedelta(seconds=1)
TODAY = clock.now().date()
SESSION = Session(starts=TODAY + timedelta(days=30), ends=TODAY + timedelta(days=60))
STATES: list[PlacesState] = ["open", "assessment", "waiting-list", "full"]
ORDER = {"open": 0, "assessment": 1, "waiting-list": 2, "full": 3}
UNDATED, DATED = "", f"/{SESSION.starts}"


@dataclass
class Place:
    """What a partner said of one place."""

    state: PlacesState
    number: int | None
    at: datetime

    def left(self, taken: int) -> int | None:
        """Free now: the number, less who is proposed still and who was accepted after it was said; never below 0."""
        if self.state == "full":
            return 0
        return None if self.number is None or self.state == "waiting-list" else max(0, self.number - taken)


@dataclass
class Hold:
    """A person's place: proposed, or accepted at a moment."""

    place: str
    handoff: str
    accepted: datetime | None = None


@dataclass
class Model:
    """The rule, in a few lines."""

    said: dict[str, Place] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)

    def taken(self, place: str) -> int:
        """Proposed still, or accepted after the number was said."""
        return sum(
            hold.place == place and (hold.accepted is None or hold.accepted > self.said[place].at)
            for hold in self.holds.values()
        )

    def choice(self) -> str | None:
        """The place that a person would get; none: full."""
        if not self.said:
            return UNDATED
        left = {name: place.left(self.taken(name)) for name, place in self.said.items()}
        open_ones = [name for name in sorted(left) if left[name] != 0]
        return min(open_ones, key=lambda name: (ORDER[self.said[name].state], name), default=None)


class Walk(RuleBasedStateMachine):
    """One offer, many people."""

    router: Router
    loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.offer = f"{PARTNER}.{uuid4().hex[:12]}"
        self.hears(a_partner(), an_offer(offer=self.offer))

    def hears(self, *facts: Any, case: str = "") -> None:
        self.loop.run_until_complete(self.router.hears(*facts, case=case))

    def value(self, query: str, *args: object) -> Any:
        return self.loop.run_until_complete(self.router.value(query, *args))

    @rule()
    def somebody_comes(self) -> None:
        case, expected = str(uuid4()), self.model.choice()
        self.hears(*a_case(steps=(a_step(options=(OfferOption(offer=self.offer),)),)), case=case)
        last = self.loop.run_until_complete(self.router.said(case))[-1]
        if expected is None:
            assert isinstance(last, StepUnmet)
            assert last.reason == "no-capacity"
            return
        assert isinstance(last, HandoffProposed)
        self.model.holds[case] = Hold(expected, last.handoff)

    @precondition(lambda self: self.model.holds)
    @rule(data=some.data(), what=some.sampled_from(["accept", "decline", "cancel", "lapse"]), late=some.integers(0, 3))
    def answers(self, data: Any, what: str, late: int) -> None:
        """Acceptances may be read late: what counts is when intake took them in."""
        case = data.draw(some.sampled_from(sorted(self.model.holds)))
        hold, received = self.model.holds[case], clock.now() - late * SECOND
        partner, operator = By(role="partner", org=PARTNER), By(role="operator", org=OPERATOR)
        if what == "lapse":
            self.loop.run_until_complete(self.router.checks(case, clock.now() + timedelta(days=40)))
            if hold.accepted is None:
                del self.model.holds[case]
        elif what == "accept":
            self.hears(requested("accept", handoff=hold.handoff, by=partner, received=received), case=case)
            hold.accepted = hold.accepted or received
        else:
            action, by = ("decline", partner) if what == "decline" else ("request-cancellation", operator)
            given = {"handoff": hold.handoff, "by": by, "reason": "other-barriers", "caused_by": "partner"}
            self.hears(requested(action, received=received, **given), case=case)
            del self.model.holds[case]

    @rule(
        state=some.sampled_from(STATES),
        number=some.one_of(some.none(), some.integers(0, 4)),
        place=some.sampled_from([UNDATED, UNDATED, DATED]),
        moved=some.integers(-2, 2),
    )
    def declares(self, state: PlacesState, number: int | None, place: str, moved: int) -> None:
        """A moment just past, or one to come: that one is now."""
        now = clock.now()
        before = self.model.said.get(place)
        at = max(now + moved * SECOND, before.at if before else now - 5 * SECOND)
        session = SESSION if place else None
        self.hears(places(offer=self.offer, state=state, number=number, at=at, session=session))
        counted = self.value("select at from place where place = $1", self.offer + place)
        assert counted <= min(at, clock.now())
        self.model.said[place] = Place(state, number, counted)
        for case, hold in list(self.model.holds.items()):
            if hold.place == place and hold.accepted is not None and hold.accepted <= counted:
                del self.model.holds[case]  # it is in the number: given back later, it changes nothing

    @invariant()
    def every_place_is_counted_as_the_rule_says(self) -> None:
        for name, said in self.model.said.items():
            row = "select number - taken from place where place = $1"
            left = said.left(self.model.taken(name))
            found = self.value(row, self.offer + name)
            assert (None if found is None else max(0, found)) == left

    @invariant()
    def nobody_holds_a_place_twice(self) -> None:
        held = self.value("select count(*) from reservation where place like $1 || '%'", self.offer)
        counted = sum(
            hold.accepted is None or hold.place not in self.model.said or hold.accepted > self.model.said[hold.place].at
            for hold in self.model.holds.values()
        )
        assert held == counted


@pytest.fixture
def a_database(stack: Servers) -> Iterator[tuple[asyncio.AbstractEventLoop, str]]:
    """A loop of the walks' own, and a fresh database."""
    loop, name = asyncio.new_event_loop(), f"test_{uuid4().hex[:16]}"
    admin = loop.run_until_complete(asyncpg.connect(stack.postgres))
    loop.run_until_complete(admin.execute(f"create database {name}"))
    yield loop, re.sub(r"/[^/?]*(\?|$)", rf"/{name}\1", stack.postgres)
    loop.run_until_complete(admin.execute(f"drop database {name} with (force)"))
    loop.run_until_complete(admin.close())
    loop.close()


@pytest.mark.timeout(300)
def test_places_are_those_of_the_model(a_database: tuple[asyncio.AbstractEventLoop, str]) -> None:
    loop, dsn = a_database
    context = router_on(dsn)
    Walk.loop, Walk.router = loop, loop.run_until_complete(context.__aenter__())
    try:
        profile = settings(max_examples=20, stateful_step_count=25, deadline=None, derandomize=True)
        run_state_machine_as_test(Walk, settings=profile)
    finally:
        loop.run_until_complete(context.__aexit__(None, None, None))
