"""The chain's decider, ready to be specified: a small real directory, a draw, and histories of a chain.

`a_chain()` gives the history of a case whose first hand-off is proposed; everything is matched by the real matching.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from builders import CASE, MONDAY, OPERATOR, a_case, a_partner, an_offer, requested
from relais_contracts.actions import By
from relais_contracts.cases import CasePayload, Step
from relais_contracts.envelope import Payload
from relais_contracts.handoffs import HandoffProposed
from relais_routing.chain.case import UNKNOWN, Case, Stored, learn
from relais_routing.chain.commands import ChainCommand, CheckClocks, World
from relais_routing.chain.decider import decide
from relais_routing.chain.evolve import evolve
from relais_routing.chain.policy import Policy
from relais_routing.chain.state import NO_CHAIN, Chain, dump, load
from relais_routing.choosing import Choosing
from relais_routing.matching.draw import Draw
from relais_routing.matching.index import Index
from relais_routing.matching.taken import Taken
from specification import Situation, Specification, asked_twice_nothing_new

SECRET = bytes(range(4, 36))
FIRST, SECOND, THIRD = "greta-71", "afpa-71", "cnam-71"
"""Three training bodies of Mâcon, in the order of the draw of the tests' day for the tests' case."""
POLICY = Policy.of(
    """
    version = "test"
    day_seconds = 86400
    reminder = 3
    [clocks]
    answer = 5
    schedule = 10
    report = 2
    outcome = 60
    cancellation = 3
    choice = 5
    """
)


class Known(NamedTuple):
    """What routing knows of a case: what the case's log said, and its own chain."""

    case: Case = UNKNOWN
    chain: Chain = NO_CHAIN


class At(NamedTuple):
    """A command, and when it is decided."""

    now: datetime
    body: ChainCommand


def offers_of(*partners: str, **given: Any) -> list[Payload]:
    """Each partner with one offer, `<partner>.bureautique`."""
    events: list[Payload] = []
    for partner in partners:
        events.append(a_partner(partner=partner, name=partner.upper()))
        events.append(an_offer(partner=partner, offer=f"{partner}.bureautique", **given))
    return events


class Draws(dict[date, Draw]):
    """A draw for any day, from one secret."""

    def __missing__(self, day: date) -> Draw:
        return Draw(day, SECRET)


def a_world(
    now: datetime = MONDAY, directory: Iterable[Payload] = (), taken: dict[str, int] | None = None
) -> tuple[World, Choosing]:
    """What a decision may look at."""
    index = Index()
    index.apply(directory, 1)
    choosing = Choosing(index, Draws(), Taken.of(taken or {}), POLICY.version)
    return World(now, POLICY, choosing.choose, choosing.closures, choosing.reopened), choosing


def learned(known: Known, event: Payload) -> Known:
    """What is known after an event of the case's log, or of the chain's own."""
    if isinstance(event, CasePayload):
        return Known(learn(known.case, event), known.chain)
    chain = evolve(known.chain, event)
    assert load(dump(chain)) == chain
    return Known(known.case, chain)


def stored(case: Case) -> Stored:
    """The case as it comes out of its table."""
    return Stored(case.operator, case.commune, case.model_dump_json(exclude_defaults=True).encode())


def is_ended(known: Known) -> bool:
    """Whether the case is over and so is all that was open."""
    return known.case.ended is not None and known.chain.done


def chain_of(*directory: Payload, ask_at: datetime = MONDAY) -> Specification[Known, Any]:
    """The decider with a directory; a command without its moment is asked at `ask_at`."""

    def decided(known: Known, asked: Any) -> list[Payload]:
        now, body = asked if isinstance(asked, At) else (ask_at, asked)
        if isinstance(body, CheckClocks):
            now = max(now, body.now)
        world, _ = a_world(now, directory)
        return decide(CASE, stored(known.case), known.chain, body, world)

    return Specification(Known(), learned, decided, is_ended, is_fact)


THREE = offers_of(FIRST, SECOND, THIRD)


def a_chain(
    *asked: Any, steps: tuple[Step, ...] = (), directory: Iterable[Payload] | None = None, agreed: Any = None
) -> Situation[Known, Any]:
    """A case whose first hand-off is proposed, and what was asked since."""
    spec = chain_of(*(THREE if directory is None else directory))
    *stages, strategy, consent = a_case(steps=steps)
    return after(spec.given(*stages, agreed or consent), strategy, *asked)


def body_of(asked: Any) -> Any:
    """The command itself."""
    return asked.body if isinstance(asked, At) else asked


def is_fact(asked: Any) -> bool:
    """Whether it is a fact of the case: it is known from then on, so that the law is checked by `after`."""
    return isinstance(body_of(asked), CasePayload)


def after(situation: Situation[Known, Any], *commands: Any) -> Situation[Known, Any]:
    """The situation after commands, the case's facts kept in its history; asked twice, they give nothing new."""
    for command in commands:
        events = situation.when(command)
        heard = [body_of(command)] if is_fact(command) else []
        situation = Situation(situation.decider, (*situation.history, *heard, *events))
        if heard:
            asked_twice_nothing_new(situation.decider, situation.state, command)
    return situation


def then(situation: Situation[Known, Any], *commands: Any) -> list[Payload]:
    """The events that the last of the commands leads to."""
    situation = after(situation, *commands[:-1])
    made = after(situation, commands[-1]).history[len(situation.history) :]
    return [event for event in made if not isinstance(event, CasePayload)]


def names(events: Iterable[Payload]) -> list[str]:
    """The events by their short names, such as `handoff.lapsed`."""
    return [event.TYPE.removeprefix("org.relais.").removesuffix(".v1") for event in events]


def declined(situation: Situation[Known, Any], reason: str = "not-eligible", **given: Any) -> Any:
    """The partner of the last proposal declines."""
    return by_partner(situation, "decline", reason=reason, caused_by="partner", **given)


def by_partner(situation: Situation[Known, Any], action: str, **given: Any) -> Any:
    """An action of the partner that was proposed last."""
    last = last_proposed(situation)
    by = By(role="partner", org=last.partner)
    return requested(action, handoff=last.handoff, by=by, **given)


def last_proposed(situation: Situation[Known, Any]) -> HandoffProposed:
    """The last proposal."""
    return [event for event in situation.history if isinstance(event, HandoffProposed)][-1]


def by_operator(action: str, **given: Any) -> Any:
    """An action of the case's operator on the first hand-off."""
    return requested(action, by=By(role="operator", org=OPERATOR), **given)


def by_coordinator(action: str, **given: Any) -> Any:
    """An action of a coordinator on the first hand-off."""
    return requested(action, by=By(role="coordinator", org="region-bfc"), **given)
