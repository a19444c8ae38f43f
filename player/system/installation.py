"""How this player came onto the machine: what would look for a newer one depends on it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from player.system import resources

DEBIAN_HOME = Path("/usr/lib/ambient-player")
"""Where the Debian package has it (scripts/release/deb.py)."""
IMAGE = "AMBIENT_PLAYER_IMAGE"
"""Set in a container of the image (deploy/Containerfile)."""
PACKAGE = "ambient-player"


class Way(StrEnum):
    """Who put it there."""

    DEBIAN = "Debian package"
    IMAGE = "container"
    CHECKOUT = "checkout"
    PIPX = "pipx"
    UV = "uv tool"
    PIP = "pip"


@dataclass(frozen=True, slots=True)
class Installation:
    """Where the player is, and how it came there."""

    way: Way
    place: Path
    """The checkout, or the environment that it is installed in."""
    source: str = ""
    """The file or address that it was installed from; empty if pip took it from an index."""


def installation(
    env: Mapping[str, str] = os.environ,
    prefix: Path = Path(sys.prefix),
    installed: bool = resources.INSTALLED,
    root: Path = resources.ROOT,
) -> Installation:
    """Of the program that asks."""
    if not installed:
        return Installation(Way.CHECKOUT, root)
    if prefix == DEBIAN_HOME:
        return Installation(Way.DEBIAN, prefix)
    if env.get(IMAGE):
        return Installation(Way.IMAGE, prefix)
    if (prefix / "pipx_metadata.json").is_file():
        return Installation(Way.PIPX, prefix, _source())
    if (prefix / "uv-receipt.toml").is_file():
        return Installation(Way.UV, prefix, _source())
    return Installation(Way.PIP, prefix, _source())


def _source() -> str:
    """What pip notes of a package that comes from no index (PEP 610)."""
    try:
        said = distribution(PACKAGE).read_text("direct_url.json")
        return str(json.loads(said)["url"]).removeprefix("file://") if said else ""
    except (PackageNotFoundError, OSError, ValueError, LookupError, TypeError):
        return ""
