"""What must be true of every offer, read from routing's log: never one held too many, no place idle while one waits.

A place's events are put in the log while its row is locked, so the log's positions are the order in which they took
effect. It reads the database only.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg

from relais_cli.faults.places.course import GIVES_BACK, PEOPLE, PLACES
from relais_cli.stack import Stack
from relais_contracts.catalogue import parse_data
from relais_contracts.handoffs import HandoffPayload, HandoffProposed, StepUnmet

_LOG: Final = """
select stream, type, data from routing.log
where type = any($1::text[]) order by position
"""
_COUNTED: Final = """
select p.place, p.taken, count(r.handoff) as held from routing.place p left join routing.reservation r using (place)
group by p.place, p.taken having p.taken <> count(r.handoff)
"""
_BAD: Final = "select (select count(*) from routing.parked) + (select count(*) from routing.dead_letter)"


@dataclass(slots=True)
class Result:
    """The figures, and everything that does not hold."""

    figures: dict[str, Any]
    wrong: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Held:
    """Who holds a place at an offer, event by event."""

    now: set[str] = field(default_factory=set)
    most: int = 0
    proposals: int = 0
    released: int = 0
    given_again: int = 0
    """Proposals beyond the first ten: each of a place that somebody gave back."""

    def hear(self, told: HandoffPayload) -> None:
        """A hand-off is proposed, or gives its place back."""
        if isinstance(told, HandoffProposed):
            self.now.add(told.handoff)
            self.proposals += 1
            self.given_again += self.proposals > PLACES
            self.most = max(self.most, len(self.now))
        elif told.handoff in self.now:
            self.now.remove(told.handoff)
            self.released += 1


async def judge(stack: Stack, offers: Iterable[str]) -> Result:
    """Hold every offer of the rounds against the rule; the figures of all together."""
    held = {offer: Held() for offer in offers}
    waiting: set[str] = set()
    proposed: set[str] = set()
    refusals = 0
    conn = await asyncpg.connect(stack.superuser)
    try:
        async with conn.transaction():
            types = [model.TYPE for model in (HandoffProposed, StepUnmet, *GIVES_BACK)]
            async for stream, type, data in conn.cursor(_LOG, types, prefetch=5000):
                told = parse_data(type, data)
                if isinstance(told, StepUnmet) and stream not in proposed:
                    refusals += 1
                    waiting.add(stream)
                elif isinstance(told, HandoffPayload) and told.offer in held:
                    held[told.offer].hear(told)
                    proposed.add(stream)
        miscounted = await conn.fetch(_COUNTED)
        bad = await conn.fetchval(_BAD)
    finally:
        await conn.close()
    wrong = [f"{offer}: {each.most} held at once" for offer, each in held.items() if each.most > PLACES]
    wrong += [
        f"{offer}: {PEOPLE - each.proposals} people were never proposed though {PLACES - len(each.now)} places are free"
        for offer, each in held.items()
        if len(each.now) < PLACES and each.proposals < PEOPLE
    ]
    wrong += [f"{place}: counted {taken}, held {number}" for place, taken, number in miscounted]
    wrong += [f"{bad} records are parked or dead letters"] if bad else []
    return Result(_figures(list(held.values()), refusals, len(waiting - proposed)), wrong)


def _figures(held: list[Held], refusals: int, waiting: int) -> dict[str, Any]:
    ends = Counter("full" if len(each.now) == PLACES else "everybody tried" for each in held)
    return {
        "rounds": len(held),
        "people": len(held) * PEOPLE,
        "proposals": sum(each.proposals for each in held),
        "refusals_for_no_room": refusals,
        "places_released": sum(each.released for each in held),
        "places_given_again": sum(each.given_again for each in held),
        "most_held_at_once": max((each.most for each in held), default=0),
        "rounds_that_ended_full": ends["full"],
        "rounds_in_which_everybody_tried": ends["everybody tried"],
        "people_left_without_a_place": waiting,
    }
