"""Actions on hand-offs, inside a transaction: routing's last word with the undecided actions folded on top.

Free text is sealed beside the log; its reference alone travels with the request.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, cast

from relais_chassis.commands import Recorded
from relais_chassis.decider import JSON, Refused
from relais_chassis.model import Decided
from relais_chassis.postgres import Connection
from relais_contracts.actions import ActionRequested
from relais_contracts.catalogue import dump
from relais_contracts.envelope import Payload
from relais_contracts.identifiers import key_of
from relais_contracts.transitions import State
from relais_intake.actions.decider import Handoff, Said, decide, evolve
from relais_intake.contacts import store as contacts
from relais_intake.contacts.sealing import Seal
from relais_intake.handoffs import store as handoffs
from relais_intake.handoffs.store import Undecided


@dataclass(slots=True)
class Asking:
    """Somebody asks something of a hand-off; `after` is filled in: the hand-off as it will be."""

    request: ActionRequested
    note: str | None = field(default=None, repr=False)
    after: Handoff | None = field(default=None, repr=False)


class Askings:
    """The hand-offs that a batch's actions are about, kept true while the batch is decided."""

    def __init__(self, known: dict[str, Handoff], of_erased: frozenset[str] = frozenset()) -> None:
        self._known, self._of_erased = known, of_erased

    @classmethod
    async def read(cls, conn: Connection, asked: Iterable[Asking]) -> "Askings":
        """The hand-offs as routing last told them, with what was asked since; those of erased cases, for the notes."""
        askings = list(asked)
        found = await handoffs.undecided(conn, {asking.request.handoff for asking in askings})
        noted = {asking.request.handoff for asking in askings if asking.note is not None}
        of_erased = await handoffs.of_erased_cases(conn, noted) if noted else frozenset[str]()
        return cls({each.id: as_asked(each) for each in found}, of_erased)

    def decide(self, asking: Asking) -> list[Payload]:
        """The request, or nothing where it is not new; raises Refused, also where a note came after the erasure."""
        request = asking.request
        handoff = self._known.get(request.handoff)
        if handoff is None:
            raise Refused("unknown-handoff", "there is no such hand-off of yours", status=404)
        events = decide(handoff, request)
        if events and asking.note is not None and request.handoff in self._of_erased:
            detail = "what was kept of this person was erased and nothing more is: expected the action without a note"
            raise Refused("case-erased", detail, allowed=handoff.allowed(request.by.role, request.received))
        asking.after = self._known[request.handoff] = reduce(evolve, events, handoff)
        return events


def as_asked(undecided: Undecided) -> Handoff:
    """A hand-off with its undecided actions on top; those no longer possible change nothing."""
    said = None if undecided.said is None else Said.model_validate_json(undecided.said)
    told = Handoff(cast(State, undecided.state), undecided.due, said)
    return reduce(evolve, map(ActionRequested.model_validate_json, undecided.requests), told)


def reply(asking: Asking, events: Sequence[Recorded]) -> JSON:
    """Where the hand-off will be once routing agrees, and what its asker may ask then."""
    request, after = asking.request, asking.after
    if after is None:
        return None
    return {
        "handoff": request.handoff,
        "action": request.action,
        "events": [event.id for event in events],
        "state": after.state,
        "allowed": list(after.allowed(request.by.role, request.received)),
    }


async def close(conn: Connection, seal: Seal, decided: Sequence[Decided[Any]]) -> None:
    """Remember the actions until routing answers, and keep their notes."""
    pending: list[tuple[str, int, str, bytes]] = []
    for one in decided:
        asking, case = one.command.body, key_of(one.command.stream)
        if not isinstance(asking, Asking):
            continue
        request = asking.request
        pending += [(case, event.version, request.handoff, dump(event.payload)) for event in one.events]
        if one.events and asking.note is not None and request.text is not None:
            by, now = (request.by.role, request.by.org), one.command.time
            await contacts.keep_note(conn, seal, request.text, case, request.handoff, by, asking.note, now)
    await handoffs.save_pending(conn, pending)
