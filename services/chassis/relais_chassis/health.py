"""Whether a process lives and whether all it stands on is right, for supervisors and for Prometheus.

Beside every app. It looks, and never mends."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from relais_chassis.problems import problem
from relais_chassis.redaction import message_of

log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[str | None]]
PATIENCE = 2.0  # seconds that one check may take


class Health:
    """Named checks, each telling what is wrong or None, and the three routes that show them."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def add(self, name: str, check: Check) -> None:
        """Make the process ready only when this check finds nothing wrong."""
        self._checks[name] = check

    async def wrong(self) -> dict[str, str]:
        """What is wrong, by check."""
        found = await asyncio.gather(*(self._ask(check) for check in self._checks.values()))
        return {name: said for name, said in zip(self._checks, found, strict=True) if said}

    def routes(self) -> list[Route]:
        """`/live`, `/ready` and `/metrics`."""
        return [
            Route("/live", self._live, include_in_schema=False),
            Route("/ready", self._ready, include_in_schema=False),
            Route("/metrics", self._metrics, include_in_schema=False),
        ]

    async def _ask(self, check: Check) -> str | None:
        try:
            return await asyncio.wait_for(check(), PATIENCE)
        except TimeoutError:
            return f"no answer within {PATIENCE:g} s"
        except Exception as failure:  # noqa: BLE001  whatever it is, it is what is wrong
            return f"{type(failure).__name__}: {message_of(failure)}"

    async def _live(self, _: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def _ready(self, _: Request) -> Response:
        if wrong := await self.wrong():
            return problem(503, "not-ready", f"not right: {', '.join(wrong)}", checks=wrong)
        return JSONResponse({"status": "ready", "checks": list(self._checks)})

    async def _metrics(self, _: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
