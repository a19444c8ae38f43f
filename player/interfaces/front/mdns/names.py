"""What the player is called on the local network."""

from __future__ import annotations

import socket

from player.config.settings.web import WebSettings
from player.system.machine import host_label
from player.system.player_name import player_name, suffix

LONGEST_LABEL = 63
"""Bytes of one part of a name (RFC 1035)."""
ROOM = 5
"""For the "-2" that a second player of the same name gets."""


def is_announced(web: WebSettings) -> bool:
    """Whether there is anything to find: a page that more than this machine reaches."""
    return web.enabled and web.announce and not web.loopback


def host() -> str:
    """A name of the player's own: the machine's own, HOST.local, is its system's to announce."""
    name = suffix(player_name())
    return f"{f'ambient-player-{host_label()}'[: LONGEST_LABEL - len(name)].strip('-')}{name}.local"


def of_machine() -> tuple[str, ...]:
    """What others on the network may call the machine: the log tells them its own name."""
    name = socket.gethostname()
    short = name.partition(".")[0]
    return (name, short, f"{short}.local") if short else ()


def label(venue: str) -> str:
    """What people read in a list of what was found: the venue's name, or the machine's."""
    text = venue or f"{' '.join(filter(None, ('ambient-player', player_name())))} on {socket.gethostname()}"
    shown = " ".join("".join(char if char.isprintable() else " " for char in text).replace(".", " ").split())
    return shown.encode(errors="replace")[: LONGEST_LABEL - ROOM].decode(errors="ignore").strip()
