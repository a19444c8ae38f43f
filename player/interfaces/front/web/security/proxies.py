"""Who really asks, through the proxies that config.yaml names; what anybody else says of that is ignored."""

from __future__ import annotations

import re
from dataclasses import dataclass

from player.interfaces.front.web.security.access import Access, Address, ip_address
from player.interfaces.front.web.security.refusal import malformed
from player.interfaces.front.web.security.request_head import Head

BY_PROXIES = ("forwarded", "via", "x-forwarded-for", "x-real-ip")
"""What proxies add, beside all that begins with x-forwarded-."""
MOST_HOPS = 20
PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,63}){0,8}/?")
_WITH_PORT = re.compile(r"\[(?P<six>[0-9A-Fa-f:.%\w]+)\](?::\d{1,5})?|(?P<four>\d+\.\d+\.\d+\.\d+):\d{1,5}")


@dataclass(frozen=True)
class Asker:
    """Who asks, and for what, as their browser sees it.

    address     of the last hop that is no named proxy
    scheme      http or https
    host        the Host that was asked for, with its port if it has one
    prefix      the path below which the player is seen; "" or /music
    is_proxied  whether some proxy has handed it on, named or not
    """

    address: str
    scheme: str
    host: str
    prefix: str
    is_proxied: bool

    @property
    def origin(self) -> str:
        """The page's origin, if it is ours."""
        return f"{self.scheme}://{self.host.lower()}"


def read_asker(head: Head, access: Access) -> Asker:
    """Who asks. Raises Problem (400) where a named proxy says something odd."""
    proxied = any(name in BY_PROXIES or name.startswith("x-forwarded-") for name in head.headers)
    prefix = access.base_path.rstrip("/")
    host = head.get("host")
    if not access.trusts(head.peer):
        return Asker(str(head.peer or "unknown"), head.scheme, host, prefix, proxied)
    scheme = head.get("x-forwarded-proto").lower() or head.scheme
    if scheme not in ("http", "https"):
        raise malformed("X-Forwarded-Proto is neither http nor https.")
    if forwarded := head.get("x-forwarded-prefix"):
        if not PREFIX.fullmatch(forwarded):
            raise malformed("X-Forwarded-Prefix is no path.")
        prefix = forwarded.rstrip("/")
    address = _last_stranger(head, access)
    return Asker(str(address), scheme, head.get("x-forwarded-host") or host, prefix, True)


def _last_stranger(head: Head, access: Access) -> Address:
    """The nearest hop that is no named proxy: what stands before it, anybody may have written."""
    assert head.peer is not None
    at = head.peer
    hops = (
        [hop.strip() for hop in head.get("x-forwarded-for").split(",")]
        if "x-forwarded-for" in head.headers
        else []
    )
    if len(hops) > MOST_HOPS:
        raise malformed("X-Forwarded-For names too many addresses.")
    for hop in reversed(hops):
        found = _WITH_PORT.fullmatch(hop)
        address = ip_address(found["six"] or found["four"] if found else hop)
        if address is None:
            raise malformed("X-Forwarded-For holds something that is no address.")
        at = address
        if not access.trusts(address):
            break
    return at
