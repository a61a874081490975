"""Routing's side of a transaction: what a batch reads before it decides, and what it writes beside the log.

Chains, draws and directory entries are streams of one service; only chains and draws have a state. The order of
reads and writes is here, the SQL is with the tables it belongs to, and nothing is decided here.
"""

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias, cast

from relais_chassis.commands import Command, Recorded
from relais_chassis.decider import JSON
from relais_chassis.model import Decide, Decided
from relais_chassis.postgres import Connection
from relais_contracts.cases import CasePayload
from relais_contracts.directory import PlacesDeclared
from relais_contracts.envelope import Payload
from relais_contracts.handoffs import HandoffProposed
from relais_contracts.identifiers import key_of
from relais_contracts.topics import HANDOFFS
from relais_routing import clocks, demand, directory, draws, unmet
from relais_routing.cases import Cases
from relais_routing.chain import decider
from relais_routing.chain.calendar import PARIS
from relais_routing.chain.clocks import next_check
from relais_routing.chain.commands import ChainCommand, CheckClocks, Rematch, World
from relais_routing.chain.evolve import evolve
from relais_routing.chain.policy import Policy
from relais_routing.chain.state import NO_CHAIN, Chain, dump, load
from relais_routing.choosing import Choosing, places_ahead
from relais_routing.decisions import Decisions
from relais_routing.demand import AskForPlaces, Demand, DemandState
from relais_routing.directory import LiveIndex, is_entry
from relais_routing.draws import CommitDraw, Draws, DrawState, RevealDraw
from relais_routing.impartiality import alarms
from relais_routing.impartiality.alarms import AlarmState, RaiseAlarm
from relais_routing.matching.taken import Taken as Counts
from relais_routing.places import Settlement, Taken, offer_of
from relais_routing.unmet import Unmet

RoutingState: TypeAlias = Chain | DrawState | DemandState | AlarmState | None


@dataclass(slots=True)
class Batch:
    """What one transaction decides with."""

    cases: Cases
    choosing: Choosing
    version: int
    """Of the directory, when it was looked at."""
    settlement: Settlement = field(default_factory=Settlement)
    decisions: Decisions = field(default_factory=Decisions)
    unmet: Unmet = field(default_factory=Unmet)
    demand: Demand = field(default_factory=Demand)


_IN_HAND: Final[ContextVar[Batch]] = ContextVar("the batch between open and close")


class RoutingModel:
    """What routing brings to `transact`."""

    def __init__(self, policy: Policy, live: LiveIndex | None = None) -> None:
        self.policy = policy
        self.live, self.draws, self.taken = live or LiveIndex(), Draws(), Taken()

    # States

    def initial(self, stream: str) -> RoutingState:
        """A chain without hand-offs, a day without a draw, an offer not asked; directory entries have no state."""
        if stream.startswith("chain/"):
            return NO_CHAIN
        if stream.startswith("demand/"):
            return DemandState()
        if stream.startswith("impartiality/"):
            return AlarmState()
        return DrawState() if stream.startswith("draw/") else None

    def load(self, stream: str, snapshot: bytes) -> RoutingState:
        """The chain of a snapshot."""
        return load(snapshot) if stream.startswith("chain/") else self.initial(stream)

    def dump(self, stream: str, state: RoutingState) -> bytes | None:
        """The snapshot of a chain; the few events of a draw, a demand or an alarm are read again."""
        return dump(state) if isinstance(state, Chain) else None

    def evolve(self, stream: str, state: RoutingState, event: Payload) -> RoutingState:
        """What follows."""
        if isinstance(state, Chain):
            return evolve(state, event)
        if isinstance(state, DemandState):
            return demand.evolve(state, event)
        if isinstance(state, AlarmState):
            return alarms.evolve(state, event)
        return draws.evolve(state, event) if isinstance(state, DrawState) else None

    def topic(self, stream: str) -> str | None:
        """Everything routing writes is on one topic."""
        return HANDOFFS.name

    def reply(self, state: RoutingState, command: Command, events: Sequence[Recorded]) -> JSON:
        """Nobody outside tells routing anything."""
        return None

    # The transaction

    async def open(self, conn: Connection, commands: Sequence[Command]) -> Decide[RoutingState]:
        """Read the cases, and follow the directory, the places and the draws."""
        chains = [command for command in commands if command.stream.startswith("chain/")]
        demands = any(command.stream.startswith("demand/") for command in commands)
        if chains or demands or any(is_entry(command.stream) for command in commands):
            await self.live.refresh(conn)
        if chains or demands:
            await self.taken.refresh(conn)
        if chains:
            await self.draws.refresh(conn, chains[-1].time.astimezone(PARIS).date())
        cases = await Cases.read(conn, {key_of(command.stream) for command in chains})
        index = self.live.index
        choosing = Choosing(index, self.draws.known, Counts(below=self.taken.known), self.policy.version)
        batch = Batch(cases, choosing, index.version)
        _IN_HAND.set(batch)
        return cast("Decide[RoutingState]", _Deciding(batch, self.policy))

    async def close(self, conn: Connection, decided: Sequence[Decided[RoutingState]]) -> None:
        """Write what is known, due and decided; then settle places, and what is unmet because of them, locks last."""
        batch = _IN_HAND.get()
        due = self._collect(batch, decided)
        await batch.cases.save(conn)
        await clocks.save(conn, due)
        await batch.decisions.save(conn)
        if not decided:
            return
        await draws.save(conn, [(one.command.body, one.events) for one in decided])
        changes = await self._directory(conn, batch, decided)
        gained = await batch.settlement.write(conn, self.taken.known)
        if gained and not changes:
            await self.live.refresh(conn)  # an offer may serve more people than when the batch was opened
        helping = [help for change in changes for help in unmet.helps(change, self.live.index)]
        helping += [help for place in gained for help in unmet.helped_by(offer_of(place), self.live.index)]
        await batch.demand.write(conn, [offer_of(place) for place in batch.settlement.opened()])
        await batch.unmet.write(conn, batch.version, decided[-1].command.time, helping)

    def _collect(self, batch: Batch, decided: Sequence[Decided[RoutingState]]) -> dict[str, datetime | None]:
        """Take in what each command did; when each chain is to be looked at next."""
        moved: dict[str, Chain] = {}
        for one in decided:
            if isinstance(one.command.body, AskForPlaces) and isinstance(one.after, DemandState):
                batch.demand.settle(one.command.body, one.after)
            if not isinstance(one.after, Chain) or not isinstance(one.before, Chain):
                continue
            id, command = key_of(one.command.stream), one.command
            if isinstance(command.body, Rematch):
                batch.unmet.checked.add(id)
            elif not one.events and not isinstance(command.body, CheckClocks):
                continue
            moved[id] = one.after
            batch.settlement.add(one.events, batch.choosing)
            batch.decisions.add(id, one.events, batch.choosing)
            batch.unmet.add(id, batch.cases.of(id).commune, one.before, one.after, command.time)
            self._look(batch, id, one.after, command.time)
        closures = batch.choosing.closures
        return {id: next_check(batch.cases.of(id), chain, self.policy, closures) for id, chain in moved.items()}

    def _look(self, batch: Batch, id: str, chain: Chain, now: datetime) -> None:
        """Note which full offers were looked at, and that a step which found nobody has seen them full."""
        today = now.astimezone(PARIS).date()
        for step in chain.steps.values():
            full = batch.choosing.full.get((id, step.step))
            if full is None:
                continue
            batch.demand.look(id, step.need, full, now)
            if step.phase == "unmet":
                seen = tuple([place for offer in full for place in places_ahead(offer, today)])
                batch.unmet.looked[id, step.step] = seen

    async def _directory(
        self, conn: Connection, batch: Batch, decided: Sequence[Decided[RoutingState]]
    ) -> list[Payload]:
        """Store entries of the directory, and follow what other workers stored before them; what they say."""
        entries = [
            (one.command.stream, one.command.body, one.command.time)
            for one in decided
            if isinstance(one.command.body, Payload) and is_entry(one.command.stream)
        ]
        if entries:
            await self.live.refresh(conn, await directory.store(conn, entries) - len(entries))
        for _, body, now in entries:
            if isinstance(body, PlacesDeclared):
                batch.settlement.declare(body, now)
        return [body for _, body, _ in entries]


class _Deciding:
    """The pure `decide` of one batch."""

    __slots__ = ("_batch", "_policy")

    def __init__(self, batch: Batch, policy: Policy) -> None:
        self._batch, self._policy = batch, policy

    def __call__(self, state: RoutingState, command: Command) -> Sequence[Payload]:
        if isinstance(state, Chain):
            return self._chain(state, command)
        if isinstance(state, DrawState) and isinstance(command.body, CommitDraw | RevealDraw):
            return draws.decide(state, command.body, command.time.astimezone(PARIS).date())
        if isinstance(state, DemandState) and isinstance(command.body, AskForPlaces):
            return self._demand(state, command.body, command.time)
        if isinstance(state, AlarmState) and isinstance(command.body, RaiseAlarm):
            return alarms.decide(state, command.body)
        return ()

    def _demand(self, state: DemandState, ask: AskForPlaces, now: datetime) -> Sequence[Payload]:
        choosing = self._batch.choosing
        offer = choosing.index.offer(ask.offer)
        is_full = offer is not None and choosing.is_full(offer, now.astimezone(PARIS).date())
        return demand.decide(state, ask, offer if is_full else None)

    def _chain(self, chain: Chain, command: Command) -> Sequence[Payload]:
        batch, choosing, body = self._batch, self._batch.choosing, cast(ChainCommand, command.body)
        id = key_of(command.stream)
        case = batch.cases.of(id)
        world = World(command.time, self._policy, choosing.choose, choosing.closures, choosing.reopened)
        events = decider.decide(id, case, chain, body, world)
        if isinstance(body, CasePayload):
            batch.cases.learn(id, body)
        for event in events:
            if isinstance(event, HandoffProposed):
                choosing.take(choosing.place(event.decision))
        return events
