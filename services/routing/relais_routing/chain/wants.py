"""What a step wants of matching: from the strategy, or from the hand-off that it was handed on from.

The chain's steps come from two places; plan B sees one kind of want. It proposes nothing.
"""

from typing import Any, NamedTuple

import orjson

from relais_contracts.cases import CaseConsentGiven, Option, Step
from relais_contracts.handoffs import Request as Shown
from relais_routing.chain.case import Case
from relais_routing.chain.decision import Decision
from relais_routing.chain.state import Chain, StepState
from relais_routing.matching.request import OPTIONS, Request


class Want(NamedTuple):
    """A step that is wanted today."""

    step: str
    actor: Any
    need: Any
    options: tuple[Option, ...]
    asks_first: bool
    """Plan B: the person is asked before somebody else is proposed."""
    rome: tuple[str, ...] = ()
    formacode: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    within: int | None = None
    parent: str | None = None
    root: str = ""
    """The step of the strategy whose consent covers it."""


def planned(case: Case, plan: Step) -> Want:
    """What a step of the strategy wants."""
    return Want(
        plan.step,
        plan.actor,
        plan.need,
        case.options(plan),
        plan.on_refusal == "ask",
        plan.rome,
        plan.formacode,
        plan.after,
        plan.answer_within,
        root=plan.step,
    )


def want_of(case: Case, chain: Chain, step: str) -> Want | None:
    """What a step wants today; none where it is no longer wanted."""
    if case.ended:
        return None
    plan = case.plan(step)
    if plan is not None:
        return planned(case, plan)
    state = chain.steps.get(step)
    parent = chain.handoffs.get(state.parent or "") if state else None
    if state is None or parent is None or state.option is None or want_of(case, chain, parent.step) is None:
        return None
    options = OPTIONS.validate_json(orjson.dumps([state.option]))
    chosen = case.choices.get(step)
    if chosen is not None:
        options = (chosen, *options)
    root = root_of(chain, state)
    return Want(step, state.actor, state.need, options, False, parent=parent.id, root=root)


def root_of(chain: Chain, step: StepState) -> str:
    """The step of the strategy that a step descends from: itself, unless it was handed on."""
    parent = chain.handoffs.get(step.parent or "")
    return step.step if parent is None else root_of(chain, chain.steps[parent.step])


def shown(case: Case, want: Want, consent: CaseConsentGiven) -> Shown:
    """What the partner is told, cut to what the consent allows."""
    project = "project" in consent.data
    return Shown(
        project=case.project if project else None,
        rome=want.rome if project else (),
        formacode=want.formacode if project else (),
        audiences=case.audiences if "identity" in consent.data else (),
    )


def asked(d: Decision, want: Want, excluded: tuple[str, ...], consent: CaseConsentGiven) -> Request:
    """The question to matching."""
    case, mobility = d.case, d.case.mobility
    return Request(
        case=d.id,
        step=want.step,
        actor=want.actor,
        need=want.need,
        options=want.options,
        commune=case.commune,
        means=mobility.means if mobility else ("walk",),
        reach_minutes=mobility.reach_minutes if mobility else 0,
        remote=mobility.remote if mobility else "accepted",
        operator=case.operator,
        now=d.world.now,
        audiences=case.audiences,
        rome=want.rome,
        formacode=want.formacode,
        excluded=excluded,
        consent=consent.model_dump(mode="json", exclude_none=True, exclude={"operator"}),
    )
