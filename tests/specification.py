"""Given, when, then: how every decider of the project is specified, with three laws checked along the way.

*Asked twice, nothing new*; *any history folds*; *the end is the end*. It knows no domain and no I/O.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Generic, TypeVar

from relais_chassis.decider import Refused
from relais_contracts.envelope import Payload

State = TypeVar("State")
Command = TypeVar("Command")


@dataclass(frozen=True)
class Specification(Generic[State, Command]):
    """A decider to be specified.

    `ended` says after which states nothing may happen any more, `counts_each_time` which commands are new however
    often they come (their repetitions are told by the message's id alone).

    `chain.given(PROPOSED).when(Accept(now=MONDAY)) == [ACCEPTED]`
    """

    initial: State
    evolve: Callable[[State, Payload], State]
    decide: Callable[[State, Command], Sequence[Payload]]
    ended: Callable[[State], bool] = field(default=lambda state: False)
    counts_each_time: Callable[[Command], bool] = field(default=lambda command: False)

    def given(self, *history: Payload) -> "Situation[State, Command]":
        """What has happened so far."""
        return Situation(self, history)

    def fold(self, history: Sequence[Payload], start: State | None = None) -> State:
        """What is known after a history."""
        return reduce(self.evolve, history, self.initial if start is None else start)


@dataclass(frozen=True)
class Situation(Generic[State, Command]):
    """A history, and what may be asked of it."""

    decider: Specification[State, Command]
    history: tuple[Payload, ...]

    @property
    def state(self) -> State:
        """What is known."""
        return self.decider.fold(self.history)

    def after(self, *commands: Command) -> "Situation[State, Command]":
        """The situation once these were asked and decided, one by one."""
        situation = self
        for command in commands:
            situation = Situation(self.decider, (*situation.history, *situation.when(command)))
        return situation

    def when(self, command: Command) -> list[Payload]:
        """The events that follow; Refused comes through. The three laws are checked on the way."""
        before = self.state
        events = list(self.decider.decide(before, command))
        if self.decider.ended(before):
            assert not events, f"the end is the end, yet {command} gave {events}"
        any_history_folds(self.decider, (*self.history, *events))
        if not self.decider.counts_each_time(command):
            asked_twice_nothing_new(self.decider, self.decider.fold(events, before), command)
        return events

    def refuses(self, command: Command) -> Refused:
        """The refusal that is expected; fails where the command is accepted."""
        try:
            events = self.when(command)
        except Refused as refused:
            return refused
        raise AssertionError(f"expected a refusal of {command}, not {events}")


def asked_twice_nothing_new(decider: Specification[State, Command], after: State, command: Command) -> None:
    """Law: once decided, the same command gives no event (or is refused)."""
    try:
        again = list(decider.decide(after, command))
    except Refused:
        return
    assert not again, f"asked twice, {command} gave {again}"


def any_history_folds(decider: Specification[State, Command], history: Sequence[Payload]) -> None:
    """Law: `evolve` takes any history, also one that `decide` would never write, and is a function of it alone."""
    assert decider.fold(history) == decider.fold(history)
    for odd in (history[::-1], [*history, *history], history[1:]):
        decider.fold(odd)


def nothing_after_the_end(decider: Specification[State, Command], end: State, command: Command) -> None:
    """Law: in an ended state every command is refused or gives nothing."""
    assert decider.ended(end), "this situation has not ended"
    try:
        events = list(decider.decide(end, command))
    except Refused:
        return
    assert not events, f"the end is the end, yet {command} gave {events}"
