"""Where the front listens and whom it trusts: the `web` settings as the checks need them."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

ANY = ("", "0.0.0.0", "::")
"""Listening on these means on every address that the machine has."""


@dataclass(frozen=True)
class Access:
    """Whom the front lets in, as config.yaml says it.

    listen        the address to listen on
    port          TCP port
    base_path     below which path a proxy shows the player, as /music; "" if at the top
    hosts         further names that the player may be reached by
    proxies       from whom X-Forwarded-* is believed
    staff_volume  the least and the greatest volume that staff may set, 0 to 100
    session_days  how long a login lasts
    """

    listen: str = "127.0.0.1"
    port: int = 8787
    base_path: str = ""
    hosts: tuple[str, ...] = ()
    proxies: tuple[Network, ...] = ()
    staff_volume: tuple[int, int] = (10, 80)
    session_days: float = 30

    @property
    def is_local(self) -> bool:
        """Whether only programs of this machine reach it."""
        return is_loopback(self.listen)

    def trusts(self, peer: Address | None) -> bool:
        """Whether a peer is one of the named proxies."""
        return peer is not None and any(
            peer.version == network.version and peer in network for network in self.proxies
        )

    def refusal(self, has_password: bool) -> str | None:
        """Why the front must not listen like this, in one sentence; None if it may."""
        if has_password or (self.is_local and not self.proxies):
            return None
        what = "behind a proxy" if self.is_local else f"on {self.listen}"
        return (
            f"the web interface does not start {what} without a password: anybody could drive the player."
            " Set one with `ambient-player web password`,"
            " or set web.listen to 127.0.0.1 and web.proxies to []."
        )


def network(text: str) -> Network:
    """An address or a network, as 10.0.0.7 or 10.0.0.0/8. Raises ValueError."""
    return ipaddress.ip_network(text.strip(), strict=False)


def ip_address(text: str) -> Address | None:
    """An address without its zone, IPv4 in its own form; None if it is none."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def is_loopback(host: str) -> bool:
    """Whether a host can only be this machine itself."""
    found = ip_address(host)
    return found.is_loopback if found is not None else host.lower() == "localhost"
