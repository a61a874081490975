"""The decider of the chain: what may happen next to the hand-offs of one case.

Asked with a fact of the case, an action, or a question of our own; answers with the contract's events. The parts stand
beside it: facts, requests, clocks, plan B. Pure: time, policy, directory and draw come in with `World`.
"""

from typing import assert_never

from relais_contracts.actions import ActionRequested
from relais_contracts.cases import CasePayload
from relais_contracts.envelope import Payload
from relais_routing.chain import clocks, facts, requests
from relais_routing.chain.case import Case, Stored
from relais_routing.chain.commands import ChainCommand, CheckClocks, Rematch, World
from relais_routing.chain.decision import Decision
from relais_routing.chain.plan_b import finish, look_again
from relais_routing.chain.state import Chain


def decide(id: str, case: Case | Stored, chain: Chain, command: ChainCommand, world: World) -> list[Payload]:
    """The events that follow for the case `id`; `case` is what was known before the command.

    Raises Refused only for a hand-off that the case does not have.
    """
    decision = Decision(id, case, chain, world)
    match command:
        case ActionRequested():
            requests.answer(decision, command)
        case CasePayload():
            before = decision.learn(command)
            facts.follow(decision, before, command)
        case CheckClocks(now=now):
            clocks.check(decision, now)
        case Rematch():
            _rematch(decision)
        case _:
            assert_never(command)
    finish(decision)
    return decision.events


def _rematch(d: Decision) -> None:
    """Steps for which nobody was found are looked at again."""
    for step in list(d.chain.steps.values()):
        if step.phase == "unmet":
            look_again(d, step.step)
