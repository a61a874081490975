"""Whether a road map makes sense: distinct steps, known predecessors, no circle.

The decider asks it of every strategy. It judges form only; whether a partner exists is routing's question.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from relais_contracts.cases import Step


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where in the event's data (JSON pointer)."""

    pointer: str
    detail: str


def faults(steps: Sequence[Step]) -> list[Fault]:
    """Everything that is wrong with a road map; empty where it is right."""
    found = [*_twins(steps), *_strangers(steps)]
    return found or list(_circles(steps))


def _twins(steps: Sequence[Step]) -> Iterator[Fault]:
    seen: set[str] = set()
    for place, step in enumerate(steps):
        if step.step in seen:
            yield Fault(f"/data/steps/{place}/step", f"the step {step.step!r} is there twice")
        seen.add(step.step)


def _strangers(steps: Sequence[Step]) -> Iterator[Fault]:
    known = {step.step for step in steps}
    for place, step in enumerate(steps):
        for position, earlier in enumerate(step.after):
            if earlier not in known:
                yield Fault(f"/data/steps/{place}/after/{position}", f"there is no step {earlier!r}")


def _circles(steps: Sequence[Step]) -> Iterator[Fault]:
    """Take away what can be done, again and again; what remains waits for itself."""
    waiting = {step.step: set(step.after) for step in steps}
    while free := {name for name, after in waiting.items() if not after}:
        waiting = {name: after - free for name, after in waiting.items() if name not in free}
    for place, step in enumerate(steps):
        if step.step in waiting:
            yield Fault(f"/data/steps/{place}/after", f"the step {step.step!r} would wait for itself")
