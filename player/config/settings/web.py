"""Settings of the front: the page, the HTTP API and the metrics."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, Field

from player.config.settings.base import Settings
from player.privacy.redaction import shown

_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")


def listening_address(text: str) -> str:
    """An address of this machine, as pydantic's validators take it."""
    if text != "localhost" and not _is_ip(text):
        raise ValueError(
            f"found {shown(text)}; allowed is an address of this machine, such as 127.0.0.1, 0.0.0.0 or ::1"
        )
    return text


def _host(text: str) -> str:
    if len(text) > 253 or not (_NAME.fullmatch(text) or _is_ip(text)):
        raise ValueError(f"found {shown(text)}; allowed is a name such as cafe.example, without http://")
    return text.lower()


HostName = Annotated[str, AfterValidator(_host)]
"""A machine's name or address, without a scheme."""


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        raise ValueError(
            f"found {shown(text)}; allowed is an address such as 10.0.0.2, or a network such as 10.0.0.0/24"
        ) from None
    return text


def _base(text: str) -> str:
    path = text.rstrip("/")
    if not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        raise ValueError(f"found {shown(text)}; allowed is a path such as /music, or nothing")
    return path


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def is_loopback(address: str) -> bool:
    """Whether who listens there can only be reached by this machine itself."""
    return address == "localhost" or ipaddress.ip_address(address).is_loopback


def _ascending(ends: tuple[int, int]) -> tuple[int, int]:
    if ends[0] > ends[1]:
        raise ValueError(f"the lower end {ends[0]} is above the upper end {ends[1]}")
    return ends


Percent = Annotated[int, Field(ge=0, le=100)]


class WebSettings(Settings):
    """Where the page and the API are, and who may reach them."""

    enabled: bool = True
    listen: Annotated[str, AfterValidator(listening_address)] = "127.0.0.1"
    port: int = Field(8787, ge=0, le=65535)
    base_path: Annotated[str, AfterValidator(_base)] = ""
    hosts: tuple[HostName, ...] = ()
    proxies: tuple[Annotated[str, AfterValidator(_network)], ...] = ()
    staff_volume: Annotated[tuple[Percent, Percent], AfterValidator(_ascending)] = (10, 80)
    session_days: int = Field(30, ge=1, le=365)
    announce: bool = True

    @property
    def loopback(self) -> bool:
        """Whether only this machine itself can reach it."""
        return is_loopback(self.listen)
