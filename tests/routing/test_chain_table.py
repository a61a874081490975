"""The whole table of hand-offs, every actor in every state: what it allows is done, all else is refused."""

from typing import Any, get_args

import pytest

from builders import MONDAY, OPERATOR, OTHER_OPERATOR, consent, days, requested
from chains import At, a_chain, after, by_operator, by_partner, names, then
from relais_contracts.actions import Appointment, By, Onward
from relais_contracts.cases import AnyOption, CaseConsentWithdrawn
from relais_contracts.handoffs import HandoffActionRefused
from relais_contracts.transitions import EVENTS, TABLE, Action, State, allowed, find
from relais_routing.chain.commands import CheckClocks

APPOINTMENT = Appointment(at=MONDAY + days(3))
CONTENT: dict[str, dict[str, Any]] = {
    "decline": {"reason": "not-eligible", "caused_by": "partner"},
    "schedule": {"appointment": APPOINTMENT},
    "reschedule": {"appointment": Appointment(at=MONDAY + days(5))},
    "report-attended": {"at": MONDAY + days(3)},
    "complete": {"outcome": "achieved"},
    "note": {"text": "note-1"},
    "hand-on": {
        "onward": Onward(actor="guidance-centre", need="sante--sante-mentale", option=AnyOption(any=True)),
    },
}
WAYS: dict[State, tuple[str, ...]] = {
    "proposed": (),
    "accepted": ("accept",),
    "declined": ("decline",),
    "active": ("accept", "start"),
    "scheduled": ("accept", "schedule"),
    "no-show": ("accept", "schedule", "report-no-show"),
    "appointment-cancelled": ("accept", "schedule", "cancel-appointment"),
    "attended": ("accept", "report-attended"),
    "completed": ("accept", "complete"),
}
ORGS = {"partner": "greta-71", "operator": OPERATOR, "coordinator": "region-bfc", "directory": "di", "admin": "us"}


def in_state(state: State) -> Any:
    """The first hand-off, in a state."""
    chain = a_chain()
    if state == "lapsed":
        return after(chain, At(MONDAY + days(9), CheckClocks(MONDAY + days(9))))
    if state in ("cancellation-requested", "cancelled"):
        chain = after(chain, by_operator("request-cancellation", reason="duplicate"))
        return chain if state == "cancellation-requested" else after(chain, by_partner(chain, "confirm-cancellation"))
    for action in WAYS[state]:
        chain = after(chain, asking(action, "partner"))
    return chain


def asking(action: str, role: str, org: str | None = None) -> Any:
    """An action with all it needs; a fresh note and another date than before."""
    return requested(action, by=By(role=role, org=org or ORGS[role]), **CONTENT.get(action, {}))  # type: ignore[arg-type]


STATES = get_args(State)
ACTIONS = get_args(Action)


@pytest.mark.parametrize("state", STATES)
def test_each_state_is_reached(state: State) -> None:
    handoff = next(iter(in_state(state).state.chain.handoffs.values()))
    assert handoff.state == state


@pytest.mark.parametrize("role", sorted(ORGS))
@pytest.mark.parametrize("state", STATES)
def test_the_table_and_nothing_else(state: State, role: str) -> None:
    chain = in_state(state)
    done = chain.history[-1]
    for action in ACTIONS:
        request = asking(action, role)
        events = then(chain, request)
        line = find(state, role, action)
        if repeats(done, chain, action, role):
            assert not events, f"{action} by {role} while {state} is nothing new"
        elif line is None:
            refused = events[0]
            assert isinstance(refused, HandoffActionRefused), f"{action} by {role} while {state}"
            assert refused.allowed == allowed(state, role)
            assert refused.state == state
        else:
            first: Any = events[0]
            assert names([first]) == [EVENTS[action]]
            assert first.state == line.end


def repeats(done: Any, chain: Any, action: str, role: str) -> bool:
    """Whether the same was said already, by a side that may say it."""
    may = any(line.actor == role and line.action == action for line in TABLE)
    said = next(iter(chain.state.chain.handoffs.values())).said or ""
    kind = "appointment" if action in ("schedule", "reschedule") else action
    if not may or action in ("reschedule", "hand-on"):
        return False
    if action == "request-cancellation":
        return False  # the operator gave a reason, these give none
    return said.partition("|")[0] == kind


@pytest.mark.parametrize("role", ["operator", "partner"])
def test_somebody_else_is_refused_everything(role: str) -> None:
    chain = in_state("accepted")
    for action in ACTIONS:
        refused: Any = then(chain, asking(action, role, OTHER_OPERATOR))[0]
        assert refused.allowed == ()
        assert refused.detail == "this hand-off is somebody else's"


def test_the_former_operator_is_somebody_else() -> None:
    from relais_contracts.cases import CaseTransferred

    chain = after(in_state("accepted"), CaseTransferred(operator=OPERATOR, to=OTHER_OPERATOR))
    assert names(then(chain, by_operator("request-cancellation"))) == ["handoff.action-refused"]
    taken_over: Any = then(chain, asking("request-cancellation", "operator", OTHER_OPERATOR))[0]
    assert taken_over.state == "cancellation-requested"
    assert taken_over.operator == OTHER_OPERATOR


@pytest.mark.parametrize("action", ["decline", "schedule", "complete", "hand-on"])
def test_an_action_without_what_it_needs_is_refused(action: str) -> None:
    chain = in_state("accepted")
    refused: Any = then(chain, by_partner(chain, action))[0]
    assert isinstance(refused, HandoffActionRefused)
    assert refused.detail.startswith(f"{action} needs ")
    assert action in refused.allowed


def test_the_same_refusal_is_said_once_until_something_moves() -> None:
    chain = after(in_state("declined"), asking("accept", "partner"))
    assert then(chain, asking("accept", "partner")) == []
    assert names(then(chain, asking("schedule", "partner"))) == ["handoff.action-refused"]


def test_relais_itself_may_stop_what_an_operator_may_stop() -> None:
    for line in TABLE:
        if line.actor == "operator" and line.start is not None:
            asked = then(in_state(line.start), CaseConsentWithdrawn(operator=OPERATOR))
            assert [event.by.role for event in asked if hasattr(event, "by")] == ["system"]


def test_a_consent_given_again_disturbs_nothing_that_runs() -> None:
    assert then(in_state("active"), consent()) == []
