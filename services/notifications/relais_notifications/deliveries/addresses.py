"""Which addresses webhooks may go to: public ones only, judged after name resolution, on what is connected to.

Endpoints ask before a URL is taken, the sender's connector at every connection. It sends nothing.
"""

import asyncio
import ipaddress
import socket
from typing import Final
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
LONGEST_URL: Final = 2000


class NotAllowed(OSError):
    """The address is private, link-local, loopback or otherwise not of the public Internet."""


def is_public(text: str) -> bool:
    """Whether an IP address, IPv4 inside IPv6 included, is one of the public Internet's."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inside is None and address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(str(inside))
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def fault_of(url: str, *, allow_private: bool) -> str | None:
    """Why a URL cannot be an endpoint's, or None; names are judged later, when they are resolved."""
    if len(url) > LONGEST_URL or not url.isascii() or any(character <= " " for character in url):
        return f"a URL of at most {LONGEST_URL} ASCII characters, without blanks"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "a URL with a valid host and port"
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        return "an https:// URL"
    if not host or parts.username or parts.password or parts.fragment:
        return "a URL with a host, without user name, password or fragment"
    if not allow_private and is_literal(host) and not is_public(host):
        return "an address of the public Internet"
    return None


def is_literal(host: str) -> bool:
    """Whether a host is an IP address already: no resolver is asked then."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


class PublicOnly(AbstractResolver):
    """Resolves names, and refuses those that lead anywhere but to the public Internet."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver(asyncio.get_running_loop())

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The public addresses of a name; raises NotAllowed when any of them is not public."""
        found = await self._resolver.resolve(host, port, family)
        if not found or not all(is_public(each["host"]) for each in found):
            raise NotAllowed(f"{host} does not lead to the public Internet")
        return found

    async def close(self) -> None:
        """Nothing is held."""
        await self._resolver.close()
