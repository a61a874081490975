"""The operators of the demo: they take people through the four stages and answer for them when a step waits.

Speaks through `doors`; the stories come from `people`.
"""

import asyncio
from typing import Any, Final

from relais_cli.demo.doors import Doors
from relais_cli.demo.people import Person
from relais_contracts.cases import AnyOption, CaseOptionChosen, CasePayload
from relais_contracts.catalogue import dump
from relais_contracts.envelope import CloudEvent

BETWEEN_STAGES: Final = 0.3
"""Seconds."""
WAITING: Final = "org.relais.step.waiting.v1"


class Operator:
    """One operator's system: what it sends, and what it does with its feed."""

    def __init__(self, id: str, doors: Doors) -> None:
        self.id, self._doors = id, doors
        self._sent = 0

    async def counsel(self, person: Person) -> None:
        """Take a person through the stages, in order."""
        for payload in person.events:
            await self._send(person.case, payload)
            await asyncio.sleep(BETWEEN_STAGES)

    async def follow(self) -> None:
        """Read the feed until cancelled, and answer for the person where a step waits for a choice."""
        cursor: str | None = None
        while True:
            events, cursor = await self._doors.feed("operator", self.id, cursor)
            for event in events:
                await self._hear(event)

    async def _hear(self, event: dict[str, Any]) -> None:
        if event["type"] != WAITING or event["data"]["for"] != "choice":
            return
        chosen = CaseOptionChosen(step=event["data"]["step"], option=AnyOption(any=True))
        await self._send(event["subject"], chosen)

    async def _send(self, case: str, payload: CasePayload) -> None:
        self._sent += 1
        event = CloudEvent(
            id=f"{self._sent:06}", source=f"/{self.id}", type=payload.TYPE, subject=case, data=dump(payload)
        )
        status = await self._doors.say(self.id, event)
        if status != 202:
            raise RuntimeError(f"intake refused {payload.TYPE} of {case}: {status}")
