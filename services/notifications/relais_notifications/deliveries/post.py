"""One POST to a receiver: within its time, without redirects, cookies or more than a glance at the answer.

The sender hands over what to send and gets what came back. It never decides what follows and never raises.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, Self

import aiohttp
import structlog

from relais_notifications.deliveries.addresses import expected_of, public_socket

CONNECT_WITHIN: Final = 5.0
GLANCE: Final = 16_384
"""Bytes of an answer that are read so that the connection can be used again; what is longer is cut off."""
PATIENCE: Final = timedelta(days=7)
"""A Retry-After that asks for more is heard as this; the schedule of retries may cut it further."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a POST: a status, or the fault that prevented one."""

    milliseconds: int
    status: int | None = None
    fault: str | None = None
    retry_after: timedelta | None = None


class Poster:
    """A client for webhooks; `within`: seconds for the whole exchange."""

    def __init__(self, *, within: float, allow_private: bool) -> None:
        self._within, self._allow_private = within, allow_private
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, keepalive_timeout=30, socket_factory=None if self._allow_private else public_socket
            ),
            timeout=aiohttp.ClientTimeout(total=self._within, sock_connect=min(CONNECT_WITHIN, self._within)),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"user-agent": "Relais/1 (webhooks)", "content-type": "application/cloudevents+json"},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def post(self, url: str, headers: dict[str, str], body: bytes, now: datetime) -> Answered:
        """Send once."""
        started = time.perf_counter()
        try:
            status, asked = await self._exchange(url, headers, body)
            return Answered(_since(started), status, retry_after=retry_after(asked, now))
        except TimeoutError:
            return Answered(_since(started), fault=f"no answer within {self._within:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return Answered(_since(started), fault=_said(error))
        except Exception as error:  # one odd receiver must not stop the others' deliveries
            log.warning("a webhook failed in an odd way", exc_info=error)
            return Answered(_since(started), fault=type(error).__name__)

    async def _exchange(self, url: str, headers: dict[str, str], body: bytes) -> tuple[int, str | None]:
        if self._session is None:
            raise RuntimeError("the poster is not open")
        expected = expected_of(url, allow_private=self._allow_private)
        if expected is not None:
            raise OSError(f"{expected} was expected")
        async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
            await response.content.read(GLANCE)
            if not response.content.at_eof():
                response.close()
            return response.status, response.headers.get("retry-after")


def retry_after(text: str | None, now: datetime) -> timedelta | None:
    """How long a Retry-After asks to wait, in seconds or as a date, within `PATIENCE`; None where it says nothing
    sensible. A receiver may write what it likes here: numbers beyond any calendar too."""
    if text is None:
        return None
    text = text.strip()
    try:
        if text.isascii() and text.isdigit():
            return min(timedelta(seconds=int(text)), PATIENCE)
        until = parsedate_to_datetime(text)
        return min(max(until - now, timedelta(0)), PATIENCE) if until.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)


def _said(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"cannot connect: {error.os_error}"[:200]
    return f"{type(error).__name__}: {error}"[:200]
