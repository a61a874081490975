"""How the demo's actors speak to Relais: over HTTP, with their own tokens, trying again when asked to wait.

Counts what was accepted, which the summary holds against the logs. It knows no behaviour.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import aiohttp

from relais_contracts.codec import to_json
from relais_contracts.envelope import CloudEvent

PATIENCE = 30
"""Tries before an answer that asks for patience is given up."""


class Doors:
    """Intake's and notifications' doors; `token(role, organisation)` gives an actor's token."""

    def __init__(
        self, session: aiohttp.ClientSession, urls: Mapping[str, str], token: Callable[[str, str], str]
    ) -> None:
        self._session, self._urls, self._token = session, urls, token
        self._tokens: dict[tuple[str, str], str] = {}
        self.accepted = 0
        self.answers: Counter[str] = Counter()

    async def say(self, operator: str, event: CloudEvent) -> int:
        """An operator's event to intake."""
        headers = {"Content-Type": "application/cloudevents+json"}
        status, _ = await self._call("POST", "intake", "/v1/events", "operator", operator, to_json(event), headers)
        return self._count("event", status)

    async def declare(self, organisation: str, lines: Sequence[bytes]) -> list[int]:
        """Directory lines to intake; one status a line."""
        headers = {"Content-Type": "application/x-ndjson"}
        body = b"\n".join(lines)
        _, text = await self._call("POST", "intake", "/v1/directory", "directory", organisation, body, headers)
        return [self._count("line", result["status"]) for result in text]

    async def act(self, partner: str, handoff: str, action: Mapping[str, Any]) -> int:
        """A partner's action on a hand-off."""
        path = f"/v1/handoffs/{handoff}/actions"
        status, _ = await self._call("POST", "intake", path, "partner", partner, action)
        return self._count("action", status)

    async def read_contact(self, partner: str, handoff: str) -> int:
        """A partner reads the contact; that too is an event."""
        status, _ = await self._call("GET", "intake", f"/v1/handoffs/{handoff}/contact", "partner", partner)
        self.accepted += status == 200
        return status

    async def endpoint(self, partner: str, url: str) -> str:
        """Make a webhook endpoint; its secret."""
        body = {"url": url, "description": "démonstration"}
        status, made = await self._call("POST", "notifications", "/v1/endpoints", "partner", partner, body)
        if status != 201:
            raise RuntimeError(f"no endpoint for {partner}: {status} {made}")
        return str(made["secret"])

    async def feed(self, role: str, organisation: str, after: str | None) -> tuple[list[dict[str, Any]], str | None]:
        """The next events of one's feed and the cursor after them; waits a second for some."""
        path = "/v1/feed?wait=1" + (f"&after={after}" if after else "")
        status, page = await self._call("GET", "notifications", path, role, organisation)
        if status != 200:
            raise RuntimeError(f"the feed of {organisation} answered {status}: {page}")
        return page["events"], page["cursor"]

    def _count(self, kind: str, status: int) -> int:
        self.answers[f"{kind} {status}"] += 1
        self.accepted += status == 202
        return status

    async def _call(
        self,
        method: str,
        service: str,
        path: str,
        role: str,
        organisation: str,
        body: bytes | Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        token = self._tokens.get((role, organisation))
        if token is None:
            token = self._tokens[role, organisation] = self._token(role, organisation)
        content = {"data": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
        for attempt in range(PATIENCE):
            async with self._session.request(
                method,
                self._urls[service] + path,
                headers={"Authorization": f"Bearer {token}", **(headers or {})},
                **content,
            ) as answer:
                if answer.status not in (429, 503) or attempt == PATIENCE - 1:
                    return answer.status, await _content(answer)
                wait = float(answer.headers.get("Retry-After", "1"))
            await asyncio.sleep(min(wait, 1.0))
        raise AssertionError("unreachable: the last try returns")


async def _content(answer: aiohttp.ClientResponse) -> Any:
    if "ndjson" in answer.content_type:
        import orjson

        return [orjson.loads(line) for line in (await answer.read()).splitlines() if line]
    return await answer.json(content_type=None) if answer.content_length != 0 else None
