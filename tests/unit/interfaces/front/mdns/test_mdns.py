"""The page as the local network finds it, heard by zeroconf's own browser; and what it is called there."""

from __future__ import annotations

import asyncio
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.responses import PlainTextResponse
from zeroconf import ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from player import __version__
from player.config.settings.front import FrontSettings
from player.config.settings.hub import HubWebSettings
from player.config.settings.web import WebSettings
from player.interfaces.front.interfaces import beside_the_page
from player.interfaces.front.listening import access_of
from player.interfaces.front.mdns import names, service
from player.interfaces.front.mdns.service import TYPES, Addresses, Mdns, own_addresses
from player.interfaces.front.page_server import address
from player.interfaces.front.web.security.gate import Gate
from tests.support.asgi import asked
from tests.support.front import OWNER

HERE = Addresses(("127.0.0.1",), ("127.0.0.1",))
PAGE = WebSettings(listen="0.0.0.0", base_path="/music")


@pytest.mark.parametrize(
    ("web", "announced"),
    [
        ({}, False),
        ({"listen": "localhost"}, False),
        ({"listen": "::1"}, False),
        ({"listen": "0.0.0.0"}, True),
        ({"listen": "192.168.1.20"}, True),
        ({"listen": "::", "announce": False}, False),
        ({"listen": "::", "enabled": False}, False),
    ],
)
def test_only_a_page_for_the_network_is_announced(web: dict[str, Any], announced: bool) -> None:
    settings = WebSettings.model_validate(web)
    assert bool(beside_the_page(FrontSettings(web=settings), 8787)) is announced
    assert (names.host() in access_of(settings).hosts) is announced, "a browser comes by that name"


@pytest.mark.parametrize("machine", ["Counter", "counter.cafe.lan"])
@pytest.mark.parametrize(
    ("kind", "listen", "known"),
    [
        (WebSettings, "0.0.0.0", True),
        (WebSettings, "192.168.1.20", True),
        (HubWebSettings, "::", True),
        (WebSettings, "localhost", False),
    ],
)
def test_a_page_for_the_network_answers_to_the_machines_name_which_the_log_tells(
    monkeypatch: pytest.MonkeyPatch, kind: type[WebSettings], listen: str, known: bool, machine: str
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: machine)
    settings = kind(listen=listen, announce=False)
    access = access_of(settings, settings.port)
    told = urlsplit(address(settings, settings.port)).netloc
    gate = Gate(PlainTextResponse("ok"), access, OWNER)
    for host in (told, *(f"{name}:{settings.port}" for name in (machine, "counter", "Counter.local"))):
        reply = asked(gate, "GET", "/", host=host)
        assert reply.status == (200 if known or host == told else 421), host


def test_a_name_is_one_that_the_network_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert names.label("Café St. Ann\n2") == "Café St Ann 2"
    assert len(names.label("카페" * 60).encode()) <= 58
    for machine, host in (("Bar_1.lan", "ambient-player-bar-1.local"), ("카페", "ambient-player.local")):
        monkeypatch.setattr(socket, "gethostname", lambda machine=machine: machine)
        assert names.host() == host
    monkeypatch.setattr(socket, "gethostname", lambda: "a" * 64)
    assert len(names.host().removesuffix(".local")) == 63


def test_this_machine_itself_is_no_address_on_the_network() -> None:
    found = own_addresses("0.0.0.0")
    assert "127.0.0.1" not in found.own
    assert own_addresses("192.0.2.1").own == (), "an address that the machine does not have"


def test_it_is_found_with_all_that_a_program_needs_and_gone_at_its_end() -> None:
    wanted = {f"Cafe mDNS.{kind}": kind for kind in TYPES}
    heard: set[tuple[str, ServiceStateChange]] = set()

    def note(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        heard.add((name, state_change))

    async def every(change: ServiceStateChange) -> None:
        async with asyncio.timeout(60):
            while not {(name, change) for name in wanted} <= heard:
                await asyncio.sleep(0.02)

    async def tried() -> None:
        async with AsyncZeroconf(interfaces=["127.0.0.1"]) as network:
            browser = AsyncServiceBrowser(network.zeroconf, list(TYPES), handlers=[note])
            task = asyncio.ensure_future(Mdns(PAGE, "Cafe mDNS", 8787, lambda _: HERE).run())
            await every(ServiceStateChange.Added)
            for name, kind in wanted.items():
                info = AsyncServiceInfo(kind, name)
                assert await info.async_request(network.zeroconf, 20_000)
                assert (info.port, info.parsed_addresses()) == (8787, ["127.0.0.1"])
                assert info.server == f"{names.host()}."
                assert info.decoded_properties == {
                    "version": __version__,
                    "path": "/music/",
                    "name": "Cafe mDNS",
                }
            task.cancel()
            await asyncio.wait([task])
            await every(ServiceStateChange.Removed)
            await browser.async_cancel()

    asyncio.run(tried())


def test_a_network_that_comes_later_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """No address, then a fault, then one: it is announced in the end."""
    monkeypatch.setattr(service, "LOOK_S", 0.01)
    monkeypatch.setattr(service, "RETRY_S", 0.01)
    answers: list[Addresses | OSError] = [Addresses((), ()), OSError("no such device")]
    told = asyncio.Event()

    def addresses(_: str) -> Addresses:
        answer = answers.pop(0) if answers else HERE
        if isinstance(answer, OSError):
            raise answer
        return answer

    async def tried() -> None:
        async with asyncio.timeout(60), AsyncZeroconf(interfaces=["127.0.0.1"]) as network:
            browser = AsyncServiceBrowser(
                network.zeroconf,
                TYPES[1],
                handlers=[lambda name, **_: told.set() if name.startswith("Later") else None],
            )
            task = asyncio.ensure_future(Mdns(PAGE, "Later", 8787, addresses).run())
            await told.wait()
            task.cancel()
            await asyncio.wait([task])
            await browser.async_cancel()

    asyncio.run(tried())
