"""The chain of a case as a tree: steps, their hand-offs, and under each hand-off what was handed on.

Pure; the case's page and `GET /v1/cases/{id}` show it. Steps without a hand-off yet are there too.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from relais_contracts.cases import CaseStrategyElaborated

Row: TypeAlias = Mapping[str, Any]
Node: TypeAlias = dict[str, Any]

STEP_FIELDS = ("state", "why", "owner", "next", "due")
HANDOFF_FIELDS = ("attempt", "partner", "offer", "actor", "need", "decision", "state", "owner", "next", "due")


def chain(strategy: CaseStrategyElaborated | None, steps: Sequence[Row], handoffs: Sequence[Row]) -> list[Node]:
    """The tree: the road map's steps in its order, then those that left it; attempts in theirs."""
    told = {row["step"]: row for row in steps}
    planned = [step.step for step in strategy.steps] if strategy else []
    gone = [name for name, row in told.items() if name not in planned and row["parent"] is None]
    after = {step.step: step.after for step in strategy.steps} if strategy else {}
    return [_step(name, told, handoffs, after.get(name, ())) for name in (*planned, *sorted(gone))]


def _step(name: str, told: Mapping[str, Row], handoffs: Sequence[Row], after: Iterable[str] = ()) -> Node:
    row = told.get(name)
    stands = {field: row[field] for field in STEP_FIELDS} if row is not None else {"state": "planned"}
    attempts = sorted((each for each in handoffs if each["step"] == name), key=lambda each: int(each["attempt"]))
    return {
        "step": name,
        "after": list(after),
        **stands,
        "handoffs": [_handoff(each, told, handoffs) for each in attempts],
    }


def _handoff(row: Row, told: Mapping[str, Row], handoffs: Sequence[Row]) -> Node:
    onward = sorted(name for name, step in told.items() if step["parent"] == row["id"] and name != row["step"])
    return {
        "handoff": row["id"],
        **{field: row[field] for field in HANDOFF_FIELDS},
        "onward": [_step(name, told, handoffs) for name in onward],
    }
