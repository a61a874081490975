"""Which addresses webhooks may go to: public ones only, judged on the very address that is connected to.

Endpoints ask before a URL is taken, the sender's connector at every connection, after name resolution. It sends
nothing.
"""

import ipaddress
import socket
from functools import lru_cache
from typing import Any, Final

from yarl import URL

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
LONGEST_URL: Final = 2000


class NotAllowed(OSError):
    """The address is private, link-local, loopback or otherwise not of the public Internet."""


def is_public(text: str) -> bool:
    """Whether an IP address, IPv4 inside IPv6 included, is one of the public Internet's; ValueError if it is none."""
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


@lru_cache(maxsize=4096)
def expected_of(url: str, *, allow_private: bool) -> str | None:
    """What an endpoint's URL should be and is not, or None; names are judged when they are connected to."""
    if len(url) > LONGEST_URL or not url.isascii() or any(character <= " " for character in url):
        return f"a URL of at most {LONGEST_URL} ASCII characters, without blanks"
    try:
        parts = URL(url)
        host, port = parts.host, parts.port
    except ValueError:
        return "a URL with a valid host and port"
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        return "an https:// URL"
    if not host or "%" in host or not port or parts.user or parts.password or parts.fragment:
        return "a URL with a host, without user name, password or fragment"
    if not allow_private and _is_numeric(host) and not _is_public_literal(host):
        return "an address of the public Internet"
    return None


def _is_numeric(host: str) -> bool:
    """Whether a host is, or passes for, an IP address: no resolver is asked then."""
    return ":" in host or host.replace(".", "").isdigit()


def _is_public_literal(host: str) -> bool:
    try:
        return is_public(host)
    except ValueError:
        return False


def public_socket(to: tuple[Any, ...]) -> socket.socket:
    """A socket for one resolved address; raises NotAllowed where that is not of the public Internet."""
    family, kind, protocol, _, address = to
    if not _is_public_literal(str(address[0])):
        raise NotAllowed("not an address of the public Internet")
    return socket.socket(family=family, type=kind, proto=protocol)
