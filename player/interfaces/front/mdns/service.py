"""The page and the API announced to the local network, for as long as they listen to it."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import ifaddr
from zeroconf import Error, IPVersion, ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from player import __version__
from player.config.settings.web import WebSettings
from player.interfaces.front.interface import Interface
from player.interfaces.front.mdns import names
from player.interfaces.front.web.security.access import ANY
from player.log import EventLog, LogEvent
from player.system.backoff import BackOff

log = EventLog(__name__, LogEvent.WEB)

TYPES = ("_http._tcp.local.", "_ambient-player._tcp.local.")
LOOK_S = 15.0
"""Between two looks at the machine's addresses: a network may come later, or change."""
RETRY_S, RETRY_MAX_S = 5.0, 300.0


@dataclass(frozen=True)
class Addresses:
    """Of this machine.

    on   where it is said, IPv4
    own  where the page is, IPv4 and IPv6
    """

    on: tuple[str, ...]
    own: tuple[str, ...]


class Mdns(Interface):
    """Announces, follows the machine's addresses, and takes back what it said at its end."""

    section = "web"

    def __init__(
        self,
        web: WebSettings,
        name: str,
        port: int,
        addresses: Callable[[str], Addresses] | None = None,
    ) -> None:
        """What is announced.

        name       of the venue, or empty
        port       on which the page listens
        addresses  those of this machine for `web.listen`
        """
        self._web, self._name, self._port = web, name, port
        self._addresses = addresses or own_addresses

    def trouble(self) -> str | None:
        """See Interface: who knows the address finds the page anyway."""
        return None

    async def run(self) -> None:
        """See Interface."""
        back_off = BackOff(RETRY_S, RETRY_MAX_S)
        while True:
            try:
                await self._announce(back_off)
            except (OSError, Error, TimeoutError) as error:
                log.debug("the page cannot be announced (%s)", error)
                await asyncio.sleep(back_off.failed(time.monotonic()))

    async def _announce(self, back_off: BackOff) -> None:
        """Once, until the machine's addresses are others."""
        addresses = await asyncio.to_thread(self._addresses, self._web.listen)
        if not addresses.on or not addresses.own:
            await asyncio.sleep(LOOK_S)
            return
        responder = AsyncZeroconf(interfaces=list(addresses.on), ip_version=IPVersion.V4Only)
        try:
            for info in services(self._web, self._name, self._port, addresses.own):
                await (await responder.async_register_service(info, allow_name_change=True))
            back_off.worked()
            while await asyncio.to_thread(self._addresses, self._web.listen) == addresses:
                await asyncio.sleep(LOOK_S)
        finally:
            with suppress(OSError, Error):
                await responder.async_close()


def services(web: WebSettings, name: str, port: int, addresses: tuple[str, ...]) -> list[ServiceInfo]:
    """What is announced: the page for browsers, and the player for programs that look for one."""
    shown = names.label(name)
    text = {"version": __version__, "path": f"{web.base_path}/", "name": name or shown}
    return [
        ServiceInfo(
            kind,
            f"{shown}.{kind}",
            port=port,
            properties={key: value.encode(errors="replace")[:250] for key, value in text.items()},
            server=f"{names.host()}.",
            parsed_addresses=list(addresses),
        )
        for kind in TYPES
    ]


def own_addresses(listen: str) -> Addresses:
    """Those at which a page that listens on `listen` can be reached from the network."""
    found = [
        ipaddress.ip_address(one.ip if isinstance(one.ip, str) else one.ip[0])
        for adapter in ifaddr.get_adapters()
        for one in adapter.ips
    ]
    found = [one for one in found if not one.is_loopback and not (one.version == 6 and one.is_link_local)]
    v4 = tuple(sorted(str(one) for one in found if one.version == 4))
    if listen in ANY:
        own = tuple(sorted(str(one) for one in found if listen == "::" or one.version == 4))
        return Addresses(v4, own)
    own = tuple(str(one) for one in found if one == ipaddress.ip_address(listen))
    return Addresses(own if ":" not in listen else v4, own)
