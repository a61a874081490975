"""An ASGI app on a socket of its own: uvicorn as one part of a process, without its grip on signals.

Started last and stopped first, so that nothing is asked of a process that is leaving. It never restarts."""

import contextlib
import socket
from collections.abc import Iterator

import structlog
import uvicorn
from starlette.types import ASGIApp

log = structlog.get_logger(__name__)


class Server:
    """A part that answers HTTP; `url` is known as soon as it is made, port 0 takes a free one."""

    def __init__(self, app: ASGIApp, host: str, port: int, *, finish_within: float = 5.0) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=2048)
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._socket.getsockname()[1]}"
        self._server = _Uvicorn(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=65,
                timeout_graceful_shutdown=int(finish_within),
            )
        )

    async def run(self) -> None:
        """Answer until `stop`; requests in hand are finished, streams are cut after a few seconds."""
        log.info("listening", url=self.url)
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            self._socket.close()

    def stop(self) -> None:
        """Take no more connections and finish what is in hand."""
        self._server.should_exit = True

    async def check(self) -> str | None:
        """What is wrong with serving, or None."""
        return None if self._server.started else "not listening yet"


class _Uvicorn(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: the process has its own handlers, and decides when this part stops."""
        yield
