"""The partners of the demo: they receive referrals by webhook or feed and answer each in their own way.

Every webhook's signature is verified with the Standard Webhooks library. Speaks through `doors`.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from relais_cli.demo.cast import PARTNERS, Partner
from relais_cli.demo.doors import Doors

HANDOFF: Final = "org.relais.handoff."
THINKS_FOR: Final = (0.3, 1.8)
"""Seconds a partner takes before it acts, at least and at most."""
REFUSALS: Final = (("no-capacity", "partner"), ("not-eligible", "person"), ("not-reachable", "person"))
Answer = tuple[str, dict[str, Any]] | None


class Partners:
    """All partners of the cast behind one small web server; `is_down()` says whether those out of order still are."""

    def __init__(self, doors: Doors, is_down: Callable[[], bool], day_seconds: float) -> None:
        self._doors, self._is_down, self._day = doors, is_down, day_seconds
        self._secrets: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._resting = False
        self.received: Counter[str] = Counter()
        self.forged = 0
        self.refused_while_down = 0

    def application(self) -> web.Application:
        """The web server's application: one path a partner."""
        app = web.Application()
        app.router.add_post("/hooks/{partner}", self._hook)
        return app

    async def subscribe(self, base: str) -> None:
        """Make an endpoint for every partner that has a system."""
        for partner in PARTNERS.values():
            if partner.behaviour != "page":
                self._secrets[partner.id] = await self._doors.endpoint(partner.id, f"{base}/hooks/{partner.id}")

    async def _hook(self, request: web.Request) -> web.Response:
        partner = PARTNERS[request.match_info["partner"]]
        if partner.behaviour == "down" and self._is_down():
            self.refused_while_down += 1
            return web.Response(status=503)
        body = await request.read()
        try:
            Webhook(self._secrets[partner.id]).verify(body, dict(request.headers))
        except WebhookVerificationError:
            self.forged += 1
            return web.Response(status=401)
        self.received[request.headers["webhook-id"]] += 1
        self._react(partner, json.loads(body))
        return web.Response(status=204)

    async def follow_feed(self, partner: Partner) -> None:
        """A partner without a system of its own reads its feed until cancelled."""
        cursor: str | None = None
        while True:
            events, cursor = await self._doors.feed("partner", partner.id, cursor)
            for event in events:
                self._react(partner, event)

    async def rest(self) -> None:
        """Do nothing more; what was begun is finished."""
        self._resting = True
        await asyncio.gather(*self._tasks)

    def _react(self, partner: Partner, event: dict[str, Any]) -> None:
        if event["type"].startswith(HANDOFF) and partner.behaviour != "silent" and not self._resting:
            task = asyncio.create_task(self._answer(partner, event))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, partner: Partner, event: dict[str, Any]) -> None:
        chance = Random(event["id"])
        await asyncio.sleep(chance.uniform(*THINKS_FOR))
        handoff, what = event["data"]["handoff"], event["type"].removeprefix(HANDOFF).removesuffix(".v1")
        if what == "accepted" and chance.random() < 0.5:
            await self._doors.read_contact(partner.id, handoff)
        answer = self._decide(partner, what, chance)
        if answer is not None:
            action, more = answer
            await self._doors.act(partner.id, handoff, {"id": f"{event['id']}/{action}", "action": action, **more})

    def _decide(self, partner: Partner, what: str, chance: Random) -> Answer:
        soon = (datetime.now(UTC) + timedelta(seconds=self._day)).isoformat()
        appointment = {"appointment": {"at": soon, "place": "Accueil", "mode": "in-person"}}
        match what:
            case "proposed" if partner.behaviour == "choosy" and chance.random() < 0.5:
                reason, by = chance.choice(
                    (("no-capacity", "partner"), ("not-eligible", "person"), ("not-reachable", "person"))
                )
                return "decline", {"reason": reason, "caused_by": by}
            case "proposed":
                return "accept", {}
            case "accepted" | "appointment-cancelled":
                return "schedule", appointment
            case "scheduled" | "rescheduled" if chance.random() < 0.1:
                return "report-no-show", {}
            case "scheduled" | "rescheduled":
                return "report-attended", {}
            case "no-show":
                return "reschedule", appointment
            case "attended" if chance.random() < 0.85:
                outcome = chance.choices(("achieved", "partly", "not-achieved"), (8, 1, 1))[0]
                return "complete", {"outcome": outcome}
            case "cancellation-requested":
                return "confirm-cancellation", {}
            case _:
                return None
